package bench

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func (g *generator) event(e ptrace.SpanEvent, language string) {
	e.SetTimestamp(g.time())
	m := e.Attributes()
	switch g.IntN(6) {
	case 0:
		e.SetName("HTTP request failure")
		g.put(m, failure, 0.85)
	case 1:
		e.SetName(pick(g, texts))
		g.put(m, messaging, 0.8)
		g.put(m, unknown, 0.1)
	default:
		e.SetName("exception")
		g.put(m, exception, 0.8)
		if g.chance(0.85) {
			m.PutStr("exception.stacktrace", g.stack(language))
		}
	}
}

var failure = []candidate{
	{"http.response.status_code", []any{503, 400, "503", 1.5, true, []any{1, "<x>"}, map[string]any{"b": 1, "a": "<"}}},
	{"aws.http.error_message", []any{"SlowDown: reduce your rate", "<Error/>"}},
	{"exception.type", []any{"ThrottlingException"}},
}

var exception = []candidate{
	{"exception.type", []any{"java.lang.IllegalStateException", "*shop.CardError"}},
	{"exception.message", []any{"card refused", "state is not legal"}},
	{"exception.escaped", []any{true}},
	{"exception.language", []any{"python"}},
}

// stack is a stack trace of the language, or of any other one, whole or cut
// or shaken, but for those at which the collector's exporter ends its process.
func (g *generator) stack(language string) string {
	for {
		list := stacks[language]
		if len(list) == 0 || g.chance(0.05) {
			list = stacks[pick(g, languages)]
		}
		stack := g.shake(pick(g, list))
		if !crashes(language, stack) {
			return stack
		}
	}
}

func (g *generator) shake(stack string) string {
	lines := strings.Split(stack, "\n")
	switch g.IntN(12) {
	case 0, 1, 2:
		return stack[:g.IntN(len(stack)+1)]
	case 3:
		at := g.IntN(len(lines))
		return strings.Join(slices.Delete(lines, at, at+1), "\n")
	case 4:
		at := g.IntN(len(lines))
		return strings.Join(slices.Insert(lines, at, lines[g.IntN(len(lines))]), "\n")
	case 5:
		return strings.ReplaceAll(stack, "\n", "\r\n")
	case 6:
		at := g.IntN(len(stack) + 1)
		return stack[:at] + pick(g, []string{":", "(", ")", " in ", "\n", "\r", ",", "/", " line ", "99999999999999999999", "é", "\xff", "\v"}) + stack[at:]
	case 7:
		return stack + "\n"
	}
	return stack
}

// crashes tells the stack traces at which the collector's exporter, v0.159.0,
// panics: each indexes past the end of a line or of a list of lines.
func crashes(language, stack string) bool {
	lines := strings.Split(stack, "\n")
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		switch language {
		case "java", "php":
			if caused, ok := strings.CutPrefix(line, "Caused by: "); ok && endsAtColon(caused) {
				return true
			}
		case "python":
			if pythonCrashes(lines, i) {
				return true
			}
		case "dotnet":
			line = strings.TrimSpace(line)
			parts := strings.Split(line, " in ")
			if !strings.HasPrefix(line, "at ") || len(parts) < 2 {
				continue
			}
			if len(parts[0]) < len("at ") || parts[1][strings.LastIndexByte(parts[1], ':')+1:] == "line" {
				return true
			}
		}
	}
	return false
}

// pythonCrashes tells whether line i is a frame with less than two quotes, or
// a marker without a whole exception above it.
func pythonCrashes(lines []string, i int) bool {
	line := lines[i]
	if parts := strings.Split(line, ","); strings.HasPrefix(line, "  File ") && len(parts) == 3 && len(parts[0]) < len(`  File ""`) {
		return true
	}
	if !strings.HasPrefix(line, "During handling of the above exception, another exception occurred:") {
		return false
	}
	file := i - 1
	for file >= 0 && !strings.HasPrefix(lines[file], "  File ") {
		file--
	}
	if file < 0 {
		return false
	}
	return i-file < 3 || endsAtColon(strings.Join(lines[file+2:i-1], "\n"))
}

func endsAtColon(s string) bool {
	colon := strings.IndexByte(s, ':')
	return colon >= 0 && colon == len(s)-1
}

// crashing are the inputs that end the collector's process, one of each kind.
var crashing = []struct{ language, stack string }{
	{"java", "java.lang.RuntimeException\nCaused by: Foo:"},
	{"php", "RuntimeException\n\tat a(b.php:1)\nCaused by: Foo:\n\tat c(d.php:2)"},
	{"python", "Traceback (most recent call last):\n  File ,a,b\nTypeError"},
	{"python", "  File \"a\", line 1, in f\n    x\nDuring handling of the above exception, another exception occurred:\n\nTypeError"},
	{"python", "  File \"a\", line 1, in f\n    x\nKeyError:\n\nDuring handling of the above exception, another exception occurred:\n\nTypeError"},
	{"dotnet", "System.Exception\n   at a in b:line"},
	{"dotnet", "System.Exception\n   at in b"},
}

// panics tells whether f does.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func crashingSpan(language, stack string) ptrace.Traces {
	traces := ptrace.NewTraces()
	rs := traces.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("telemetry.sdk.language", language)
	span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetSpanID(pcommon.SpanID{1})
	event := span.Events().AppendEmpty()
	event.SetName("exception")
	event.Attributes().PutStr("exception.stacktrace", stack)
	return traces
}
