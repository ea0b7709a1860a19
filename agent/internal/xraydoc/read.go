package xraydoc

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Names of attributes that are not a member's.
const (
	annotationsAttribute = "aws.xray.annotations"
	metadataPrefix       = "aws.xray.metadata."
	serviceAttribute     = "aws.service"
	connectionAttribute  = "db.connection_string"
	databaseAttribute    = "db.name"
)

// AppendSpans adds the spans of a segment document to td, its subsegments as
// spans of their own, and returns how many these are. A subsegment that is
// no span, for want of an id, a name or a time, stays in the document of the one around
// it. An error means that nothing was added, and says what is wrong with the
// document itself.
func AppendSpans(td ptrace.Traces, doc []byte) (int, error) {
	o, err := decode(doc)
	if err != nil {
		return 0, fmt.Errorf("segment document: %w", err)
	}
	id, err := identify(o)
	if err != nil {
		return 0, fmt.Errorf("segment document: %w", err)
	}
	rs := td.ResourceSpans().AppendEmpty()
	readResource(o, rs.Resource().Attributes())
	scope := rs.ScopeSpans().AppendEmpty()
	scope.Scope().SetName(readScope)
	spans := scope.Spans()
	appendSpan(spans, o, id)
	return spans.Len(), nil
}

// identity is what a span can't be without.
type identity struct {
	trace      pcommon.TraceID
	span       pcommon.SpanID
	parent     pcommon.SpanID
	start      uint64
	subsegment bool
}

func identify(o object) (id identity, err error) {
	if name, _ := text(o, "name"); name == "" {
		return id, errors.New(`it has no "name"`)
	}
	var ok bool
	if id.span, ok = spanID(o["id"]); !ok {
		return id, errors.New(`its "id" is not 16 hexadecimal digits`)
	}
	if id.trace, ok = traceID(o["trace_id"]); !ok {
		return id, errors.New(`its "trace_id" is not of the form 1-58406520-a006649127e371903a2de979`)
	}
	start, _ := o["start_time"].(json.Number)
	if id.start, ok = nanos(start); !ok {
		return id, errors.New(`its "start_time" is not a number of seconds`)
	}
	kind, _ := text(o, "type")
	if o["parent_id"] != nil {
		if id.parent, ok = spanID(o["parent_id"]); !ok {
			return id, errors.New(`its "parent_id" is not 16 hexadecimal digits`)
		}
		id.subsegment = strings.EqualFold(kind, "subsegment")
	}
	return id, nil
}

// appendSpan adds the span of o and those of its subsegments.
func appendSpan(spans ptrace.SpanSlice, o object, id identity) {
	embedded, _ := o["subsegments"].([]any)
	var (
		stay     []any
		children []object
		ids      []identity
	)
	for _, v := range embedded {
		child, ok := v.(object)
		if !ok {
			stay = append(stay, v)
			continue
		}
		alone := standAlone(child, o)
		childID, err := identify(alone)
		if err != nil {
			stay = append(stay, v)
			continue
		}
		children, ids = append(children, alone), append(ids, childID)
	}
	delete(o, "subsegments")
	if len(stay) > 0 {
		o["subsegments"] = stay
	}
	span := spans.AppendEmpty()
	readSpan(o, id, span)
	keep(span.Attributes(), encode(o))
	for i, child := range children {
		appendSpan(spans, child, ids[i])
	}
}

// standAlone is an embedded subsegment as it would be sent on its own.
func standAlone(child, parent object) object {
	alone := maps.Clone(child)
	alone["trace_id"], alone["parent_id"], alone["type"] = parent["trace_id"], parent["id"], "subsegment"
	return alone
}

// readSpan fills a span with what a document says. What it does depends on the
// document alone: see [Document].
func readSpan(o object, id identity, span ptrace.Span) {
	name, _ := text(o, "name")
	span.SetName(name)
	span.SetTraceID(id.trace)
	span.SetSpanID(id.span)
	span.SetParentSpanID(id.parent)
	span.SetStartTimestamp(pcommon.Timestamp(id.start))
	if n, ok := o["end_time"].(json.Number); ok {
		if end, ok := nanos(n); ok {
			span.SetEndTimestamp(pcommon.Timestamp(end))
		}
	}
	attributes := span.Attributes()
	namespace, _ := text(o, "namespace")
	switch {
	case !id.subsegment:
		span.SetKind(ptrace.SpanKindServer)
	case namespace == "aws":
		span.SetKind(ptrace.SpanKindClient)
		attributes.PutStr(serviceAttribute, name)
	case namespace == "remote":
		span.SetKind(ptrace.SpanKindClient)
	default:
		span.SetKind(ptrace.SpanKindInternal)
	}
	for _, fields := range spoken() {
		for i := range fields {
			fields[i].read(o, attributes)
		}
	}
	readDatabase(o, attributes)
	readAnnotations(o, attributes)
	readMetadata(o, attributes)
	readCause(o, span.Events())
	readLinks(o, span.Links())
	if failed(o) {
		span.Status().SetCode(ptrace.StatusCodeError)
		if cause, ok := text(o, "cause"); ok { // the id of an exception elsewhere
			span.Status().SetMessage(cause)
		}
	}
}

