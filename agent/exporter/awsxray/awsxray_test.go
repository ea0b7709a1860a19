package awsxray_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// deliver sends n spans through an agent and waits until AWS has all of them.
func deliver(t *testing.T, aws *localaws.Server, n int, keys string) *agenttest.Agent {
	t.Helper()
	listen := agenttest.FreeAddr(t)
	agent := agenttest.Pipeline{Exporter: awsxray.NewFactory(), Signal: "traces", Batch: true, Listen: listen, Keys: keys}.Start(t)
	client := agenttest.Client(t, listen)
	began := time.Now()
	for sent := 0; sent < n; {
		some := min(512, n-sent)
		agenttest.Send(t, client, agenttest.Traces(some))
		sent += some
	}
	agenttest.Eventually(t, fmt.Sprintf("%d segments at AWS", n), func() bool { return aws.Counts().Segments >= n })
	t.Logf("%d spans in %v, %d requests", n, time.Since(began).Round(time.Millisecond), aws.Counts().Requests)
	if got := aws.Counts().Segments; got != n {
		t.Errorf("%d segments at AWS, want %d", got, n)
	}
	return agent
}

func TestExporter_delivers(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	deliver(t, aws, 1000, "")
	if refused := aws.Refused(); len(refused) > 0 {
		t.Errorf("refused: %+v", refused[0])
	}
}

// TestExporter_farAway is what the collector's own exporter loses two or three fifths of: it makes its calls one after
// the other, within five seconds.
func TestExporter_farAway(t *testing.T) {
	for _, rtt := range []time.Duration{50 * time.Millisecond, 100 * time.Millisecond} {
		t.Run(rtt.String(), func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			aws.Control("PutTraceSegments", func(*localaws.Call) *localaws.Fault { return &localaws.Fault{Delay: rtt} })
			deliver(t, aws, 3*8192, "")
		})
	}
}

// TestExporter_throttledAndFailing has every fifth call throttled and every hundredth fail, which each cost the collector's
// own exporter all that is left of a batch.
func TestExporter_throttledAndFailing(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	var calls atomic.Int64
	aws.Control("PutTraceSegments", func(*localaws.Call) *localaws.Fault {
		switch n := calls.Add(1); {
		case n%5 == 0:
			return localaws.Throttle()
		case n%100 == 1:
			return localaws.Unavailable()
		}
		return &localaws.Fault{Delay: 20 * time.Millisecond}
	})
	deliver(t, aws, 2*8192, "")
}
