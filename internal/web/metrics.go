package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts requests by screen, never by theme, person or address: /metrics is
// read by machines that have no pass.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	handler  http.Handler
}

func newMetrics(reg *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zoeklicht_http_requests_total",
			Help: "Requests answered by the dashboard, by method and status class.",
		}, []string{"method", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "zoeklicht_http_request_seconds",
			Help:    "How long answering took, by method.",
			Buckets: []float64{.005, .01, .025, .05, .1, .2, .3, .5, 1, 2, 5, 10},
		}, []string{"method"}),
		handler: promhttp.HandlerFor(reg, promhttp.HandlerOpts{}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) seen(r *http.Request, status int, took time.Duration) {
	m.requests.WithLabelValues(method(r), strconv.Itoa(status/100)+"xx").Inc()
	m.seconds.WithLabelValues(method(r)).Observe(took.Seconds())
}
