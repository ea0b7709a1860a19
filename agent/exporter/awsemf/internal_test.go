package awsemf

import (
	"encoding/json"
	"testing"

	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/internal/encoded"
)

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
	var pool encoded.Pool
	encode := func() {
		l := pool.Get()
		defer pool.Put(l)
		e.encode(md, l, func(reason string, n int) { t.Errorf("%d dropped for %s", n, reason) })
	}
	encode()
	if n := testing.AllocsPerRun(10, encode); n > 100 {
		t.Errorf("%v allocations for 1000 points, want next to none", n)
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
	var pool encoded.Pool
	b.ReportAllocs()
	for b.Loop() {
		l := pool.Get()
		e.encode(md, l, func(string, int) {})
		pool.Put(l)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/points, "ns/point")
}
