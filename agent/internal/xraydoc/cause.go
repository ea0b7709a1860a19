package xraydoc

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// exceptionEvent is the name of an event that is an exception.
const exceptionEvent = "exception"

// Attributes of such an event.
const (
	exceptionType    = "exception.type"
	exceptionMessage = "exception.message"
	exceptionStack   = "exception.stacktrace"
	exceptionID      = "aws.xray.exception.id"
)

// exceptionFields are the members of an exception that are attributes as they
// are.
var exceptionFields = []field{
	{exceptionID, []string{"id"}, asText},
	{exceptionMessage, []string{"message"}, asText},
	{exceptionType, []string{"type"}, asText},
	{"aws.xray.exception.remote", []string{"remote"}, asTruth},
	{"aws.xray.exception.truncated", []string{"truncated"}, asNumber},
	{"aws.xray.exception.skipped", []string{"skipped"}, asNumber},
	{"aws.xray.exception.cause", []string{"cause"}, asText},
}

// readCause makes an event of each exception.
func readCause(o object, events ptrace.SpanEventSlice) {
	exceptions, _ := at(o, "cause", "exceptions").([]any)
	for _, v := range exceptions {
		e, ok := v.(object)
		if !ok {
			continue
		}
		event := events.AppendEmpty()
		event.SetName(exceptionEvent)
		for i := range exceptionFields {
			exceptionFields[i].read(e, event.Attributes())
		}
		if stack, _ := e["stack"].([]any); len(stack) > 0 {
			event.Attributes().PutStr(exceptionStack, stackTrace(e, stack))
		}
	}
}

// stackTrace writes frames as Java does, which is what the collector's receiver
// makes of them.
func stackTrace(e object, stack []any) string {
	kind, _ := text(e, "type")
	message, _ := text(e, "message")
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", kind, message)
	for _, v := range stack {
		frame, _ := v.(object)
		label, _ := text(frame, "label")
		path, _ := text(frame, "path")
		line, ok := frame["line"].(json.Number)
		if !ok {
			line = "<unknown>"
		}
		fmt.Fprintf(&b, "\tat %s(%s: %s)\n", label, path, line)
	}
	return b.String()
}

// patchCause changes the exceptions of o whose events the pipeline changed, and
// takes those away whose events it took away.
func patchCause(o object, before, now ptrace.SpanEventSlice) {
	exceptions, _ := at(o, "cause", "exceptions").([]any)
	if len(exceptions) == 0 {
		return
	}
	var left []any
	next := 0
	for _, v := range exceptions {
		e, ok := v.(object)
		if !ok {
			left = append(left, v)
			continue
		}
		was := before.At(next).Attributes()
		next++
		event, there := eventOf(now, was)
		if !there {
			continue
		}
		patchException(e, was, event)
		left = append(left, e)
	}
	put(o, left, "cause", "exceptions")
}

// eventOf is the event now that was made of the same exception.
func eventOf(now ptrace.SpanEventSlice, was pcommon.Map) (pcommon.Map, bool) {
	key := exceptionID
	id, ok := was.Get(key)
	if !ok {
		key = exceptionMessage
		id, ok = was.Get(key)
	}
	for _, event := range now.All() {
		if event.Name() != exceptionEvent {
			continue
		}
		if v, there := event.Attributes().Get(key); there == ok && (!ok || v.Equal(id)) {
			return event.Attributes(), true
		}
	}
	return pcommon.Map{}, false
}

func patchException(e object, was, now pcommon.Map) {
	for i := range exceptionFields {
		f := &exceptionFields[i]
		a, before := was.Get(f.attribute)
		b, after := now.Get(f.attribute)
		switch {
		case after && (!before || !a.Equal(b)):
			f.write(e, b)
		case before && !after:
			remove(e, f.path...)
		}
	}
	a, before := was.Get(exceptionStack)
	b, after := now.Get(exceptionStack)
	if before && (!after || !a.Equal(b)) { // what was hidden in it must not be sent
		remove(e, "stack")
	}
}
