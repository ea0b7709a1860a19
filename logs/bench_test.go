package logs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
)

func BenchmarkAppendEvent(b *testing.B) {
	e := fullEvent()
	dst := AppendEvent(nil, e)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendEvent(dst[:0], e)
	}
}

// nowhere is a queue that takes everything and keeps nothing.
type nowhere struct{}

func (nowhere) Put(string, time.Time, []byte) error { return nil }
func (nowhere) Flush(context.Context) error         { return nil }
func (nowhere) Shutdown(context.Context) error      { return nil }

func benchLogger(b *testing.B) *slog.Logger {
	p, err := NewProcessor(Config{Queue: nowhere{}, Group: "g", Stream: "s"})
	if err != nil {
		b.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(shop()), sdklog.WithProcessor(p))
	return slog.New(NewHandler(provider.Logger("bench"), nil))
}

// BenchmarkSlogToQueue is what one line costs the goroutine that logs it.
func BenchmarkSlogToQueue(b *testing.B) {
	logger, ctx := benchLogger(b), inSpan(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		logger.LogAttrs(ctx, slog.LevelInfo, "order placed", slog.String("id", "A-17"), slog.Int("items", 3), slog.Duration("took", 1))
	}
}

func BenchmarkSlogToQueue_parallel(b *testing.B) {
	logger, ctx := benchLogger(b), inSpan(b.Context())
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			logger.LogAttrs(ctx, slog.LevelInfo, "order placed", slog.String("id", "A-17"), slog.Int("items", 3))
		}
	})
}

func BenchmarkProcessor_OnEmit(b *testing.B) {
	p, err := NewProcessor(Config{Queue: nowhere{}, Group: "g", Stream: "s"})
	if err != nil {
		b.Fatal(err)
	}
	r := new(sdklog.Record)
	r.SetTimestamp(eventTime())
	r.SetBody(fullEvent().Body)
	r.AddAttributes(fullEvent().Attributes...)
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		_ = p.OnEmit(ctx, r)
	}
}
