package logs

import (
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// appendRaw appends e's body alone: a string as it is, but for bytes that are no
// UTF-8, anything else as JSON. Of what cannot be an event so it appends the
// line of AppendEvent. Only strings become longer than an event.
func appendRaw(dst []byte, e *Event) []byte {
	switch e.Body.Type() {
	case attribute.EMPTY:
		return AppendEvent(dst, e)
	case attribute.STRING:
		return appendRawText(dst, e, e.Body.AsString())
	}
	start := len(dst)
	dst = appendjson.Value(dst, e.Body)
	if len(dst)-start > MaxEventBytes {
		return AppendEvent(dst[:start], e)
	}
	return dst
}

func appendRawText(dst []byte, e *Event, text string) []byte {
	if text == "" {
		return AppendEvent(dst, e)
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return append(dst, text...)
}
