package xray

import (
	"encoding/binary"
	"testing"
	"time"
)

func TestNewIDs_beginWithTheTime(t *testing.T) {
	g := idGenerator{now: func() time.Time { return time.Unix(0x674f0a1b, 0) }}
	seen := map[string]bool{}
	for range 10_000 {
		id, span := g.NewIDs(t.Context())
		if got := binary.BigEndian.Uint32(id[:4]); got != 0x674f0a1b {
			t.Fatalf("%s begins with %x", id, got)
		}
		if !span.IsValid() || seen[id.String()] {
			t.Fatalf("%s, %s: invalid or seen before", id, span)
		}
		seen[id.String()] = true
	}
}

func BenchmarkNewIDs(b *testing.B) {
	g := NewIDGenerator()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			g.NewIDs(b.Context())
		}
	})
}
