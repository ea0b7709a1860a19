package metrics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func newTestEMF(t testing.TB, c EMFConfig) (*EMF, *lines) {
	t.Helper()
	q := &lines{}
	c.Queue, c.Namespace, c.Key = q, "shop", "group"
	e, err := NewEMF(c)
	if err != nil {
		t.Fatal(err)
	}
	return e, q
}

func TestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, q := newTestEMF(t, EMFConfig{Dimensions: []Dimension{D("Service", "shop")}})
		r := e.With(D("Page", "cart"), D("Tenant", "")).By("Service").By("Page", "Service")
		r.Put("Latency", 12, "ms").Put("Latency", 14, "ms").PutHighResolution("Queue", 3, "").Put("Orders", 1, Count)
		r.Set("request", "A-17").Set("items", 2).Set("request", "A-18")
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if r.Put("Late", 1, Count).Close() != nil || e.Dropped()[DropClosed] != 1 {
			t.Error(e.Dropped())
		}
		wantLines(t, q.take(), `group 00:00:00 {"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["Service","Page"],["Service"]],"Metrics":[`+
			`{"Name":"Latency","Unit":"Milliseconds"},{"Name":"Queue","StorageResolution":1},{"Name":"Orders","Unit":"Count"}]}],`+
			`"Timestamp":946684800000},"Service":"shop","Page":"cart","request":"A-18","items":2,"Latency":[12,14],"Queue":3,"Orders":1}`)
		if err := e.Shutdown(t.Context()); err != nil || q.stopped != 1 {
			t.Error(err)
		}
		if err := e.With().Put("Late", 1, Count).Close(); !errors.Is(err, errShutDown) {
			t.Error(err)
		}
	})
}

// TestRequest_flush keeps dimensions and properties, and writes nothing of
// nothing.
func TestRequest_flush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, q := newTestEMF(t, EMFConfig{})
		r := e.With(D("Job", "nightly"))
		_ = r.Flush()
		wantLines(t, q.take())
		r.Set("run", 7).Put("Rows", 1, Count)
		_ = r.Flush()
		pass(time.Minute)
		r.Put("Rows", 2, Count)
		_ = r.Close()
		aws := `{"_aws":{"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["Job"]],"Metrics":[{"Name":"Rows","Unit":"Count"}]}],"Timestamp":`
		wantLines(t, q.take(),
			`group 00:00:00 `+aws+`946684800000},"Job":"nightly","run":7,"Rows":1}`,
			`group 00:01:00 `+aws+`946684860000},"Job":"nightly","run":7,"Rows":2}`)
	})
}

func TestRequest_noMetrics(t *testing.T) {
	e, q := newTestEMF(t, EMFConfig{NoMetrics: true, Now: func() time.Time { return time.Unix(0, 0) }})
	_ = e.With(D("Page", "cart")).Put("Orders", 1, Count).Close()
	wantLines(t, q.take(), `group 00:00:00 {"Page":"cart","Orders":1}`)
}

// TestRequest_splits has more than a document can hold.
func TestRequest_splits(t *testing.T) {
	f := func(name string, wantLines, wantValues int, fill func(r *Request)) {
		t.Helper()
		e, q := newTestEMF(t, EMFConfig{})
		r := e.With(D("Page", "cart"))
		fill(r)
		_ = r.Close()
		got, values := q.take(), 0
		for _, line := range got {
			var doc map[string]json.RawMessage
			text := line[strings.Index(line, "{"):]
			if err := json.Unmarshal([]byte(text), &doc); err != nil || len(text) > MaxDocumentBytes {
				t.Fatalf("%s: %v, %d bytes", name, err, len(text))
			}
			metrics := 0
			for member, value := range doc {
				if member != "_aws" && member != "Page" && member[0] != 'p' {
					metrics++
					n := 1 + strings.Count(string(value), ",")
					if n > MaxDocumentValues {
						t.Errorf("%s: %d values of %s", name, n, member)
					}
					values += n
				}
			}
			if metrics > MaxDocumentMetrics {
				t.Errorf("%s: %d metrics", name, metrics)
			}
		}
		if len(got) != wantLines || values != wantValues {
			t.Errorf("%s: %d lines with %d values, dropped %v", name, len(got), values, e.Dropped())
		}
	}
	f("101 metrics", 2, 101, func(r *Request) {
		for i := range 101 {
			r.Put(fmt.Sprint("M", i), 1, Count)
		}
	})
	f("101 values", 2, 101, func(r *Request) {
		for i := range 101 {
			r.Put("M", float64(i), Count)
		}
	})
	f("one name, two units", 2, 2, func(r *Request) { r.Put("M", 1, Count).Put("M", 1, Seconds) })
	f("10,001 values", 101, 10_001, func(r *Request) {
		for i := range 10_001 {
			r.Put("M", float64(i), Count)
		}
	})
	f("a megabyte of properties", 1, 1, func(r *Request) { r.Put("M", 1, Count).Set("p", strings.Repeat("x", 1<<20)) })
}

