package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
)

func gauge(name string) *Metric { return &Metric{Name: name} }

func at(v float64, labels ...Label) Point { return Point{Time: datumTime(), Value: v, Labels: labels} }

func TestEMFEncoder_groups(t *testing.T) {
	b := newBoth(t, Config{})
	b.export(gauge("a"), at(1, Label{"k", "1"}), at(2, Label{"k", "2"}))
	if len(b.lines) != 2 {
		t.Errorf("%d documents for two sets of labels", len(b.lines))
	}
	e := b.documents
	p, q := at(1, Label{"k", "1"}), at(2, Label{"k", "1"})
	later := p
	later.Time = seconds(1)
	add := func(m *Metric, p Point) { e.Add(m, &p) }
	add(gauge("a"), p)
	add(gauge("b"), p)
	add(gauge("a"), later)
	add(&Metric{Name: "a", Scope: "another"}, q)
	var got []string
	e.Lines(func(key string, _ time.Time, line []byte) { got = append(got, key+" "+told(t, line)) })
	if s := strings.Join(got, "|"); s != "shop a [[k]]; b [[k]]|shop a [[k]]|shop a [[k]]" {
		t.Errorf("got %s", s)
	}
	e.Lines(func(string, time.Time, []byte) { t.Error("a document of nothing") })
}

