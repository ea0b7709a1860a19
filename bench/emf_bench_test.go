package bench

import (
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
)

// BenchmarkEMF makes documents of a request's points, as the collector's exporter
// does, whose time includes sending them to a server in this process.
func BenchmarkEMF(b *testing.B) {
	peer := newEMFCollector(b, func(c *awsemfexporter.Config) { c.DimensionRollupOption = "NoDimensionRollup" })
	peer.keep = false
	g := newEMFGenerator(1)
	md := g.round()
	perPoint := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(md.DataPointCount()), "ns/point")
	}
	b.Run("awsemfexporter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := peer.exporter.ConsumeMetrics(b.Context(), md); err != nil {
				b.Fatal(err)
			}
		}
		perPoint(b)
	})
	for _, compat := range []bool{true, false} {
		name := "updraft"
		if compat {
			name = "updraft-compat"
		}
		b.Run(name, func(b *testing.B) {
			twin := newEMFTwin(b, peer.config)
			twin.reader.compat = compat
			line := func(string, time.Time, []byte) {}
			b.ReportAllocs()
			for b.Loop() {
				twin.reader.read(md)
				twin.encoder.Lines(line)
			}
			perPoint(b)
		})
	}
}