func TestRequest_refused(t *testing.T) {
	var told []string
	e, q := newTestEMF(t, EMFConfig{Notify: func(m string) { told = append(told, m) }})
	r := e.With(manyDimensions(MaxDimensions + 2)...)
	for range 2 {
		r.Put("Latency", math.NaN(), Milliseconds).Put("Latency", math.Inf(-1), Milliseconds).Put("Latency", -math.Ldexp(1, 361), "")
		r.Put("Latency", 1, "Parsecs").Put("", 1, Count).Put("_aws", 1, Count).Set("_aws", 1).Set("", 1)
	}
	_ = r.Close()
	wantLines(t, q.take())
	want := map[string]int64{DropNotFinite: 4, DropOutOfRange: 2, DropBadUnit: 2, DropNoName: 8, DropDimensionLimit: 2}
	if got := e.Dropped(); fmt.Sprint(got) != fmt.Sprint(want) || len(told) != len(want) {
		t.Errorf("dropped %v, want %v; told %q", got, want, told)
	}
	var none *EMF
	if none.With(D("a", "b")).Put("A", 1, Count).Set("b", 1).By("a").Close() != nil || none.Flush(t.Context()) != nil || none.Shutdown(t.Context()) != nil {
		t.Error("a nil EMF does something")
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("no") }

func TestRequest_properties(t *testing.T) {
	f := func(value any, want string) {
		t.Helper()
		if got := string(propertyJSON(value)); got != want || !json.Valid([]byte(got)) {
			t.Errorf("%v: %s, want %s", value, got, want)
		}
	}
	f(nil, `null`)
	f("a\n\xff", `"a\n`+"\uFFFD"+`"`)
	f(1, `1`)
	f(1.5, `1.5`)
	f(float32(2), `2`)
	f(math.NaN(), `"NaN"`)
	f(errors.New("broken"), `"broken"`)
	f(1500*time.Microsecond, `1.5`)
	f([]string{"a"}, `["a"]`)
	f(map[string]int{"a": 1}, `{"a":1}`)
	f(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), `"2026-01-02T03:04:05Z"`)
	f(json.RawMessage("{\n}"), `{}`)
	f([]float64{math.Inf(1)}, `"[+Inf]"`)
	f(panics{}, `"metrics.panics: panic: no"`)
	f((*time.Time)(nil), `null`)
}

// TestRequest_concurrent fills requests from several goroutines.
func TestRequest_concurrent(t *testing.T) {
	e, q := newTestEMF(t, EMFConfig{})
	var wait sync.WaitGroup
	for range 4 {
		r := e.With(D("Page", "cart"))
		var fill sync.WaitGroup
		for i := range 4 {
			fill.Go(func() {
				for range 10 {
					r.Put("Orders", 1, Count).Set(fmt.Sprint("p", i), i).With(D(fmt.Sprint("d", i), "x"))
				}
			})
		}
		wait.Go(func() {
			fill.Wait()
			_ = r.Close()
		})
	}
	wait.Wait()
	if got := q.take(); len(got) != 4 || strings.Count(strings.Join(got, ""), "1,1,1") == 0 {
		t.Errorf("%d lines", len(got))
	}
}

func TestNewEMF_refuses(t *testing.T) {
	for _, c := range []EMFConfig{{Namespace: "shop"}, {Queue: &lines{}}} {
		if _, err := NewEMF(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestReadEMFEnvironment(t *testing.T) {
	f := func(variables map[string]string, want EMFEnvironment, wantErr bool) {
		t.Helper()
		got, err := ReadEMFEnvironment(func(name string) string { return variables[name] })
		if got != want || (err != nil) != wantErr {
			t.Errorf("%v: %+v %v", variables, got, err)
		}
	}
	f(nil, EMFEnvironment{}, false)
	f(map[string]string{"AWS_EMF_NAMESPACE": "n", "AWS_EMF_AGENT_ENDPOINT": "udp://h:1", "AWS_EMF_LOG_GROUP_NAME": "g",
		"AWS_EMF_LOG_STREAM_NAME": "s", "AWS_EMF_SERVICE_NAME": "svc", "AWS_EMF_SERVICE_TYPE": "web",
		"AWS_EMF_DISABLE_METRIC_EXTRACTION": "TRUE", "AWS_EMF_ENVIRONMENT": "EC2"},
		EMFEnvironment{"n", "udp://h:1", "g", "s", "svc", "web", true, EMFAgent}, false)
	f(map[string]string{"AWS_EMF_SERVICE_NAME": "svc", "AWS_EMF_ENVIRONMENT": "Local"},
		EMFEnvironment{LogGroup: "svc-metrics", ServiceName: "svc", Place: EMFStdout}, false)
	f(map[string]string{"AWS_EMF_ENVIRONMENT": "Mars"}, EMFEnvironment{}, true)
}

func FuzzRequest(f *testing.F) {
	f.Add("Latency", 1.5, "ms", "Page", "cart", "request", "A-17")
	f.Add("_aws", math.NaN(), "", "", "\x00", "", "\xff")
	f.Fuzz(func(t *testing.T, name string, value float64, unit, dimension, of, property, text string) {
		q := &lines{}
		e, err := NewEMF(EMFConfig{Queue: q, Namespace: "n"})
		if err != nil {
			t.Fatal(err)
		}
		_ = e.With(D(dimension, of)).By(dimension).Put(name, value, unit).Put(name, value, unit).Set(property, text).Close()
		for _, line := range q.take() {
			if !json.Valid([]byte(line[strings.Index(line, "{"):])) {
				t.Errorf("%s", line)
			}
		}
		_ = e.Shutdown(context.Background())
	})
}

func BenchmarkRequest(b *testing.B) {
	e, err := NewEMF(EMFConfig{Queue: Lines(discardWriter{}), Namespace: "shop"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = e.With(D("Service", "shop"), D("Page", "cart")).Put("Latency", 12.5, Milliseconds).Put("Orders", 1, Count).Set("request", "A-17").Close()
	}
}

type discardWriter struct{}

func (discardWriter) Write(p []byte) (int, error) { return len(p), nil }