func TestEMFEncoder_resources(t *testing.T) {
	b := newBoth(t, Config{ResourceAttributes: func(k attribute.Key) bool { return k == "host" }})
	f := func(r *Resource, want string) {
		t.Helper()
		m := gauge("a")
		m.Resource = r
		p := at(1, Label{"host", "mine"}, Label{"k", "v"})
		b.documents.Add(m, &p)
		b.documents.Lines(func(key string, _ time.Time, line []byte) {
			d := readLine(t, string(line))
			if got := fmt.Sprint(key, " ", d.AWS.CloudWatchMetrics[0].Namespace, " ", string(d.members["host"])); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	f(nil, `shop shop "mine"`)
	f(&Resource{Labels: []Label{{"host", "a"}, {"other", "x"}}}, `shop shop "a"`)
	f(&Resource{Labels: []Label{{"host", "b"}}, Namespace: "n", Key: "group/stream"}, `group/stream n "b"`)
	r := &Resource{Namespace: "first"}
	f(r, `shop first "mine"`)
	r.Namespace = "second"
	f(r, `shop second "mine"`)
}

func TestEMFEncoder_names(t *testing.T) {
	b := newBoth(t, Config{})
	b.export(gauge("a"), at(1, Label{"a", "x"}, Label{"_aws", "y"}, Label{":c", "ü"}, Label{"empty", ""}))
	const want = `"_aws.attribute":"y","a.attribute":"x","a":1}`
	if s := string(b.lines[0]); !strings.Contains(s, `"%3Ac":"%C3%BC",`+want) {
		t.Errorf("got %s", s)
	}
}

func TestEMFEncoder_resolution(t *testing.T) {
	f := func(c Config, value, want string) {
		t.Helper()
		b := newBoth(t, c)
		b.export(gauge("a"), at(1, Label{"aws.emf.storage_resolution", value}))
		if s := string(b.lines[0]); strings.Contains(s, "aws.emf") || !strings.Contains(s, want) {
			t.Errorf("got %s, want %s", s, want)
		}
		if s := string(b.datums[0]); !strings.Contains(s, want) {
			t.Errorf("got %s, want %s", s, want)
		}
	}
	high := []Declaration{{Metrics: []string{"a"}, Resolution: 1}}
	f(Config{}, "1", `"StorageResolution":1`)
	f(Config{Resolution: 1}, "60", `"StorageResolution":60`)
	f(Config{Resolution: 60}, "7", `"StorageResolution":60`)
	f(Config{Resolution: 60, Declarations: high}, "", `"StorageResolution":1`)
	f(Config{Declarations: high}, "60", `"StorageResolution":60`)
}

func TestEMFEncoder_units(t *testing.T) {
	f := func(c Config, unit, want string) {
		t.Helper()
		b := newBoth(t, c)
		m := gauge("a")
		m.Unit = unit
		b.export(m, at(1))
		if s := told(t, b.lines[0]); s != want {
			t.Errorf("%s: got %s, want %s", unit, s, want)
		}
	}
	f(Config{}, "By", "a [[]] Bytes")
	f(Config{}, "Cel", "a [[]]")
	f(Config{UnitsInNames: true}, "Cel", "a_Cel [[]]")
	f(Config{UnitsInNames: true}, "{fault}/d", "a_fault}/d [[]]")
	f(Config{UnitsInNames: true}, "", "a [[]]")
	f(Config{UnitsInNames: true}, "ms", "a [[]] Milliseconds")
	f(Config{}, "Megabits/Second", "a [[]] Megabits/Second")
}

func TestEMFEncoder_jsonLabels(t *testing.T) {
	b := newBoth(t, Config{JSONLabels: []string{"pod", "broken"}})
	b.export(gauge("a"), at(1, Label{"pod", "{\"a\":\n[1]}"}, Label{"broken", "{"}))
	if s := string(b.lines[0]); !strings.Contains(s, `"Dimensions":[[]]`) || !strings.Contains(s, `"pod":{"a":[1]}`) || !strings.Contains(s, `"broken":"{"`) {
		t.Errorf("got %s", s)
	}
}

func TestMaxSeries(t *testing.T) {
	var problems []error
	b := newBoth(t, Config{MaxSeries: 3, OnProblem: func(err error) { problems = append(problems, err) }})
	sum := &Metric{Name: "orders", Kind: KindSum, Monotonic: true}
	for i := range 50 {
		b.export(sum, at(1, Label{"user", fmt.Sprint(i % 10)}))
	}
	counts := map[string]int{}
	for _, line := range b.lines {
		d := readLine(t, string(line))
		counts[string(d.members["user"])+string(d.members["otel.metric.overflow"])]++
	}
	if want := map[string]int{`"0"`: 5, `"1"`: 5, `"2"`: 5, `"true"`: 35}; !maps.Equal(counts, want) {
		t.Errorf("got %v, want %v", counts, want)
	}
	if n := b.data.Dropped()[DropSeriesOverflow]; n != 35 || len(problems) != 2 { // one an encoder
		t.Errorf("%d dropped, %v", n, problems)
	}
	if !strings.Contains(fmt.Sprint(problems[0]), `"orders" has more than 3 combinations`) {
		t.Error(problems[0])
	}
}

// Increases are right beyond the limit, too.
func TestMaxSeries_totals(t *testing.T) {
	b := newBoth(t, Config{MaxSeries: 1, OnProblem: func(error) {}})
	sum := &Metric{Name: "orders", Kind: KindSum, Monotonic: true, Cumulative: true}
	total := 0.0
	for round := range 3 {
		for i := range 5 {
			p := at(float64((round+1)*(i+1)), Label{"user", fmt.Sprint(i)})
			p.Start = datumTime()
			b.export(sum, p)
		}
	}
	for _, line := range b.lines {
		var v float64
		if err := json.Unmarshal(readLine(t, string(line)).members["orders"], &v); err != nil {
			t.Fatal(err)
		}
		total += v
	}
	if total != 3*(1+2+3+4+5) {
		t.Errorf("the sum is %v", total)
	}
}

// A label that is no dimension does not count.
func TestMaxSeries_leftOut(t *testing.T) {
	b := newBoth(t, Config{MaxSeries: 2, Attributes: func(k attribute.Key) bool { return k != "user" }})
	for i := range 100 {
		b.export(gauge("a"), at(1, Label{"user", fmt.Sprint(i)}, Label{"route", fmt.Sprint(i % 2)}))
	}
	if d := b.documents.Dropped(); len(d) != 0 {
		t.Errorf("dropped %v", d)
	}
	if n := len(b.documents.points.last.series); n > 2*knownFactor {
		t.Errorf("%d series are remembered", n)
	}
}

func TestEMFEncoder_forgets(t *testing.T) {
	now := datumTime()
	b := newBoth(t, Config{Now: func() time.Time { return now }})
	b.export(gauge("a"), at(1, Label{"k", "1"}))
	now = now.Add(SeriesMemory)
	b.export(gauge("b"), at(1, Label{"k", "2"}))
	p := b.documents.points
	if len(p.instruments) != 1 || len(p.sets) != 1 {
		t.Errorf("%d metrics and %d sets of labels are remembered", len(p.instruments), len(p.sets))
	}
}

// TestPoison: each costs itself alone, and is counted.
func TestPoison(t *testing.T) {
	b := newBoth(t, Config{})
	old, ahead := at(1), at(1)
	old.Time, ahead.Time = datumTime().Add(-15*24*time.Hour), datumTime().Add(3*time.Hour)
	var many []Label
	for i := range 40 {
		many = append(many, Label{fmt.Sprint("k", i), "v"})
	}
	b.export(&Metric{Name: "m", Unit: "furlong"}, at(1), at(math.Ldexp(1, 400)), at(math.NaN()), at(math.Inf(-1)), old, ahead, Point{Missing: true}, at(2, many...))
	b.export(gauge(""), at(1))
	b.export(gauge(" \t"), at(1))
	b.export(&Metric{Name: "m", Kind: 77}, at(1))
	want := map[string]int64{
		DropOutOfRange: 1, DropNotFinite: 2, DropTooOld: 1, DropTooNew: 1, DropNoValue: 1, DropNoName: 2, DropDimensionLimit: 10, DropUnsupported: 1,
	}
	if got := b.data.Dropped(); !maps.Equal(got, want) {
		t.Errorf("datums: got %v, want %v", got, want)
	}
	if got := b.documents.Dropped(); !maps.Equal(got, want) {
		t.Errorf("documents: got %v, want %v", got, want)
	}
	if len(b.lines) != 2 || len(b.datums) != 2 {
		t.Errorf("%d documents, %d datums", len(b.lines), len(b.datums))
	}
}

func TestEncoders_allocations(t *testing.T) {
	metrics := []Metric{
		{Name: "gauge", Unit: "s"}, {Name: "sum", Kind: KindSum, Monotonic: true, Cumulative: true},
		{Name: "histogram", Kind: KindHistogram}, {Name: "exponential", Kind: KindExponential}, {Name: "summary", Kind: KindSummary},
		{Name: "total", Kind: KindExponential, Cumulative: true},
	}
	counts := make([]uint64, 160)
	for i := range counts {
		counts[i] = uint64(i)
	}
	p := exponentialPoint(0, 1e9, 1, 1e9, 3, 1, PowerBuckets{0, counts}, PowerBuckets{})
	p.Bounds, p.Buckets = []float64{10, 20}, []uint64{9, 90, 10}
	p.Quantiles = []Quantile{{0.5, 1}}
	p.Labels = []Label{{"b", "1"}, {"a", "2"}}
	data, err := NewDatumEncoder(Config{Now: datumTime}, func(string, *Datum) {})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := NewEMFEncoder(Config{Now: datumTime})
	if err != nil {
		t.Fatal(err)
	}
	line := func(string, time.Time, []byte) {}
	round := func() {
		data.Begin()
		for i := range metrics {
			data.Add(&metrics[i], &p)
			documents.Add(&metrics[i], &p)
		}
		documents.Lines(line)
	}
	round()
	round()
	if n := testing.AllocsPerRun(50, round); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEMFExporter(t *testing.T) {
	q := &keptLines{}
	e, err := NewEMFExporter(Config{Queue: q, Namespace: "shop", Key: "group", ResourceAttributes: func(k attribute.Key) bool { return k == "service.name" }})
	if err != nil {
		t.Fatal(err)
	}
	resource := sdkresource.NewSchemaless(attribute.String("service.name", "cart"), attribute.String("host", "h"))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(e)), sdkmetric.WithResource(resource))
	for _, scope := range []string{"one", "two"} { // the same name in both
		counter := must[otelmetric.Int64Counter](t)(provider.Meter(scope).Int64Counter("orders", otelmetric.WithUnit("{order}")))
		counter.Add(t.Context(), 2, otelmetric.WithAttributes(attribute.Int("status", 200)))
	}
	if err := errors.Join(provider.ForceFlush(t.Context()), provider.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
	if len(q.got) != 2 || q.flushes != 1 || q.shutdowns != 1 {
		t.Fatalf("%d documents, %d flushes, %d shutdowns", len(q.got), q.flushes, q.shutdowns)
	}
	for _, line := range q.got {
		if !strings.HasPrefix(line, "group ") || !strings.HasSuffix(line, `"service.name":"cart","status":"200","orders":2}`) {
			t.Errorf("got %s", line)
		}
	}
	err = e.Export(t.Context(), one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1)}}))
	if !errors.Is(err, sdkmetric.ErrExporterShutdown) || e.Dropped()[DropClosed] != 1 {
		t.Errorf("%v, dropped %v", err, e.Dropped())
	}
}

