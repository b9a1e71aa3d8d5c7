package practice

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"zoeklicht"
)

// SiteStats is what visitors did to one site since it was started.
type SiteStats struct {
	Site       string `json:"site"`
	Requests   int64  `json:"requests"`
	Robots     int64  `json:"robots"`
	Listings   int64  `json:"listings"`
	Adverts    int64  `json:"adverts"`
	Pictures   int64  `json:"pictures"`
	Disallowed int64  `json:"disallowed"` // requests for what robots.txt forbids
	MostAtOnce int64  `json:"most_at_once"`
}

// Stats counts what visitors did, per site.
func (s *Server) Stats() []SiteStats {
	out := make([]SiteStats, len(s.stats))
	for i, key := range s.World.Sites() {
		c := &s.stats[i]
		out[i] = SiteStats{
			key, c.requests.Load(), c.robots.Load(), c.listings.Load(),
			c.adverts.Load(), c.pictures.Load(), c.disallowed.Load(), c.most.Load(),
		}
	}
	return out
}

func (s *Server) truePicture(a *Advert, p Picture, hash bool) TruePicture {
	home := s.addresses.Sites[a.Site]
	if p.Host == pictureHost {
		home = s.addresses.Pictures
	}
	t := TruePicture{URL: home + p.Path, Trouble: p.Trouble}
	if hash && p.Trouble == Fine {
		sum := sha256.Sum256(s.World.PictureBytes(p.Key))
		t.SHA256 = hex.EncodeToString(sum[:])
	}
	return t
}

// OnlineAdvert is a line of /.truth/online.
type OnlineAdvert struct {
	Site   string               `json:"site"`
	Number int                  `json:"number"`
	URL    string               `json:"url"`
	Listed bool                 `json:"listed"`
	Hidden zoeklicht.NotContent `json:"hidden,omitempty"`
}

// truthHandler serves the truth and the controls; the package comment has their
// addresses.
func (s *Server) truthHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.truth/online", func(w http.ResponseWriter, r *http.Request) {
		day, err := s.dayParam(r, "day")
		if err != nil {
			refuse(w, err)
			return
		}
		lines(w, func(put func(any)) {
			for i, lives := range s.World.today(day).listings {
				site := s.World.sites[i]
				key, listed := site.habits().key, !s.World.emptyListing(i, day)
				for _, l := range lives {
					a := s.World.advert(l, day)
					put(OnlineAdvert{key, a.Number, s.addresses.Sites[key] + site.path(a), listed, s.World.Barrier(key, a.Number, day)})
				}
			}
		})
	})
	versions := func(w http.ResponseWriter, r *http.Request, fromName, toName string) {
		from, err := s.dayParam(r, fromName)
		to, err2 := s.dayParam(r, toName)
		if err != nil || err2 != nil {
			refuse(w, firstError(err, err2))
			return
		}
		lines(w, func(put func(any)) {
			for t := range s.truth(from, to, r.URL.Query().Get("hash") == "1") {
				put(t)
			}
		})
	}
	mux.HandleFunc("GET /.truth/adverts", func(w http.ResponseWriter, r *http.Request) { versions(w, r, "day", "day") })
	mux.HandleFunc("GET /.truth/versions", func(w http.ResponseWriter, r *http.Request) { versions(w, r, "from", "to") })
	mux.HandleFunc("GET /.truth/day", func(w http.ResponseWriter, _ *http.Request) {
		lines(w, func(put func(any)) { put(s.Addresses()) })
	})
	mux.HandleFunc("POST /.truth/day", func(w http.ResponseWriter, r *http.Request) {
		day, err := s.dayParam(r, "d")
		if err == nil {
			err = s.SetDay(day)
		}
		if err != nil {
			refuse(w, err)
			return
		}
		lines(w, func(put func(any)) { put(s.Addresses()) })
	})
	mux.HandleFunc("GET /.truth/faults", func(w http.ResponseWriter, _ *http.Request) {
		lines(w, func(put func(any)) {
			for _, f := range s.Faults() {
				put(f)
			}
		})
	})
	mux.HandleFunc("POST /.truth/faults", func(w http.ResponseWriter, r *http.Request) {
		var list []Fault
		dec := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
		dec.DisallowUnknownFields()
		err := dec.Decode(&list)
		if err == nil {
			err = s.SetFaults(list)
		}
		if err != nil {
			refuse(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /.truth/stats", func(w http.ResponseWriter, _ *http.Request) {
		lines(w, func(put func(any)) {
			for _, st := range s.Stats() {
				put(st)
			}
		})
	})
	return mux
}

// dayParam reads a day; the day that is served where none is given.
func (s *Server) dayParam(r *http.Request, name string) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return s.Day(), nil
	}
	day, err := strconv.Atoi(text)
	if err != nil {
		return 0, zoeklicht.Errorf(zoeklicht.Invalid, "%s is %q: a number of days", name, text)
	}
	return day, checkDay(day)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func refuse(w http.ResponseWriter, err error) {
	http.Error(w, err.Error(), http.StatusBadRequest)
}

// lines answers in JSON lines.
func lines(w http.ResponseWriter, each func(put func(any))) {
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	buf := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	each(func(v any) { _ = enc.Encode(v) }) // the reader may have left
	_ = buf.Flush()
}
