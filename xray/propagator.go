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
//
// Sampled=? asks the receiver to decide; a span context cannot say so. The
// question is kept beside it for [DecisionAsked] and [HonorHeader], and passed
// on as it came where no span was started. The zero value works.
type Propagator struct{}

var _ propagation.TextMapPropagator = Propagator{}

// incoming is what a header says besides a span context. It is kept only where
// there is such a thing.
type incoming struct {
	root    trace.TraceID // of a header without a Parent; zero where it says no trace either
	parent  trace.SpanID  // of a header with one
	sampled byte          // '0', '1', '?', or 0 where it does not say
	extra   string        // unknown fields, ";Key=Value" each
}

type incomingKey struct{}

func incomingOf(ctx context.Context) *incoming {
	in, _ := ctx.Value(incomingKey{}).(*incoming)
	return in
}

// asks tells whether sc is the caller's, who left the decision to us.
func (in *incoming) asks(sc trace.SpanContext) bool {
	if in == nil || in.sampled != '?' {
		return false
	}
	if !sc.IsValid() {
		return in.root.IsValid()
	}
	return sc.IsRemote() && !sc.IsSampled() && sc.SpanID() == in.parent
}

// DecisionAsked tells whether the header that ctx was extracted from asked,
// with Sampled=?, for a decision that no span has taken yet.
func DecisionAsked(ctx context.Context) bool {
	return incomingOf(ctx).asks(trace.SpanContextFromContext(ctx))
}

// Inject implements propagation.TextMapPropagator.
func (Propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	var buf [128]byte
	if header := AppendHeader(buf[:0], ctx); len(header) > 0 {
		carrier.Set(Header, string(header))
	}
}

// AppendHeader appends the value of the X-Amzn-Trace-Id header for ctx, or
// nothing where ctx has no trace.
//
//nolint:revive // dst stands first in everything that appends
func AppendHeader(dst []byte, ctx context.Context) []byte {
	sc, in := trace.SpanContextFromContext(ctx), incomingOf(ctx)
	sampled := byte('0')
	switch {
	case in.asks(sc):
		sampled = '?'
	case sc.IsSampled():
		sampled = '1'
	}
	switch {
	case sc.IsValid():
		spanID := sc.SpanID()
		dst = AppendTraceID(append(dst, "Root="...), sc.TraceID())
		dst = hex.AppendEncode(append(dst, ";Parent="...), spanID[:])
	case in != nil && in.root.IsValid(): // nobody made a span: as it came
		dst = AppendTraceID(append(dst, "Root="...), in.root)
		sampled = in.sampled
	default:
		return dst
	}
	if sampled != 0 {
		dst = append(dst, ";Sampled="...)
		dst = append(dst, sampled)
	}
	if in != nil {
		dst = append(dst, in.extra...)
	}
	return dst
}

// Extract implements propagation.TextMapPropagator. Of a header that says no
// trace id only the decision counts: X-Ray's SDK for Python sends a Root of
// zeros with its Sampled=0.
func (Propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	return extract(ctx, carrier.Get(Header))
}

func extract(ctx context.Context, header string) context.Context {
	sc, in := parseHeader(header)
	if !sc.TraceID.IsValid() {
		if (in.sampled == '0' || in.sampled == '1') && incomingOf(ctx) == nil {
			ctx = context.WithValue(ctx, incomingKey{}, &incoming{sampled: in.sampled})
		}
		return ctx
	}
	if sc.SpanID.IsValid() {
		sc.Remote = true
		in.parent = sc.SpanID
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(sc))
	} else {
		in.root = sc.TraceID
	}
	if in.root.IsValid() || in.sampled == '?' || in.extra != "" || incomingOf(ctx) != nil {
		kept := in // only what is kept goes to the heap
		ctx = context.WithValue(ctx, incomingKey{}, &kept)
	}
	return ctx
}

// parseHeader reads a header.
func parseHeader(header string) (sc trace.SpanContextConfig, in incoming) {
	for header != "" {
		var field string
		field, header, _ = strings.Cut(header, ";")
		field = trimBlanks(field)
		key, value, _ := strings.Cut(field, "=")
		key, value = trimBlanks(key), trimBlanks(value)
		switch {
		case key == "Root", strings.EqualFold(key, "root"):
			sc.TraceID = parseTraceID(value)
		case key == "Parent", strings.EqualFold(key, "parent"):
			sc.SpanID = parseSpanID(value)
		case key == "Sampled", strings.EqualFold(key, "sampled"):
			sc.TraceFlags, in.sampled = parseSampled(value)
		case key == "", strings.EqualFold(key, "self"): // the load balancer's own id, for its own hop
		default:
			if len(in.extra)+len(field) < maxExtra {
				in.extra += ";" + field
			}
		}
	}
	return sc, in
}

// trimBlanks is strings.TrimSpace for what has no blanks as a rule.
func trimBlanks(s string) string {
	if s != "" && '!' <= s[0] && s[0] <= '~' && '!' <= s[len(s)-1] && s[len(s)-1] <= '~' {
		return s
	}
	return strings.TrimSpace(s)
}

func parseSampled(value string) (trace.TraceFlags, byte) {
	switch value {
	case "1":
		return trace.FlagsSampled, '1'
	case "0", "?":
		return 0, value[0]
	}
	return 0, 0
}

// Fields implements propagation.TextMapPropagator.
func (Propagator) Fields() []string { return []string{Header} }

// parseTraceID reads 1-<8 hex>-<24 hex>; anything else is no id.
func parseTraceID(s string) (id trace.TraceID) {
	if len(s) != 35 || s[:2] != "1-" || s[10] != '-' ||
		!decodeHex(id[:4], s[2:10]) || !decodeHex(id[4:], s[11:]) {
		return trace.TraceID{}
	}
	return id
}

func parseSpanID(s string) (id trace.SpanID) {
	if len(s) != 16 || !decodeHex(id[:], s) {
		return trace.SpanID{}
	}
	return id
}

// decodeHex fills dst from twice as many hexadecimal digits.
func decodeHex(dst []byte, s string) bool {
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}
