//go:build !race

package logs

import (
	"log/slog"
	"testing"
)

// The race detector has pools forget what they hold, which is then allocated.

func TestLineHandler_allocatesNothing(t *testing.T) {
	logger := slog.New(lineHandler(t, nowhere{}, nil)).With("static", 1).WithGroup("g")
	ctx := inSpan(t.Context())
	attrs := []slog.Attr{slog.String("id", "A-17"), slog.Int("items", 3), slog.Duration("took", 1)}
	n := testing.AllocsPerRun(1000, func() { logger.LogAttrs(ctx, slog.LevelInfo, "order placed", attrs...) })
	if n >= 1 {
		t.Errorf("%v allocations a line", n)
	}
}
