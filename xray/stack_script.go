package xray

import "strings"

// javascript reads what V8 keeps in Error.stack.
func (w *causeWriter) javascript(stack string) {
	_, rest, _ := nextLine(stack)
	for line, after, ok := nextLine(rest); ok; line, after, ok = nextLine(rest) {
		rest = after
		frame, isFrame := strings.CutPrefix(line, "    at ")
		if !isFrame {
			continue
		}
		label, path := "", ""
		at := strings.IndexByte(frame, '(')
		switch {
		case at >= 0 && frame[len(frame)-1] == ')':
			if !w.compat { // "Object.<anonymous> (eval at f (file:1:1))"
				if last := strings.LastIndex(frame, " ("); last >= 0 {
					at = last + 1
				}
			}
			label, path = frame[:at], frame[at+1:len(frame)-1]
		case at < 0:
			path = frame
		}
		var number int
		if w.compat {
			path, number = scriptPlaceCompat(path)
		} else {
			label = strings.TrimSuffix(label, " ")
			path, number = scriptPlace(path)
		}
		if path != "" || label != "" || number != 0 {
			w.frame(path, number, label)
		}
	}
}

// scriptPlace takes line and column off the end of a path, which may be a URL.
func scriptPlace(path string) (string, int) {
	before, column := cutLast(path)
	file, line := cutLast(before)
	if lineNumber(column) == 0 || lineNumber(line) == 0 {
		return path, 0
	}
	return file, lineNumber(line)
}

func cutLast(s string) (before, after string) {
	at := strings.LastIndexByte(s, ':')
	if at < 0 {
		return s, ""
	}
	return s[:at], s[at+1:]
}

func scriptPlaceCompat(path string) (string, int) {
	file, after, found := strings.Cut(path, ":")
	if !found {
		if strings.Contains(path, "native") {
			return "native", 0
		}
		return path, 0
	}
	if line, _, more := strings.Cut(after, ":"); more {
		return file, lineNumber(line)
	}
	return path, 0
}

// dotnet reads what Exception.ToString prints, inner exceptions included, as
// one stack.
func (w *causeWriter) dotnet(stack string) {
	_, rest, _ := nextLine(stack)
	for line, after, ok := nextLine(rest); ok; line, after, ok = nextLine(rest) {
		rest = after
		line = strings.TrimSpace(line)
		frame, isFrame := strings.CutPrefix(line, "at ")
		if !isFrame {
			continue
		}
		label, path, placed := strings.Cut(frame, " in ")
		if !placed {
			if end := strings.LastIndexByte(frame, ')'); end >= 0 {
				w.frame("", 0, frame[:end+1])
			}
			continue
		}
		if w.compat {
			path, _, _ = strings.Cut(path, " in ")
		}
		file, number := cutLast(path)
		if behind, ok := strings.CutPrefix(number, "line"); ok {
			number = w.message(behind)
		}
		w.frame(file, lineNumber(number), label)
	}
}
