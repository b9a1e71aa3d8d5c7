package web

import (
	"context"

	"zoeklicht"
	"zoeklicht/internal/access"
)

func (w *world) Alarm(_ context.Context, pass *access.Pass) (a zoeklicht.Alarm, err error) {
	if err := pass.Allow(zoeklicht.ActDuty); err != nil {
		return a, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var oldest, taken zoeklicht.Seal
	for _, s := range w.seals {
		switch {
		case !s.Why.Urgent() || !s.Done.IsZero():
		case !s.Taken.IsZero():
			if a.Taken++; taken.At.IsZero() || s.At.Before(taken.At) {
				taken = s
			}
		default:
			if a.Waiting++; oldest.At.IsZero() || s.At.Before(oldest.At) {
				oldest = s
			}
		}
	}
	if a.Oldest = oldest.At; a.Waiting == 0 {
		a.Oldest = taken.At
	}
	return a, w.alarmFails
}
