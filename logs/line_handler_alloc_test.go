//go:build !race

package logs

import (
	"log/slog"
	"testing"
	"time"
)

// The race detector has pools forget what they hold, which is then allocated.

func TestLineHandler_allocatesNothing(t *testing.T) {
	f := func(name string, opts *HandlerOptions, escaped func(string, time.Time, []byte, int) error) {
		t.Helper()
		h := lineHandler(t, nowhere{}, opts)
		h.to.escaped = escaped
		logger := slog.New(h).With("static", 1).WithGroup("g")
		ctx := inSpan(t.Context())
		attrs := []slog.Attr{slog.String("id", `"A-17"`), slog.Int("items", 3), slog.Duration("took", 1), slog.Float64("price", 1.5)}
		n := testing.AllocsPerRun(1000, func() { logger.LogAttrs(ctx, slog.LevelInfo, "order placed", attrs...) })
		if n >= 1 {
			t.Errorf("%s: %v allocations a line", name, n)
		}
	}
	f("plain", nil, nil)
	f("escaped", nil, func(string, time.Time, []byte, int) error { return nil })
	f("with source", &HandlerOptions{AddSource: true}, nil)
}
