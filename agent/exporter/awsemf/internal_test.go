package awsemf

import (
	"encoding/json"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
)

// TestCarrier takes some documents of a push through metrics, and no others.
func TestCarrier(t *testing.T) {
	c := newCarrier()
	l := newLines()
	at := time.UnixMilli(1_790_000_000_123)
	for _, text := range []string{"first", "second", "", "fourth"} {
		start := len(l.data)
		l.data = append(l.data, text...)
		l.end("group"+keySeparator+text, at, start)
	}
	got := newLines()
	if !c.read(c.metrics(l, []int{1, 2, 3}), got) || len(got.list) != 3 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []string{"second", "", "fourth"} {
		group, stream := names(got.list[i].key)
		if string(got.body(i)) != want || stream != want || group != "group" || !got.list[i].at.Equal(at) {
			t.Errorf("%q to %q %q at %v", got.body(i), group, stream, got.list[i].at)
		}
	}
	if newCarrier().read(c.metrics(l, []int{0}), got) {
		t.Error("another's documents are taken")
	}
	if c.read(pmetric.NewMetrics(), got) || c.read(agenttest.Metrics("m", 1, 1), got) {
		t.Error("metrics are taken for documents")
	}
}

// FuzzCarrier has whatever comes under the carrier's name read.
func FuzzCarrier(f *testing.F) {
	f.Add([]byte("\x01k\x02\x01b"))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	c := newCarrier()
	f.Fuzz(func(t *testing.T, text []byte) {
		md := pmetric.NewMetrics()
		md.ResourceMetrics().AppendEmpty().Resource().Attributes().PutEmptyBytes(c.attribute).FromRaw(text)
		l := newLines()
		c.read(md, l)
		for i := range l.list {
			_ = l.body(i)
		}
	})
}

// TestAppendBefore rewrites documents in the format before _aws.
func TestAppendBefore(t *testing.T) {
	f := func(document, want string) {
		t.Helper()
		got := appendBefore([]byte("x"), []byte(document), 5)[1:]
		if string(got) != want || !json.Valid(got) {
			t.Errorf("%s becomes %s, want %s", document, got, want)
		}
	}
	f(`{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"],\"Timestamp\":5}"}]}],"Timestamp":5},"a":"b","m":1}`,
		`{"Timestamp":"5","Version":"0","CloudWatchMetrics":[{"Metrics":[{"Name":"],\"Timestamp\":5}"}]}],"a":"b","m":1}`)
	f(`{"_aws":{"CloudWatchMetrics":[{}],"Timestamp":5},"m":1}`, `{"Timestamp":"5","Version":"0","CloudWatchMetrics":[{}],"m":1}`)
	f(`{"_aws":{"CloudWatchMetrics":[{}],"Timestamp":5},"j":{"a":1,"Version":"1"},"Version":"1","m":1}`,
		`{"Timestamp":"5","Version":"0","CloudWatchMetrics":[{}],"j":{"a":1,"Version":"1"},"m":1}`)
	f(`{"a":"b"}`, `{"Timestamp":"5","a":"b"}`)
	f(`{}`, `{"Timestamp":"5"}`)
}

// TestEncoder_allocations counts what a push costs once its series are known.
func TestEncoder_allocations(t *testing.T) {
	c := defaultConfig().(*Config)
	e, err := newEncoder(c, newTargets(c, "stream"), zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	md := agenttest.Metrics("requests", 1000, 1)
	l := newLines()
	encode := func() {
		l.data, l.list = l.data[:0], l.list[:0]
		e.encode(md, l, func(reason string, n int) { t.Errorf("%d dropped for %s", n, reason) })
	}
	encode()
	if n := testing.AllocsPerRun(10, encode); n > 5 {
		t.Errorf("%v allocations for 1000 points, want a handful", n)
	}
}

func BenchmarkEncoder(b *testing.B) {
	c := defaultConfig().(*Config)
	e, err := newEncoder(c, newTargets(c, "stream"), zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	const points = 1000
	md := agenttest.Metrics("requests", points, 1)
	l := newLines()
	b.ReportAllocs()
	for b.Loop() {
		l.data, l.list = l.data[:0], l.list[:0]
		e.encode(md, l, func(string, int) {})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/points, "ns/point")
}