// TestEMFExporter_collection has instruments stamped a moment apart, as the SDK
// does, and a producer's points of other times.
func TestEMFExporter_collection(t *testing.T) {
	rm := &metricdata.ResourceMetrics{ScopeMetrics: make([]metricdata.ScopeMetrics, 1)}
	add := func(name string, after time.Duration) {
		p := point(1)
		p.Time = p.Time.Add(after)
		rm.ScopeMetrics[0].Metrics = append(rm.ScopeMetrics[0].Metrics,
			metricdata.Metrics{Name: name, Data: metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{p}}})
	}
	for i := range 60 {
		add(fmt.Sprint("m", i), time.Duration(i)*400*time.Microsecond)
	}
	add("before", -200*time.Millisecond)
	add("a minute ago", -time.Minute)
	add("soon", time.Second)
	q := &keptLines{}
	e := must[*EMFExporter](t)(NewEMFExporter(Config{Queue: q, Namespace: "shop", Now: datumTime}))
	if err := e.Export(t.Context(), rm); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range q.got {
		d := readLine(t, strings.TrimPrefix(line, "shop "))
		got = append(got, fmt.Sprint(len(d.AWS.CloudWatchMetrics[0].Metrics), " at ", d.AWS.Timestamp-datumTime().UnixMilli()))
	}
	if s := fmt.Sprint(got); s != "[61 at 0 1 at -60000 1 at 1000]" {
		t.Errorf("got %s", s)
	}
}

func TestEMFWriterExporter(t *testing.T) {
	var out bytes.Buffer
	e, err := NewEMFWriterExporter(&out, Config{Namespace: "shop", Now: datumTime})
	if err != nil {
		t.Fatal(err)
	}
	err = e.Export(t.Context(), one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1), point(math.NaN())}}))
	if err != nil || strings.Count(out.String(), "\n") != 1 || e.Dropped()[DropNotFinite] != 1 {
		t.Errorf("%v, %q, dropped %v", err, out.String(), e.Dropped())
	}
	if _, err := NewEMFWriterExporter(&out, Config{}); !errors.Is(err, errNoNamespace) {
		t.Error(err)
	}
	failed, _ := NewEMFWriterExporter(failing{}, Config{Namespace: "n", Now: datumTime})
	err = failed.Export(t.Context(), one("m", "", metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{point(1)}}))
	if !errors.Is(err, errWrite) || failed.ForceFlush(t.Context()) != nil || failed.Shutdown(t.Context()) != nil {
		t.Errorf("got %v", err)
	}
}
