package awscloudwatchlogs_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatchlogs"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// at is an agent with the exporter and these keys, that listens there.
func at(listen, keys string) agenttest.Pipeline {
	keys = "log_group_name: /shop/{ServiceName}\nlog_stream_name: \"{TaskId}\"\n" + keys
	return agenttest.Pipeline{Exporter: awscloudwatchlogs.NewFactory(), Signal: "logs", Listen: listen, Keys: keys}
}

// deliver sends n records through an agent, and waits until AWS has each.
func deliver(t *testing.T, aws *localaws.Server, n int, keys string) {
	t.Helper()
	listen := agenttest.FreeAddr(t)
	at(listen, keys).Start(t)
	client := agenttest.LogsClient(t, listen)
	began := time.Now()
	for sent := 0; sent < n; {
		some := min(512, n-sent)
		agenttest.SendLogs(t, client, agenttest.Logs(fmt.Sprint("request ", sent, " record "), some))
		sent += some
	}
	agenttest.Eventually(t, fmt.Sprintf("%d events at AWS", n), func() bool {
		return aws.Counts().LogEvents >= n && different(t, aws) == n
	})
	t.Logf("%d records in %v, %d calls, %d events", n, time.Since(began).Round(time.Millisecond), aws.Counts().Requests, aws.Counts().LogEvents)
}

// different is how many different records AWS has; one whose answer was lost may have come twice.
func different(t *testing.T, aws *localaws.Server) int {
	t.Helper()
	bodies := map[string]struct{}{}
	for _, e := range agenttest.LogEvents(t, aws, "/shop/orders") {
		_, body, _ := strings.Cut(e.Message, `"body":"`)
		body, _, _ = strings.Cut(body, `"`)
		bodies[e.Stream+body] = struct{}{}
	}
	return len(bodies)
}

func TestExporter_delivers(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	deliver(t, aws, 5_000, "")
	if n := aws.Counts().LogEvents; n != 5_000 {
		t.Errorf("%d events at AWS", n)
	}
}

func TestExporter_throttledAndFailing(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	aws.Control("", func(c *localaws.Call) *localaws.Fault {
		switch p := rand.Float64(); {
		case p < 0.20:
			return localaws.Throttle()
		case p < 0.25:
			return localaws.Unavailable()
		case p < 0.30 && c.Operation == "PutLogEvents":
			return &localaws.Fault{AfterCall: true} // the answer is lost
		}
		return &localaws.Fault{Delay: 5 * time.Millisecond}
	})
	deliver(t, aws, 5_000, "sending_queue:\n  batch:\n    max_size: 500\n    min_size: 100\n    sizer: items\nretry_on_failure:\n  initial_interval: 20ms\n")
}

func TestExporter_outage(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	up := time.Now().Add(2 * time.Second)
	aws.Control("", func(*localaws.Call) *localaws.Fault {
		if time.Now().Before(up) {
			return localaws.Unavailable()
		}
		return nil
	})
	deliver(t, aws, 5_000, "retry_on_failure:\n  initial_interval: 20ms\n  max_interval: 200ms\n")
}

// TestExporter_restart stops an agent during an outage, with its queue on disk: the next one delivers what was accepted.
func TestExporter_restart(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	var down atomic.Bool
	down.Store(true)
	aws.Control("", func(*localaws.Call) *localaws.Fault {
		if down.Load() {
			return localaws.Throttle()
		}
		return nil
	})
	listen := agenttest.FreeAddr(t)
	pipeline := at(listen, "sending_queue: {storage: file_storage}")
	pipeline.Storage = t.TempDir()
	first := pipeline.Start(t)
	agenttest.SendLogs(t, agenttest.LogsClient(t, listen), agenttest.Logs("record ", 1000))
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if n := aws.Counts().LogEvents; n != 0 {
		t.Fatalf("%d events at AWS during the outage", n)
	}
	down.Store(false)
	pipeline.Start(t)
	agenttest.Eventually(t, "1000 events at AWS", func() bool { return aws.Counts().LogEvents == 1000 })
}
