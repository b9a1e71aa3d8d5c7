package http1_test

import (
	"testing"

	"zoeklicht"
	"zoeklicht/internal/fetch"
	"zoeklicht/internal/fetch/fetchtest"
	"zoeklicht/internal/fetch/http1"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	fetchtest.Kit{Wire: true, Open: func(t testing.TB, cfg fetch.Config, clock zoeklicht.Clock) fetch.Driver {
		return http1.New(cfg, &fetch.Direct{Clock: clock}, clock, nil)
	}}.Run(t)
}
