package web

import (
	"log/slog"
	"net/http"
	"time"

	"zoeklicht"
)

// alarmView says on every page of the duty role what waits in the urgent lane: a
// suspected minor must not wait until somebody happens to open it.
type alarmView struct {
	zoeklicht.Alarm
	Waits   time.Duration // of the oldest, at the time of the page
	Unknown bool          // it could not be asked: that is said, for silence would mean "none"
}

// Any reports whether there is something to say.
func (a *alarmView) Any() bool { return a.Unknown || a.Waiting+a.Taken > 0 }

// askAlarm asks once per page what waits, for the duty role only.
func (q *request) askAlarm() {
	if q.alarm != nil || q.theme == nil || !(page{q: q}).MayDuty() {
		return
	}
	q.alarm = &alarmView{}
	var err error
	if q.alarm.Alarm, err = q.site.Sealer.Alarm(q.Context(), q.pass); err != nil {
		q.alarm.Unknown = true
		q.site.Log.ErrorContext(q.Context(), "what waits in the urgent lane is not known", slog.String("ref", refOf(q.Context())), slog.Any("err", err))
	}
	if !q.alarm.Oldest.IsZero() {
		q.alarm.Waits = max(0, q.now.Sub(q.alarm.Oldest))
	}
}

// Alarm is what waits in the urgent lane, nil for who does not have that duty.
func (p page) Alarm() *alarmView {
	if p.q.theme == nil {
		return nil
	}
	return p.q.alarm
}

// alarm is the part of every page that asks again by itself.
func (s *site) alarm(q *request) error {
	if !(page{q: q}).MayDuty() {
		return notThere()
	}
	q.askAlarm()
	return q.show(http.StatusOK, "urgent/alarm", urgentPage{page: page{q: q}})
}
