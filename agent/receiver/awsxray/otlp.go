package awsxray

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // requests may be compressed
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/updraft-otel/updraft/agent/internal/jsondepth"
	"github.com/updraft-otel/updraft/agent/internal/refusal"
	"github.com/updraft-otel/updraft/agent/internal/samplingproxy"
)

// maxOTLP is the most of an OTLP request, decompressed; the collector's OTLP receiver has the same over HTTP.
const maxOTLP = 20 << 20

// otlp takes OTLP requests to the pipelines that the receiver is in.
type otlp struct{ r *xrayReceiver }

func newOTLP(r *xrayReceiver) *otlp { return &otlp{r} }

func (o *otlp) grpcServer() *grpc.Server {
	server := grpc.NewServer(grpc.MaxRecvMsgSize(maxOTLP))
	ptraceotlp.RegisterGRPCServer(server, &traceService{o: o})
	pmetricotlp.RegisterGRPCServer(server, &metricService{o: o})
	plogotlp.RegisterGRPCServer(server, &logService{o: o})
	return server
}

type traceService struct {
	ptraceotlp.UnimplementedGRPCServer
	o *otlp
}

func (s *traceService) Export(ctx context.Context, request ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	return ptraceotlp.NewExportResponse(), s.o.traces(ctx, request)
}

type metricService struct {
	pmetricotlp.UnimplementedGRPCServer
	o *otlp
}

func (s *metricService) Export(ctx context.Context, request pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	return pmetricotlp.NewExportResponse(), s.o.metrics(ctx, request)
}

type logService struct {
	plogotlp.UnimplementedGRPCServer
	o *otlp
}

func (s *logService) Export(ctx context.Context, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	return plogotlp.NewExportResponse(), s.o.logs(ctx, request)
}

func (o *otlp) traces(ctx context.Context, request ptraceotlp.ExportRequest) error {
	next := o.r.next.traces
	if next == nil {
		return noPipeline("traces")
	}
	ctx = o.r.report.StartTracesOp(ctx)
	td := request.Traces()
	n := td.SpanCount()
	err := next.ConsumeTraces(ctx, td)
	o.r.report.EndTracesOp(ctx, "otlp", n, err)
	return answered(err)
}

func (o *otlp) metrics(ctx context.Context, request pmetricotlp.ExportRequest) error {
	next := o.r.next.metrics
	if next == nil {
		return noPipeline("metrics")
	}
	ctx = o.r.report.StartMetricsOp(ctx)
	md := request.Metrics()
	n := md.DataPointCount()
	err := next.ConsumeMetrics(ctx, md)
	o.r.report.EndMetricsOp(ctx, "otlp", n, err)
	return answered(err)
}

func (o *otlp) logs(ctx context.Context, request plogotlp.ExportRequest) error {
	next := o.r.next.logs
	if next == nil {
		return noPipeline("logs")
	}
	ctx = o.r.report.StartLogsOp(ctx)
	ld := request.Logs()
	n := ld.LogRecordCount()
	err := next.ConsumeLogs(ctx, ld)
	o.r.report.EndLogsOp(ctx, "otlp", n, err)
	return answered(err)
}

func noPipeline(signal string) error {
	return status.Error(codes.Unimplemented, "the awsxray receiver is in no pipeline of "+signal+"; add it to service.pipelines."+signal+".receivers")
}

// answered is what a client is told.
func answered(err error) error {
	if consumererror.IsPermanent(err) {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return refusal.Status(err)
}

// ServeHTTP takes OTLP over HTTP, protobuf or JSON.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
func (o *otlp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-protobuf" && kind != "application/json" {
		http.Error(w, "Content-Type must be application/x-protobuf or application/json", http.StatusUnsupportedMediaType)
		return
	}
	asJSON := kind == "application/json"
	body, err := readOTLP(w, r, asJSON)
	if err != nil {
		answerStatus(w, asJSON, err)
		return
	}
	answer, err := o.export(r.Context(), r.URL.Path, body, asJSON)
	if err != nil {
		answerStatus(w, asJSON, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(answer)
}

func readOTLP(w http.ResponseWriter, r *http.Request, asJSON bool) ([]byte, error) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxOTLP)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, "the body is no gzip: "+err.Error())
		}
		body = unpacked
	default:
		return nil, status.Error(codes.InvalidArgument, "Content-Encoding "+strconv.Quote(encoding)+" is not known; use gzip or none")
	}
	body = io.LimitReader(body, maxOTLP+1)
	if asJSON {
		body = jsondepth.NewReader(body)
	}
	all, err := io.ReadAll(body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) || len(all) > maxOTLP {
		return nil, status.Error(codes.OutOfRange, "the request has more than 20 MiB; send smaller batches")
	}
	if errors.Is(err, samplingproxy.ErrBusy) {
		return nil, refusal.Status(err)
	}
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "the body can't be read: "+err.Error())
	}
	return all, nil
}

// message is a request or an answer of OTLP.
type message interface {
	MarshalProto() ([]byte, error)
	MarshalJSON() ([]byte, error)
}

type request interface {
	UnmarshalProto([]byte) error
	UnmarshalJSON([]byte) error
}

func (o *otlp) export(ctx context.Context, path string, body []byte, asJSON bool) ([]byte, error) {
	read := func(r request) error {
		var err error
		if asJSON {
			err = r.UnmarshalJSON(body)
		} else {
			err = r.UnmarshalProto(body)
		}
		if err != nil {
			return status.Error(codes.InvalidArgument, "the body is no OTLP request: "+err.Error())
		}
		return nil
	}
	write := func(m message, err error) ([]byte, error) {
		switch {
		case err != nil:
			return nil, err
		case asJSON:
			return m.MarshalJSON()
		}
		return m.MarshalProto()
	}
	switch path {
	case "/v1/traces":
		r := ptraceotlp.NewExportRequest()
		if err := read(r); err != nil {
			return nil, err
		}
		return write(ptraceotlp.NewExportResponse(), o.traces(ctx, r))
	case "/v1/metrics":
		r := pmetricotlp.NewExportRequest()
		if err := read(r); err != nil {
			return nil, err
		}
		return write(pmetricotlp.NewExportResponse(), o.metrics(ctx, r))
	case "/v1/logs":
		r := plogotlp.NewExportRequest()
		if err := read(r); err != nil {
			return nil, err
		}
		return write(plogotlp.NewExportResponse(), o.logs(ctx, r))
	}
	return nil, status.Error(codes.Unimplemented, "OTLP has the paths /v1/traces, /v1/metrics and /v1/logs")
}

// answerStatus answers with a google.rpc.Status, as OTLP wants it.
func answerStatus(w http.ResponseWriter, asJSON bool, err error) {
	s := status.Convert(err)
	code := http.StatusInternalServerError
	switch s.Code() {
	case codes.InvalidArgument:
		code = http.StatusBadRequest
	case codes.OutOfRange:
		code = http.StatusRequestEntityTooLarge
	case codes.Unimplemented:
		code = http.StatusNotFound
	case codes.ResourceExhausted:
		code = http.StatusTooManyRequests
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Aborted:
		code = http.StatusServiceUnavailable
	}
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(refusal.Delay/time.Second)))
	}
	writeStatus(w, asJSON, code, s)
}

func writeStatus(w http.ResponseWriter, asJSON bool, code int, s *status.Status) {
	if asJSON {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(map[string]any{"code": s.Code(), "message": s.Message()})
		return
	}
	text, err := proto.Marshal(s.Proto())
	if err != nil {
		text = nil
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(code)
	_, _ = w.Write(text) //nolint:gosec // it is protobuf by its type
}
