package agent_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// deepProto is a request whose span has an attribute of so many lists within each other. A program that goes into each ends:
// 20 MB, what the receivers take, are two million.
func deepProto(levels int) []byte {
	const resourceSpans, scopeSpans, spans, attributes, value, arrayValue, values = 1, 2, 2, 9, 2, 5, 1
	fields := slices.Concat([]protowire.Number{resourceSpans, scopeSpans, spans, attributes, value},
		slices.Repeat([]protowire.Number{arrayValue, values}, levels))
	sizes := make([]int, len(fields)) // of what each field has in it
	for i := len(fields) - 1; i > 0; i-- {
		sizes[i-1] = protowire.SizeTag(fields[i]) + protowire.SizeBytes(sizes[i])
	}
	var b []byte
	for i, f := range fields {
		b = protowire.AppendVarint(protowire.AppendTag(b, f, protowire.BytesType), uint64(sizes[i]))
	}
	return b
}

// deepJSON is the same in JSON.
func deepJSON(levels int) []byte {
	return []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"k","value":` +
		strings.Repeat(`{"arrayValue":{"values":[`, levels) + strings.Repeat(`]}}`, levels) + `}]}]}]}]}`)
}

// TestDepth sends values that are nested beyond all reason on each road that OTLP has into the agent: they are refused, and what
// others send arrives, through a queue on disk.
func TestDepth(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	grpcAddr, httpAddr, port := agenttest.FreeAddr(t), agenttest.FreeAddr(t), agenttest.FreeAddr(t)
	agenttest.Start(t, agent.Components, fmt.Sprintf(`
extensions: {file_storage: {directory: %q}}
receivers:
  otlp: {protocols: {grpc: {endpoint: %q, max_recv_msg_size_mib: 32}, http: {endpoint: %q}}}
  awsxray: {endpoint: %q, proxy_server: {endpoint: %q, region: us-east-1, aws_endpoint: %q}}
processors: {batch: {timeout: 50ms}}
exporters: {awsxray: {region: us-east-1, sending_queue: {storage: file_storage}}}
service:
  extensions: [file_storage]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp, awsxray], processors: [batch], exporters: [awsxray]}}`,
		t.TempDir(), grpcAddr, httpAddr, port, port, srv.URL()))

	sent := 0
	post := func(addr, kind string, body []byte) {
		t.Helper()
		agenttest.Send(t, agenttest.Client(t, grpcAddr), agenttest.Traces(1))
		sent++
		resp, err := http.Post("http://"+addr+"/v1/traces", kind, bytes.NewReader(body))
		if err != nil {
			t.Fatalf("%s, %s of %d bytes: %v", addr, kind, len(body), err)
		}
		defer resp.Body.Close()
		if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "deep") && !strings.Contains(string(text), "depth") {
			t.Errorf("%s, %s of %d bytes: %s %q", addr, kind, len(body), resp.Status, text)
		}
	}
	binary := deepProto(2_000_000)
	for _, addr := range []string{httpAddr, port} {
		post(addr, "application/x-protobuf", deepProto(100))
		post(addr, "application/x-protobuf", binary)
		post(addr, "application/json", deepJSON(100))
		post(addr, "application/json; charset=utf-8", deepJSON(700_000))
	}
	for _, addr := range []string{grpcAddr, port} {
		conn := agenttest.Dial(t, addr)
		var answer []byte
		err := conn.Invoke(t.Context(), "/opentelemetry.proto.collector.trace.v1.TraceService/Export", binary, &answer, grpc.ForceCodec(asIs{}))
		if code := status.Code(err); code != codes.Internal && code != codes.InvalidArgument || !strings.Contains(err.Error(), "depth") {
			t.Errorf("%s, gRPC: %v", addr, err)
		}
		if _, err := ptraceotlp.NewGRPCClient(conn).Export(t.Context(), ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(1))); err != nil {
			t.Errorf("%s, gRPC: %v", addr, err)
		}
		sent++
	}
	agenttest.Eventually(t, "what others sent arrives", func() bool { return srv.Counts().Segments == sent })
}

// asIs has gRPC send and take bytes.
type asIs struct{}

func (asIs) Marshal(v any) ([]byte, error)      { return v.([]byte), nil }
func (asIs) Unmarshal(data []byte, v any) error { *v.(*[]byte) = slices.Clone(data); return nil }
func (asIs) Name() string                       { return "proto" }
