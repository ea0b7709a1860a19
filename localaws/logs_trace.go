package localaws

import (
	"encoding/hex"
	"strings"
)

// A traceKey is a trace id, the same for its X-Ray form and its W3C form.
type traceKey [16]byte

// String is the X-Ray form: 1-8-24 hexadecimal digits.
func (k traceKey) String() string {
	text := hex.EncodeToString(k[:])
	return "1-" + text[:8] + "-" + text[8:]
}

// parseTraceKey reads a trace id of either form.
func parseTraceKey(id string) (traceKey, bool) {
	if len(id) == xrayIDLen && id[0] == '1' && id[1] == '-' && id[10] == '-' {
		id = id[2:10] + id[11:]
	}
	var k traceKey
	if len(id) != 2*len(k) {
		return k, false
	}
	_, err := hex.Decode(k[:], []byte(id))
	return k, err == nil
}

// xrayIDLen is the length of "1-" + 8 digits + "-" + 24 digits.
const xrayIDLen = 35

// findTrace finds the trace id in the message of a log event: one of the X-Ray
// form anywhere, or else one of 32 digits behind trace_id or traceId.
func findTrace(message string) (traceKey, bool) {
	for rest := message; ; {
		i := strings.Index(rest, "1-")
		if i < 0 || len(rest) < i+xrayIDLen {
			break
		}
		if k, ok := parseTraceKey(rest[i : i+xrayIDLen]); ok {
			return k, true
		}
		rest = rest[i+2:]
	}
	if text, ok := findHex(message, 2*len(traceKey{}), "trace_id", "traceId"); ok {
		return parseTraceKey(text)
	}
	return traceKey{}, false
}

// findSpan finds the span id in a message: 16 digits behind span_id or spanId.
func findSpan(message string) string {
	text, _ := findHex(message, 16, "span_id", "spanId")
	return text
}

// findHex finds n hexadecimal digits as the value of one of the names, in JSON
// or as name=value.
func findHex(message string, n int, names ...string) (string, bool) {
	for _, name := range names {
		for rest := message; ; {
			i := strings.Index(rest, name)
			if i < 0 {
				break
			}
			rest = rest[i+len(name):]
			value := strings.TrimLeft(rest, "\\\" :=")
			if len(value) >= n && allHex(value[:n]) && (len(value) == n || !allHex(value[n:n+1])) {
				return value[:n], true
			}
		}
	}
	return "", false
}

func allHex(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// A logRef names an event of a trace.
type logRef struct {
	stream *logStream
	pos    logPos
}

// logRefBytes is what a reference costs in memory, its part of the map included.
const logRefBytes = 64

// maxTraceRefs is how many events of one trace are found by its id.
const maxTraceRefs = 10_000

func (s *logStore) indexLocked(st *logStream, e *logEvent) {
	k, ok := findTrace(e.message)
	if !ok || len(s.byTrace[k]) >= maxTraceRefs {
		return
	}
	s.byTrace[k] = append(s.byTrace[k], logRef{st, e.pos()})
	s.bytes += logRefBytes
}

func (s *logStore) unindexLocked(e *logEvent) {
	k, ok := findTrace(e.message)
	if !ok {
		return
	}
	refs := s.byTrace[k]
	for i, ref := range refs {
		if ref.pos == e.pos() {
			refs[i] = refs[len(refs)-1]
			refs = refs[:len(refs)-1]
			s.bytes -= logRefBytes
			break
		}
	}
	if len(refs) == 0 {
		delete(s.byTrace, k)
		return
	}
	s.byTrace[k] = refs
}

// ofTrace are the events of a trace, in no order.
func (s *logStore) ofTrace(k traceKey) []foundEvent {
	s.expire()
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []foundEvent
	for _, ref := range s.byTrace[k] {
		c := ref.stream.cursor(ref.pos, false)
		if e := c.event(); e != nil && e.pos() == ref.pos {
			found = append(found, foundEvent{*e, ref.stream.group.name, ref.stream.name})
		}
	}
	return found
}
