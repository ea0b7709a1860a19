package logs

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// AppendText appends e as a line for people, without a line end: time,
// severity and body, then attributes, trace id in X-Ray's form, span id and
// service as key=value, the keys of groups joined by dots. It leaves out scope
// and resource. The result is never longer than MaxEventBytes; what is cut ends
// with TruncationMark.
func AppendText(dst []byte, e *Event) []byte {
	start := len(dst)
	if at := e.At().UTC(); !at.IsZero() {
		dst = append(at.AppendFormat(dst, "2006-01-02T15:04:05.000Z07:00"), ' ')
	}
	if e.Severity != "" {
		dst = append(append(dst, e.Severity...), ' ')
	}
	dst = appendLine(dst, e.Body.String())
	dst = appendPairs(dst, "", e.Attributes)
	if e.TraceID != [16]byte{} {
		dst = append(dst, " trace_id=1-"...)
		dst = append(appendjson.Hex(dst, e.TraceID[:4]), '-')
		dst = appendjson.Hex(dst, e.TraceID[4:])
	}
	if e.SpanID != [8]byte{} {
		dst = appendjson.Hex(append(dst, " span_id="...), e.SpanID[:])
	}
	if e.Service != "" {
		dst = appendTextValue(append(dst, " service="...), e.Service)
	}
	if len(dst)-start > MaxEventBytes {
		keep := start + MaxEventBytes - len(TruncationMark)
		for keep > start && !utf8.RuneStart(dst[keep]) {
			keep--
		}
		dst = append(dst[:keep], TruncationMark...)
	}
	return dst
}

func appendPairs(dst []byte, prefix string, kvs []attribute.KeyValue) []byte {
	for _, kv := range kvs {
		key := prefix + string(kv.Key)
		if kv.Value.Type() == attribute.MAP {
			dst = appendPairs(dst, key+".", kv.Value.AsMap())
			continue
		}
		dst = appendTextValue(append(dst, ' '), key)
		dst = appendTextValue(append(dst, '='), kv.Value.String())
	}
	return dst
}

// appendLine keeps a message on its line.
func appendLine(dst []byte, s string) []byte {
	if !strings.ContainsFunc(s, unicode.IsControl) && utf8.ValidString(s) {
		return append(dst, s...)
	}
	quoted := strconv.AppendQuote(nil, s)
	return append(dst, quoted[1:len(quoted)-1]...)
}

// appendTextValue quotes what would not be read as one word.
func appendTextValue(dst []byte, s string) []byte {
	odd := func(r rune) bool {
		return r == '"' || r == '=' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r)
	}
	if s == "" || strings.ContainsFunc(s, odd) {
		return strconv.AppendQuote(dst, s)
	}
	return append(dst, s...)
}
