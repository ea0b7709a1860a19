package localaws

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// Ingest over HTTP, signed by the SDK and verified, 50 documents a call.
func BenchmarkIngest(b *testing.B) {
	f := func(name string, cfg func() Config) {
		b.Run(name, func(b *testing.B) {
			srv := startTest(b, cfg())
			aws := sdkConfig(srv)
			aws.HTTPClient = nil // keeps its connections
			client := xray.NewFromConfig(aws)
			in := &xray.PutTraceSegmentsInput{}
			for i := range maxSegmentDocuments / 2 {
				_, docs := shopTrace(shopTime, i, false)
				in.TraceSegmentDocuments = append(in.TraceSegmentDocuments, docs...)
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := client.PutTraceSegments(b.Context(), in); err != nil {
						b.Error(err)
					}
				}
			})
			spans := 2 * len(in.TraceSegmentDocuments)
			b.ReportMetric(float64(b.N*spans)/b.Elapsed().Seconds(), "spans/s")
		})
	}
	f("memory", func() Config { return Config{MaxBytes: 64 << 20} })
	f("disk", func() Config { return Config{MaxBytes: 64 << 20, DataDir: b.TempDir()} })
}
