package localaws

import (
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// What this file does as AWS does: a span of OTLP becomes a segment document.
// Spans of servers and consumers, and roots, are segments named after their
// service; others are subsegments sent on their own, named after what they call.
// It leaves out the mapping's finer parts (stack traces, aws.ec2 and its like):
// attributes that have no member of their own are all in the metadata.
//
// Read from https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html

// attributes are a span's or a resource's, as JSON values.
type attributes map[string]any

func attributesOf(list []*commonpb.KeyValue) attributes {
	out := make(attributes, len(list))
	for _, kv := range list {
		out[kv.GetKey()] = anyValue(kv.GetValue())
	}
	return out
}

func anyValue(v *commonpb.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		if _, err := json.Marshal(v.DoubleValue); err != nil {
			return nil // NaN and the infinities are not JSON
		}
		return v.DoubleValue
	case *commonpb.AnyValue_BytesValue:
		return v.BytesValue
	case *commonpb.AnyValue_ArrayValue:
		list := []any{}
		for _, e := range v.ArrayValue.GetValues() {
			list = append(list, anyValue(e))
		}
		return list
	case *commonpb.AnyValue_KvlistValue:
		return attributesOf(v.KvlistValue.GetValues())
	}
	return nil
}

// text is the first of the attributes that is a string.
func (a attributes) text(keys ...string) string {
	for _, k := range keys {
		if s, ok := a[k].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func (a attributes) number(keys ...string) int64 {
	for _, k := range keys {
		if n, ok := a[k].(int64); ok {
			return n
		}
	}
	return 0
}

// segmentOfSpan is the document of a span that checkSpan has let pass.
func segmentOfSpan(span *tracepb.Span, resource attributes, scope string, sampled bool) checkedDocument {
	a := attributesOf(span.GetAttributes())
	id := hex.EncodeToString(span.GetTraceId())
	doc := map[string]any{
		"id": hex.EncodeToString(span.GetSpanId()), "trace_id": "1-" + id[:8] + "-" + id[8:],
		"start_time": float64(span.GetStartTimeUnixNano()) / 1e9,
		"end_time":   float64(max(span.GetEndTimeUnixNano(), span.GetStartTimeUnixNano())) / 1e9,
	}
	kind := span.GetKind()
	parent := len(span.GetParentSpanId()) > 0
	if parent {
		doc["parent_id"] = hex.EncodeToString(span.GetParentSpanId())
	}
	sub := parent && kind != tracepb.Span_SPAN_KIND_SERVER && kind != tracepb.Span_SPAN_KIND_CONSUMER
	name := resource.text("service.name")
	if sub {
		doc["type"] = "subsegment"
		name = span.GetName()
		if kind == tracepb.Span_SPAN_KIND_CLIENT || kind == tracepb.Span_SPAN_KIND_PRODUCER {
			doc["namespace"], name = calledBy(span.GetName(), a)
		}
	}
	doc["name"] = cleanName(name)
	setHTTP(doc, a, kind)
	setOutcome(doc, span, a)
	if user := a.text("enduser.id", "user.id"); user != "" && !tooLong(user, maxTextLength) {
		doc["user"] = user
	}
	if system := a.text("db.system.name", "db.system"); system != "" {
		doc["sql"] = map[string]any{"database_type": system, "sanitized_query": a.text("db.query.text", "db.statement")}
	}
	doc["metadata"] = map[string]any{"default": a, "otlp": map[string]any{
		"name": span.GetName(), "resource": resource, "scope": scope, "sampled": sampled,
	}}
	raw, err := json.Marshal(doc)
	if err != nil { // maps of JSON values always encode
		raw = nil
	}
	seg, _ := parseSegment(raw)
	return checkedDocument{seg, raw}
}

// calledBy is the namespace and the name of what a client's span calls.
func calledBy(name string, a attributes) (namespace, callee string) {
	if service := a.text("rpc.service"); a.text("rpc.system", "rpc.system.name") == "aws-api" && service != "" {
		return "aws", service
	}
	if peer := a.text("peer.service", "service.peer.name", "db.namespace", "db.name", "server.address", "net.peer.name", "rpc.service"); peer != "" {
		return "remote", peer
	}
	if u, err := url.Parse(a.text("url.full", "http.url")); err == nil && u.Host != "" {
		return "remote", u.Host
	}
	return "remote", name
}

// cleanName takes out of a name what X-Ray does not take.
func cleanName(name string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if notInName(r) {
			return -1
		}
		return r
	}, name))
	if len(runes) == 0 {
		return "unknown"
	}
	return string(runes[:min(len(runes), maxNameLength)])
}

func setHTTP(doc map[string]any, a attributes, kind tracepb.Span_SpanKind) {
	request := map[string]any{}
	address := a.text("url.full", "http.url", "http.target", "url.path")
	for member, text := range map[string]string{
		"method": a.text("http.request.method", "http.method"), "url": address,
		"user_agent": a.text("user_agent.original", "http.user_agent"), "client_ip": a.text("client.address", "http.client_ip"),
	} {
		if runes := []rune(text); len(runes) > 0 {
			request[member] = string(runes[:min(len(runes), maxTextLength)])
		}
	}
	if request["method"] == nil {
		return
	}
	if kind == tracepb.Span_SPAN_KIND_CLIENT {
		request["traced"] = true
	}
	doc["http"] = map[string]any{"request": request}
	if status := a.number("http.response.status_code", "http.status_code"); status > 0 {
		doc["http"] = map[string]any{"request": request, "response": map[string]any{"status": status}}
	}
}

// setOutcome sets the flags and, of the span's exceptions, the cause.
func setOutcome(doc map[string]any, span *tracepb.Span, a attributes) {
	status := a.number("http.response.status_code", "http.status_code")
	switch {
	case status == 429:
		doc["error"], doc["throttle"] = true, true
	case status >= 400 && status < 500:
		doc["error"] = true
	case status >= 500, span.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR:
		doc["fault"] = true
	}
	var exceptions []any
	for _, event := range span.GetEvents() {
		if event.GetName() == "exception" {
			e := attributesOf(event.GetAttributes())
			exceptions = append(exceptions, map[string]any{
				"id": hex.EncodeToString(span.GetSpanId()), "type": e.text("exception.type"), "message": e.text("exception.message"),
			})
		}
	}
	if len(exceptions) > 0 {
		doc["cause"] = map[string]any{"exceptions": exceptions}
	}
}
