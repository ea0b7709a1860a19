package loss_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/updraft-otel/updraft/agent/internal/loss"
)

func TestLog_tellsOnceOfBeginAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, lines := observer.New(zap.InfoLevel)
		l := loss.New(zap.New(core), "spans")
		for range 100 {
			l.Lost(2, "InvalidName", errors.New("a bad name"))
			l.Lost(1, "InvalidId", errors.New("a bad id"))
			l.Worked()
		}
		if n := lines.Len(); n != 1 {
			t.Fatalf("%d lines while items are lost, want 1", n)
		}
		<-time.After(time.Minute)
		l.Worked()
		l.Worked()
		all := lines.All()
		if len(all) != 2 {
			t.Fatalf("%d lines after the end, want 2", len(all))
		}
		fields := all[1].ContextMap()
		if fields["spans"] != int64(300) || fields["reasons"] != "InvalidId: 100, InvalidName: 200" {
			t.Errorf("the end says %v", fields)
		}
		l.Lost(1, "InvalidName", errors.New("again"))
		l.Close()
		if n := lines.Len(); n != 4 {
			t.Errorf("%d lines after a second loss and Close, want 4", n)
		}
	})
}
