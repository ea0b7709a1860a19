package awsxray_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"

	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/agent/processor/batch"
	"github.com/updraft-otel/updraft/agent/receiver/otlp"
	"github.com/updraft-otel/updraft/localaws"
)

func factories() (otelcol.Factories, error) {
	return otelcol.Factories{
		Telemetry:  otelconftelemetry.NewFactory(),
		Receivers:  map[component.Type]receiver.Factory{otlp.NewFactory().Type(): otlp.NewFactory()},
		Processors: map[component.Type]processor.Factory{batch.NewFactory().Type(): batch.NewFactory()},
		Exporters:  map[component.Type]exporter.Factory{awsxray.NewFactory().Type(): awsxray.NewFactory()},
	}, nil
}

// config is the seed of every test: OTLP in, through the default batch, to the exporter with these keys.
func config(listen, keys string) string {
	return fmt.Sprintf(`
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: %s
processors:
  batch:
exporters:
  awsxray:
    region: us-east-1
%s
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    traces:
      receivers: [otlp]
      processors: [batch]
      exporters: [awsxray]
`, listen, indent(keys))
}

func indent(keys string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(keys)) {
		b.WriteString("    " + line)
	}
	return b.String()
}

// deliver sends n spans through an agent and waits until AWS has all of them.
func deliver(t *testing.T, aws *localaws.Server, n int, keys string) *agenttest.Agent {
	t.Helper()
	listen := agenttest.FreeAddr(t)
	agent := agenttest.Start(t, factories, config(listen, keys))
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
