package xray

import "strings"

// What Python prints between an exception and the one that came of it.
const (
	pythonDuring = "During handling of the above exception, another exception occurred:"
	pythonDirect = "The above exception was the direct cause of the following exception:"
)

// prevLine cuts the last line off a text.
func prevLine(text string) (before, line string) {
	at := strings.LastIndexByte(text, '\n')
	if at < 0 {
		return "", text
	}
	return text[:at], text[at+1:]
}

// python reads a traceback from its end: the innermost frame is the last, and
// the exception that was caught stands above the one that came of it.
func (w *causeWriter) python(stack string) {
	rest := stack
	if !w.compat {
		rest = strings.TrimRight(rest, "\n")
	}
	if !strings.Contains(rest, "\n") {
		return
	}
	rest, _ = prevLine(rest) // the exception itself
	for done := false; !done; {
		var line string
		done = !strings.Contains(rest, "\n")
		rest, line = prevLine(rest)
		switch {
		case strings.HasPrefix(line, "  File "):
			w.pythonFrame(line)
		case strings.HasPrefix(line, pythonDuring), !w.compat && strings.HasPrefix(line, pythonDirect):
			above, ok := w.pythonCause(rest)
			if !ok {
				return
			}
			rest, done = above, false
		}
	}
}

// pythonFrame reads `  File "path", line 3, in label`.
func (w *causeWriter) pythonFrame(line string) {
	text := line[len("  File "):]
	if w.compat {
		if strings.Count(line, ",") != 2 {
			return
		}
		file, after, _ := strings.Cut(text, ",")
		number, label, _ := strings.Cut(after, ",")
		if len(file) < 2 {
			return
		}
		n, isLine := strings.CutPrefix(number, " line ")
		l, isLabel := strings.CutPrefix(label, " in ")
		if !isLine {
			n = ""
		}
		if !isLabel {
			l = ""
		}
		w.frame(file[1:len(file)-1], lineNumber(n), l)
		return
	}
	file, after, ok := strings.Cut(text, `", line `)
	if !ok || file == "" || file[0] != '"' {
		return
	}
	number, label, _ := strings.Cut(after, ", in ")
	w.frame(file[1:], lineNumber(number), label)
}

// pythonCause finds the exception in the text above a marker, and returns the
// text that its own frames are read from.
func (w *causeWriter) pythonCause(above string) (string, bool) {
	at := strings.LastIndex(above, "\n  File ") + 1
	if at == 0 && !strings.HasPrefix(above, "  File ") {
		return "", false
	}
	file, message, _ := strings.Cut(above[at:], "\n")
	frames := above[:at+len(file)]
	if w.compat {
		_, message, _ = strings.Cut(message, "\n") // the source line
		message, _ = prevLine(message)             // the empty one above the marker
	} else {
		for strings.HasPrefix(message, " ") { // the source and the marks below it
			_, message, _ = strings.Cut(message, "\n")
		}
		message = strings.TrimRight(message, "\n")
	}
	kind, text, found := strings.Cut(message, ":")
	if !found && (w.compat || kind == "") {
		return "", false
	}
	w.causedBy(kind, w.message(text))
	return frames, true
}
