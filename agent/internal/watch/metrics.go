package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// A metric is one series: a number, or a histogram's count and sum.
type metric struct {
	labels     map[string]string
	value      float64
	count, sum float64
}

// A snapshot is a collector's metrics at a time, by name.
type snapshot struct {
	at      time.Time
	metrics map[string][]metric
}

// Limits of reading.
const (
	readTimeout = 5 * time.Second
	maxText     = 32 << 20 // a collector has some hundred series
)

// textFormat is the form of metrics that every collector has.
// https://prometheus.io/docs/instrumenting/content_negotiation/
const textFormat = "text/plain;version=0.0.4"

// fetch asks a collector for its metrics.
func fetch(ctx context.Context, client *http.Client, url string, now func() time.Time) (snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return snapshot{}, err
	}
	req.Header.Set("Accept", textFormat)
	resp, err := client.Do(req)
	if err != nil {
		return snapshot{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return snapshot{}, fmt.Errorf("%s answers %s; the address of metrics ends with /metrics", url, resp.Status)
	}
	return parse(io.LimitReader(resp.Body, maxText), now())
}

// parse reads metrics in the text format.
func parse(r io.Reader, at time.Time) (snapshot, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return snapshot{}, fmt.Errorf("read metrics: %w", err)
	}
	if len(families) == 0 {
		return snapshot{}, errors.New("read metrics: there are none")
	}
	s := snapshot{at: at, metrics: make(map[string][]metric, len(families))}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			s.metrics[name] = append(s.metrics[name], metricOf(m))
		}
	}
	return s, nil
}

func metricOf(m *dto.Metric) metric {
	labels := make(map[string]string, len(m.GetLabel()))
	for _, l := range m.GetLabel() {
		labels[l.GetName()] = l.GetValue()
	}
	out := metric{labels: labels}
	switch {
	case m.Counter != nil:
		out.value = m.Counter.GetValue()
	case m.Gauge != nil:
		out.value = m.Gauge.GetValue()
	case m.Untyped != nil:
		out.value = m.Untyped.GetValue()
	case m.Histogram != nil:
		out.count, out.sum = float64(m.Histogram.GetSampleCount()), m.Histogram.GetSampleSum()
	}
	return out
}

// labels choose series: those that have them all.
type labels map[string]string

func (l labels) match(m metric) bool {
	for name, value := range l {
		if m.labels[name] != value {
			return false
		}
	}
	return true
}

// total adds up the series of a name, and tells whether there are any.
func (s snapshot) total(name string, l labels) (sum float64, found bool) {
	for _, m := range s.metrics[name] {
		if l.match(m) {
			sum += m.value
			found = true
		}
	}
	return sum, found
}

// histogram adds up the histograms of a name.
func (s snapshot) histogram(name string, l labels) (count, sum float64) {
	for _, m := range s.metrics[name] {
		if l.match(m) {
			count += m.count
			sum += m.sum
		}
	}
	return count, sum
}

// label is a label's value in the first series of a name.
func (s snapshot) label(name, label string) string {
	for _, m := range s.metrics[name] {
		return m.labels[label]
	}
	return ""
}
