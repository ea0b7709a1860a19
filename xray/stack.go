package xray

import (
	"strconv"
	"strings"
)

// parse writes the frames of a stack trace, by the language of its SDK. A text
// of no known form gives none; the metadata keep it whole.
func (w *causeWriter) parse(stack, language string) {
	if stack == "" {
		return
	}
	switch language {
	case "java", "php": // PHP's SDK prints as Java does
		w.java(stack)
	case "python":
		w.python(stack)
	case "javascript":
		w.javascript(stack)
	case "dotnet":
		w.dotnet(stack)
	case "go":
		w.golang(stack)
	default:
		if w.compat {
			return
		}
		switch {
		case language == "nodejs", language == "webjs": // as OpenTelemetry's SDKs call themselves
			w.javascript(stack)
		case language == "kotlin", language == "android", language == "scala":
			w.java(stack)
		case language == "" && strings.HasPrefix(stack, "goroutine "):
			w.golang(stack)
		case language == "" && strings.HasPrefix(stack, "Traceback (most recent call last):"):
			w.python(stack)
		}
	}
}

// hasFrames tells whether a stack trace gives frames.
func (f *facts) hasFrames(stack, language string) bool {
	if f.trim.frames == 0 {
		return true // trimmed, not unknown
	}
	probe := causeWriter{compat: f.compat, limit: f.trim.frames, s: &Segment{}}
	probe.parse(stack, language)
	return probe.frames > 0 || probe.count > 0
}

// nextLine cuts the first line off a text.
func nextLine(text string) (line, rest string, ok bool) {
	if text == "" {
		return "", "", false
	}
	line, rest, ended := strings.Cut(text, "\n")
	if ended {
		line = strings.TrimSuffix(line, "\r")
	}
	return line, rest, true
}

// lineNumber reads the number of a line; 0 where it is none, the largest where
// it is too large.
func lineNumber(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// message is what stands behind a colon: the collector's exporter leaves out
// the first byte, which is a blank as a rule.
func (w *causeWriter) message(behind string) string {
	if w.compat {
		return behind[min(1, len(behind)):]
	}
	return strings.TrimPrefix(behind, " ")
}

// javaFrame tells whether a line is a frame: "\tat method(place)".
func javaFrame(line string) bool {
	return strings.HasPrefix(line, "\tat ") && strings.Contains(line, "(") && line[len(line)-1] == ')'
}

// java reads what Throwable.printStackTrace prints.
func (w *causeWriter) java(stack string) {
	_, rest, _ := nextLine(stack) // the exception itself
	for line, after, ok := nextLine(rest); ok; line, after, ok = nextLine(rest) {
		rest = after
		caused, isCause := strings.CutPrefix(line, "Caused by: ")
		switch {
		case javaFrame(line):
			w.javaFrame(line[len("\tat "):])
		case isCause:
			rest = w.javaCause(caused, rest)
		case strings.HasPrefix(line, "\t... ") && strings.HasSuffix(line, " more"):
			w.more = max(lineNumber(line[len("\t... "):max(len(line)-len(" more"), len("\t... "))]), 0)
		}
	}
}

func (w *causeWriter) javaFrame(frame string) {
	label, path, _ := strings.Cut(frame, "(")
	if w.compat {
		if _, after, ok := strings.Cut(label, "/"); ok {
			label = after
		}
	} else {
		label = javaMethod(label)
	}
	path = path[:len(path)-1]
	path, number, _ := strings.Cut(path, ":")
	w.frame(path, lineNumber(number), label)
}

// javaMethod takes a class loader and a module off a method's name, which stand
// before it as in "app//shop@1.2/"; not what a lambda's class has after its own
// slash, as in "Cart$$Lambda/0x7f01.run".
func javaMethod(label string) string {
	at := strings.LastIndexByte(label, '/')
	if at >= 0 && strings.HasPrefix(label[at+1:], "0x") {
		at = strings.LastIndexByte(label[:at], '/')
	}
	return label[at+1:]
}

// javaCause begins the exception behind, whose message may have more lines.
func (w *causeWriter) javaCause(caused, rest string) string {
	kind, message, _ := strings.Cut(caused, ":")
	message = w.message(message)
	for {
		line, after, ok := nextLine(rest)
		if !ok || javaFrame(line) || !w.compat && (strings.HasPrefix(line, "\t... ") || strings.HasPrefix(line, "Caused by: ")) {
			break
		}
		if !w.compat {
			message += "\n"
		}
		message += line
		rest = after
	}
	w.causedBy(kind, message)
	return rest
}

// golang reads what runtime/debug.Stack prints: a goroutine's header, then a
// function and its place in turn.
func (w *causeWriter) golang(stack string) {
	if w.compat {
		w.golangCompat(stack)
		return
	}
	label := ""
	for line, rest, ok := nextLine(stack); ok; line, rest, ok = nextLine(rest) {
		if !strings.HasPrefix(line, "\t") {
			label = line
			continue
		}
		if label == "" || strings.HasPrefix(label, "goroutine ") {
			continue
		}
		place := strings.TrimPrefix(line, "\t")
		if at := strings.LastIndex(place, " +0x"); at >= 0 {
			place = place[:at]
		}
		number := 0
		if colon := strings.LastIndexByte(place, ':'); colon >= 0 {
			if n := lineNumber(place[colon+1:]); n > 0 {
				place, number = place[:colon], n
			}
		}
		w.frame(place, number, label)
		label = ""
	}
}

// golangCompat pairs lines as the collector's exporter does.
func (w *causeWriter) golangCompat(stack string) {
	path, number := "", 0
	_, rest, _ := nextLine(stack)
	for line, after, ok := nextLine(rest); ok; line, after, ok = nextLine(rest) {
		rest = after
		if strings.HasPrefix(line, "goroutine") && strings.HasSuffix(line, ":") && hasWord(line, "running") {
			line, rest, _ = nextLine(rest)
		}
		label := line
		line, rest, _ = nextLine(rest)
		if p, n, ok := goPlace(line); ok {
			path, number = p, n
		}
		w.frame(path, number, label)
	}
}

// goPlace finds the first "path:digits" of a line, as `([^:\s]+):(\d+)` does.
func goPlace(line string) (path string, number int, ok bool) {
	for colon := range len(line) {
		if line[colon] != ':' {
			continue
		}
		start := strings.LastIndexAny(line[:colon], ": \t\r\n\f") + 1
		end := colon + 1
		for end < len(line) && '0' <= line[end] && line[end] <= '9' {
			end++
		}
		if start < colon && end > colon+1 {
			return line[start:colon], lineNumber(line[colon+1 : end]), true
		}
	}
	return "", 0, false
}

// hasWord finds a word between others, or between them and signs.
func hasWord(line, word string) bool {
	inWord := func(i int) bool {
		if i < 0 || i >= len(line) {
			return false
		}
		c := line[i]
		return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for from := 0; ; {
		at := strings.Index(line[from:], word)
		if at < 0 {
			return false
		}
		if at += from; !inWord(at-1) && !inWord(at+len(word)) {
			return true
		}
		from = at + 1
	}
}
