package xray

import (
	"context"
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Header is the HTTP header, and SQS attribute, that carries X-Ray's trace
// context: Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=0|1|?
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
const Header = "X-Amzn-Trace-Id"

// maxExtra bounds, in bytes, the unknown fields of a header that are passed on.
const maxExtra = 256

// A Propagator carries trace context in the X-Amzn-Trace-Id header. It takes
// fields in any order with blanks around them, upper-case ids, and headers
// with only a Root, as load balancers send: the trace is then continued by the
// ids of [NewIDGenerator]. Unknown fields, Lineage among them, are passed on.
// The zero value works.
type Propagator struct{}

var _ propagation.TextMapPropagator = Propagator{}

// incoming is what a header says besides a span context.
type incoming struct {
	root  trace.TraceID // of a header without a Parent
	extra string        // unknown fields, ";Key=Value" each
}

type incomingKey struct{}

// Inject implements propagation.TextMapPropagator.
func (Propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return
	}
	traceID, spanID := sc.TraceID(), sc.SpanID()
	var buf [128]byte
	header := append(buf[:0], "Root="...)
	header = AppendTraceID(header, traceID)
	header = append(header, ";Parent="...)
	header = hex.AppendEncode(header, spanID[:])
	if sc.IsSampled() {
		header = append(header, ";Sampled=1"...)
	} else {
		header = append(header, ";Sampled=0"...)
	}
	if in, ok := ctx.Value(incomingKey{}).(*incoming); ok {
		header = append(header, in.extra...)
	}
	carrier.Set(Header, string(header))
}

// Extract implements propagation.TextMapPropagator. A header that says no
// trace id leaves the context as it is.
func (Propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	header := carrier.Get(Header)
	if header == "" {
		return ctx
	}
	var (
		sc    trace.SpanContextConfig
		extra string
	)
	for field := range strings.SplitSeq(header, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "root":
			sc.TraceID = parseTraceID(value)
		case "parent":
			sc.SpanID = parseSpanID(value)
		case "sampled":
			if value == "1" {
				sc.TraceFlags = trace.FlagsSampled
			}
		case "", "self": // Self is the load balancer's own id, for its own hop
		default:
			if len(extra)+len(field) < maxExtra {
				extra += ";" + strings.TrimSpace(field)
			}
		}
	}
	if !sc.TraceID.IsValid() {
		return ctx
	}
	in := &incoming{extra: extra}
	if !sc.SpanID.IsValid() {
		in.root = sc.TraceID
	} else {
		sc.Remote = true
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(sc))
	}
	return context.WithValue(ctx, incomingKey{}, in)
}

// Fields implements propagation.TextMapPropagator.
func (Propagator) Fields() []string { return []string{Header} }

// parseTraceID reads 1-<8 hex>-<24 hex>; anything else is no id.
func parseTraceID(s string) (id trace.TraceID) {
	if len(s) != 35 || s[:2] != "1-" || s[10] != '-' {
		return id
	}
	if _, err := hex.Decode(id[:4], []byte(s[2:10])); err != nil {
		return trace.TraceID{}
	}
	if _, err := hex.Decode(id[4:], []byte(s[11:])); err != nil {
		return trace.TraceID{}
	}
	return id
}

func parseSpanID(s string) (id trace.SpanID) {
	if len(s) != 16 {
		return id
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return trace.SpanID{}
	}
	return id
}
