package updraft

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/metrics"
	"github.com/updraft-otel/updraft/outbox"
)

// TestMetricRoad_poison: a datum that CloudWatch refuses costs itself alone,
// whether CloudWatch names it or not.
func TestMetricRoad_poison(t *testing.T) {
	names := regexp.MustCompile(`good|poison`)
	f := func(name, text string, n int, poison map[int]bool, most int64) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			var calls, taken atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				var violations []string
				datums := names.FindAllString(bodyOf(t, r), -1)
				for i, datum := range datums {
					if datum == "poison" {
						violations = append(violations, strings.ReplaceAll(text, "#", fmt.Sprint(i+1)))
					}
				}
				if len(violations) > 0 {
					w.Header().Set("Content-Type", "application/x-amz-json-1.0")
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprintf(w, `{"__type":"InvalidParameterValue","message":%q}`, strings.Join(violations, "\n"))
					return
				}
				taken.Add(int64(len(datums)))
			}))
			defer server.Close()
			b := &builder{Telemetry: &Telemetry{}, config: Config{AWS: localAWS(server.URL)}}
			queue, err := b.metricsQueue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				d := metrics.Datum{Name: "good", Time: time.Now(), Value: 1}
				if poison[i] {
					d.Name = "poison"
				}
				if err := queue.Put("shop", d.Time, metrics.AppendDatum(nil, &d)); err != nil {
					t.Fatal(err)
				}
			}
			if err := queue.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			r := b.outlets[0].report()
			if r.Delivered != int64(n-len(poison)) || r.Dropped[outbox.DropRefused] != int64(len(poison)) || taken.Load() != r.Delivered || calls.Load() > most {
				t.Errorf("%d calls, %d taken: %+v", calls.Load(), taken.Load(), r)
			}
			if !strings.Contains(r.LastError, strings.ReplaceAll(text, "#", "")[:20]) {
				t.Errorf("last error %q", r.LastError)
			}
		})
	}
	const named = "The value NaN for parameter MetricData.member.#.Value is invalid."
	f("named", named, 100, map[int]bool{0: true, 57: true, 99: true}, 2)
	f("named, more than the text holds", named, 100, map[int]bool{1: true, 3: true, 5: true, 7: true, 9: true, 11: true, 13: true, 15: true, 17: true, 19: true}, 4)
	f("not named", "The request has a metric that is not taken.", 100, map[int]bool{57: true}, 15)
	f("wrongly named", "The value NaN for parameter MetricData.member.100#.Value is invalid.", 100, map[int]bool{57: true}, 15)
	f("all", named, 4, map[int]bool{0: true, 1: true, 2: true, 3: true}, 7)
}

func bodyOf(t *testing.T, r *http.Request) string {
	t.Helper()
	var reader io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return ""
		}
		reader = unzipped
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}
