package xray

import (
	"encoding/hex"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// maxStackFrames bounds the frames of one exception; X-Ray counts the others
// in "truncated".
const maxStackFrames = 64

// appendCause writes why the span failed: one exception for each exception
// event, else the status message of a failed span.
func (f *facts) appendCause(dst []byte, s *Segment, d detail) []byte {
	start := len(dst)
	dst = append(dst, `,"cause":{"exceptions":[`...)
	first := len(dst)
	for i := range s.Events {
		if s.Events[i].Name != "exception" {
			continue
		}
		if len(dst) != first {
			dst = append(dst, ',')
		}
		dst = appendException(dst, s, i, d)
	}
	if len(dst) == first {
		if s.Status != codes.Error || s.StatusMessage == "" {
			return dst[:start]
		}
		dst = appendExceptionHead(dst, s, 0, "", s.StatusMessage)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

func appendException(dst []byte, s *Segment, i int, d detail) []byte {
	var kind, message, stack string
	for _, kv := range s.Events[i].Attributes {
		switch kv.Key {
		case "exception.type":
			kind = kv.Value.AsString()
		case "exception.message":
			message = kv.Value.AsString()
		case "exception.stacktrace":
			stack = kv.Value.AsString()
		}
	}
	dst = appendExceptionHead(dst, s, i, kind, message)
	if d < withoutStacks {
		dst = appendGoStack(dst, stack)
	}
	return append(dst, '}')
}

func appendExceptionHead(dst []byte, s *Segment, i int, kind, message string) []byte {
	dst = append(dst, `{"id":"`...)
	dst = appendExceptionID(dst, s.SpanID, i)
	dst = append(dst, '"')
	dst = appendLong(dst, 0, "type", cut(kind, MaxStringLength))
	dst = appendLong(dst, 0, "message", cut(message, 4*MaxAnnotationBytes))
	if s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer {
		dst = append(dst, `,"remote":true`...)
	}
	return dst
}

// appendExceptionID derives the 16 hex digits that X-Ray wants of each
// exception from the span's id and the event's place, so that encoding a span
// twice gives one document.
func appendExceptionID(dst []byte, span trace.SpanID, i int) []byte {
	id := span
	for b := len(id) - 1; b >= 0 && i >= 0; b-- {
		id[b] ^= byte(i + 1)
		i = i>>8 - 1
	}
	id[0] ^= 0x80
	return hex.AppendEncode(dst, id[:])
}

// appendGoStack writes the frames of a stack trace as Go's runtime/debug
// prints it: a goroutine's header, then a function and its file:line in turn.
func appendGoStack(dst []byte, stack string) []byte {
	if !strings.HasPrefix(stack, "goroutine ") {
		return dst
	}
	start := len(dst)
	dst = append(dst, `,"stack":[`...)
	first, frames, label := len(dst), 0, ""
	for line := range strings.Lines(stack) {
		line = strings.TrimRight(line, "\r\n")
		if !strings.HasPrefix(line, "\t") {
			label = line
			continue
		}
		if label == "" || strings.HasPrefix(label, "goroutine ") {
			continue
		}
		if frames++; frames > maxStackFrames {
			continue
		}
		if len(dst) != first {
			dst = append(dst, ',')
		}
		dst = appendFrame(dst, label, line)
		label = ""
	}
	if frames == 0 {
		return dst[:start]
	}
	dst = append(dst, ']')
	if frames > maxStackFrames {
		dst = append(dst, `,"truncated":`...)
		dst = strconv.AppendInt(dst, int64(frames-maxStackFrames), 10)
	}
	return dst
}

func appendFrame(dst []byte, label, location string) []byte {
	location = strings.TrimPrefix(location, "\t")
	if at := strings.LastIndex(location, " +0x"); at >= 0 {
		location = location[:at]
	}
	path, number := location, 0
	if colon := strings.LastIndexByte(location, ':'); colon >= 0 {
		if n, err := strconv.Atoi(location[colon+1:]); err == nil && n >= 0 {
			path, number = location[:colon], n
		}
	}
	dst = append(dst, `{"path":`...)
	dst = appendjson.String(dst, path)
	dst = append(dst, `,"line":`...)
	dst = strconv.AppendInt(dst, int64(number), 10)
	dst = append(dst, `,"label":`...)
	dst = appendjson.String(dst, label)
	return append(dst, '}')
}
