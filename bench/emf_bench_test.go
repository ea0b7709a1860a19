package bench

import (
	"os"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/exporter/awsemf"
)

// BenchmarkEMF makes documents of a request's points. The collector's exporter
// and the agent's are measured as they run, a request at a time, sending to a
// server in this process, whose part is counted for both. Then the way from the
// collector's data to lines alone, beside which the collector's exporter writes
// to a standard output that keeps nothing: that costs it a little more than
// making the documents.
func BenchmarkEMF(b *testing.B) {
	plain := func(c *awsemfexporter.Config) { c.DimensionRollupOption = "NoDimensionRollup" }
	md := emfRequests()
	b.Run("awsemfexporter", func(b *testing.B) { benchmarkEMFCollector(b, md, plain) })
	b.Run("updraft-exporter", func(b *testing.B) { benchmarkEMFAgent(b, md) })
	b.Run("awsemfexporter-stdout", func(b *testing.B) {
		toNowhere(b)
		benchmarkEMFCollector(b, md, func(c *awsemfexporter.Config) {
			plain(c)
			c.OutputDestination = "stdout"
		})
	})
	b.Run("updraft-compat", func(b *testing.B) { benchmarkEMFEncoder(b, md, plain, true) })
	b.Run("updraft", func(b *testing.B) { benchmarkEMFEncoder(b, md, plain, false) })
}

// TestEMF_allocatesNothing holds the way from the collector's data to lines to
// what the benchmark shows: what has come before costs no memory.
func TestEMF_allocatesNothing(t *testing.T) {
	c := newEMFCollector(t, func(*awsemfexporter.Config) {}).config
	requests := emfRequests()
	for _, compat := range []bool{true, false} {
		twin := newEMFTwin(t, c, compat)
		line := func(string, time.Time, []byte) {}
		all := func() {
			for _, md := range requests {
				twin.reader.read(md)
				twin.encoder.Lines(line)
			}
		}
		for range 10 { // buffers grow to what the largest request needs
			all()
		}
		if n := testing.AllocsPerRun(10, all); n > 0 {
			t.Errorf("compat %v: %v allocations for %d requests, want none", compat, n, len(requests))
		}
	}
}

func benchmarkEMFCollector(b *testing.B, md []pmetric.Metrics, set func(*awsemfexporter.Config)) {
	benchmarkEMFExporter(b, md, newEMFCollector(b, set).emfExporter)
}

func benchmarkEMFAgent(b *testing.B, md []pmetric.Metrics) {
	factory := awsemf.NewFactory()
	benchmarkEMFExporter(b, md, newEMFExporter(b, factory, func(endpoint string) component.Config {
		c := factory.CreateDefaultConfig()
		if err := confmap.NewFromStringMap(map[string]any{
			"region": emfRegion, "endpoint": endpoint, "log_group_name": emfGroup, "log_stream_name": emfStream,
			"dimension_rollup_option": "NoDimensionRollup", "sending_queue": map[string]any{"enabled": false},
		}).Unmarshal(c); err != nil {
			b.Fatal(err)
		}
		return c
	}))
}

func benchmarkEMFExporter(b *testing.B, md []pmetric.Metrics, e *emfExporter) {
	e.keep = false
	measureEMF(b, md, func(md pmetric.Metrics) {
		if err := e.exporter.ConsumeMetrics(b.Context(), md); err != nil {
			b.Fatal(err)
		}
	})
}

func benchmarkEMFEncoder(b *testing.B, md []pmetric.Metrics, set func(*awsemfexporter.Config), compat bool) {
	c := newEMFCollector(b, set).config
	twin := newEMFTwin(b, c, compat)
	line := func(string, time.Time, []byte) {}
	measureEMF(b, md, func(md pmetric.Metrics) {
		twin.reader.read(md)
		twin.encoder.Lines(line)
	})
}

// emfRequests are requests of the same series at one time, so that none is older
// than another when they come again and again.
func emfRequests() []pmetric.Metrics {
	var list []pmetric.Metrics
	g := newEMFGenerator(1)
	at := g.at
	for range 8 {
		g.at = at
		list = append(list, g.round())
	}
	return list
}

// measureEMF measures what exports requests, of which the first ones make all
// series known and are not counted.
func measureEMF(b *testing.B, requests []pmetric.Metrics, export func(pmetric.Metrics)) {
	points := 0
	for _, md := range requests {
		points += md.DataPointCount()
		export(md)
	}
	b.ReportAllocs()
	i, before := 0, cpu(b)
	for b.Loop() {
		export(requests[i%len(requests)])
		i++
	}
	measured := float64(b.N) * float64(points) / float64(len(requests))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/measured, "ns/point")
	b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/measured, "cpu-ns/point")
}

// toNowhere has this process's standard output keep nothing for a while.
func toNowhere(b *testing.B) {
	b.Helper()
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	before := os.Stdout
	os.Stdout = nowhere
	b.Cleanup(func() {
		os.Stdout = before
		_ = nowhere.Close()
	})
}
