package otlp_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

func factories() (otelcol.Factories, error) { return agenttest.Factories(awsxray.NewFactory()) }

// small starts an agent whose queue holds two requests, in front of an X-Ray that is down until the test ends its outage.
func small(t *testing.T, processors string) (aws *localaws.Server, grpcAddr, httpAddr string, restore func()) {
	t.Helper()
	aws = agenttest.AWS(t, localaws.Config{})
	var down atomic.Bool
	down.Store(true)
	aws.Control("PutTraceSegments", func(*localaws.Call) *localaws.Fault {
		if down.Load() {
			return localaws.Unavailable()
		}
		return nil
	})
	grpcAddr, httpAddr = agenttest.FreeAddr(t), agenttest.FreeAddr(t)
	agenttest.Start(t, factories, fmt.Sprintf(`
receivers: {otlp: {protocols: {grpc: {endpoint: %q}, http: {endpoint: %q}}}}
processors: {batch: {timeout: 10ms}}
exporters:
  awsxray:
    region: us-east-1
    sending_queue: {queue_size: 2, num_consumers: 1, batch: {flush_timeout: 10ms, min_size: 1}}
    retry_on_failure: {initial_interval: 20ms, max_interval: 200ms}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], processors: [%s], exporters: [awsxray]}}
`, grpcAddr, httpAddr, processors))
	return aws, grpcAddr, httpAddr, func() { down.Store(false) }
}

// TestReceiver_refusesByGRPC fills the queue: the sender is told what the protocol has for it, and every span that was not
// refused arrives once X-Ray is back.
func TestReceiver_refusesByGRPC(t *testing.T) {
	for _, processors := range []string{"", "batch"} {
		t.Run("through "+processors, func(t *testing.T) {
			aws, addr, _, restore := small(t, processors)
			client := agenttest.Client(t, addr)
			accepted := 0
			var refused error
			agenttest.Eventually(t, "a sender is refused", func() bool {
				_, err := client.Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(5)))
				if err == nil {
					accepted += 5
				}
				refused = err
				return err != nil
			})
			s := status.Convert(refused)
			if s.Code() != codes.ResourceExhausted && s.Code() != codes.Unavailable {
				t.Errorf("code %v (%s)", s.Code(), s.Message())
			}
			var info *errdetails.RetryInfo
			for _, d := range s.Details() {
				if r, ok := d.(*errdetails.RetryInfo); ok {
					info = r
				}
			}
			if info.GetRetryDelay().AsDuration() <= 0 {
				t.Errorf("no RetryInfo: %v", s.Proto())
			}
			restore()
			agenttest.Eventually(t, "what was accepted arrives", func() bool { return aws.Counts().Segments >= accepted })
			if n := aws.Counts().Segments; n != accepted {
				t.Errorf("%d segments at AWS, %d were accepted", n, accepted)
			}
		})
	}
}

func TestReceiver_refusesByHTTP(t *testing.T) {
	_, _, addr, restore := small(t, "batch")
	var refused *http.Response
	agenttest.Eventually(t, "a sender is refused", func() bool {
		body, err := ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(5)).MarshalProto()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Post("http://"+addr+"/v1/traces", "application/x-protobuf", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		refused = resp
		return resp.StatusCode != http.StatusOK
	})
	if c := refused.StatusCode; c != http.StatusTooManyRequests && c != http.StatusServiceUnavailable {
		t.Errorf("status %d", c)
	}
	if s, err := strconv.Atoi(refused.Header.Get("Retry-After")); err != nil || s < 1 {
		t.Errorf("Retry-After %q", refused.Header.Get("Retry-After"))
	}
	restore()
}