// failed tells whether a document reports a failure: by a flag, by a cause, or
// by a status of 400 and more, as the collector's receiver has it.
func failed(o object) bool {
	if truth(o, "fault") || truth(o, "error") || truth(o, "throttle") || o["cause"] != nil {
		return true
	}
	n, ok := at(o, "http", "response", "status").(json.Number)
	if !ok {
		return false
	}
	const firstError = 400
	status, err := n.Int64()
	return err == nil && status >= firstError
}

// readDatabase takes sql.url apart: what stands before the database's name, and
// that.
func readDatabase(o object, attributes pcommon.Map) {
	url, ok := text(o, "sql", "url")
	if !ok {
		return
	}
	url, _, _ = strings.Cut(url, "?")
	slash := strings.LastIndexAny(url, "/:@")
	if slash < 0 {
		attributes.PutStr(databaseAttribute, url)
		return
	}
	attributes.PutStr(connectionAttribute, strings.TrimRight(url[:slash+1], "/@"))
	attributes.PutStr(databaseAttribute, url[slash+1:])
}

func readAnnotations(o object, attributes pcommon.Map) {
	annotations, _ := o["annotations"].(object)
	if len(annotations) == 0 {
		return
	}
	names := slices.Sorted(maps.Keys(annotations))
	list := attributes.PutEmptySlice(annotationsAttribute)
	for _, name := range names {
		list.AppendEmpty().SetStr(name)
	}
	for _, name := range names {
		if _, there := attributes.Get(name); there {
			continue // a member's
		}
		if v := annotations[name]; isScalar(v) {
			setScalar(attributes.PutEmpty(name), v)
		}
	}
}

func isScalar(v any) bool {
	switch v.(type) {
	case string, bool, json.Number:
		return true
	}
	return false
}

func setScalar(to pcommon.Value, v any) {
	switch v := v.(type) {
	case string:
		to.SetStr(v)
	case bool:
		to.SetBool(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			to.SetInt(n)
		} else if f, err := v.Float64(); err == nil {
			to.SetDouble(f)
		} else {
			to.SetStr(v.String())
		}
	}
}

func readMetadata(o object, attributes pcommon.Map) {
	metadata, _ := o["metadata"].(object)
	for _, name := range slices.Sorted(maps.Keys(metadata)) {
		if text, err := json.Marshal(metadata[name]); err == nil {
			attributes.PutStr(metadataPrefix+name, string(text))
		}
	}
}

func readLinks(o object, links ptrace.SpanLinkSlice) {
	list, _ := o["links"].([]any)
	for _, v := range list {
		l, _ := v.(object)
		trace, ok := traceID(l["trace_id"])
		span, also := spanID(l["id"])
		if !ok || !also {
			continue
		}
		link := links.AppendEmpty()
		link.SetTraceID(trace)
		link.SetSpanID(span)
		attributes, _ := l["attributes"].(object)
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			if v := attributes[name]; isScalar(v) {
				setScalar(link.Attributes().PutEmpty(name), v)
			}
		}
	}
}

func readResource(o object, attributes pcommon.Map) {
	for i := range resourceFields {
		resourceFields[i].read(o, attributes)
	}
	aws, ok := o["aws"].(object)
	if !ok {
		return
	}
	attributes.PutStr("cloud.provider", "aws")
	if sdk, ok := text(o, "aws", "xray", "sdk"); ok {
		if _, language, ok := strings.Cut(sdk, "for "); ok { // "X-Ray for Go"
			attributes.PutStr("telemetry.sdk.language", strings.ToLower(language))
		}
	}
	logs, _ := aws["cloudwatch_logs"].([]any)
	for _, v := range logs {
		group, _ := v.(object)
		addToList(attributes, "aws.log.group.names", group["log_group"])
		addToList(attributes, "aws.log.group.arns", group["arn"])
	}
}

func addToList(attributes pcommon.Map, name string, v any) {
	text, ok := v.(string)
	if !ok {
		return
	}
	list, there := attributes.Get(name)
	if !there {
		list = attributes.PutEmpty(name)
		list.SetEmptySlice()
	}
	list.Slice().AppendEmpty().SetStr(text)
}

func spanID(v any) (id pcommon.SpanID, ok bool) {
	s, _ := v.(string)
	return id, unhex(id[:], s)
}

// traceID reads X-Ray's form of a trace id, or 32 hexadecimal digits.
func traceID(v any) (id pcommon.TraceID, ok bool) {
	const seconds, rest = 2, 10 // where they end: 1-58406520-…
	s, _ := v.(string)
	if strings.HasPrefix(s, "1-") && len(s) > rest && s[rest] == '-' {
		s = s[seconds:rest] + s[rest+1:]
	}
	return id, unhex(id[:], s)
}

func unhex(to []byte, s string) bool {
	if len(s) != hex.EncodedLen(len(to)) {
		return false
	}
	_, err := hex.Decode(to, []byte(s))
	return err == nil
}
