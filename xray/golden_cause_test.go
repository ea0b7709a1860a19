package xray

import (
	"strings"
	"testing"
	"time"
)

// threw is an event of an exception with a stack trace; empty parts are absent.
func threw(kind, message, stack string) Event {
	e := Event{Name: "exception", Time: start}
	for _, kv := range attrs("exception.type", kind, "exception.message", message, "exception.stacktrace", stack) {
		if kv.Value.AsString() != "" {
			e.Attributes = append(e.Attributes, kv)
		}
	}
	return e
}

func TestGolden_cause(t *testing.T) {
	f := golden(t, "cause")
	events := func(s *Segment, events ...Event) *Segment {
		s.Events = events
		return s
	}

	// Exceptions, whatever the status.
	f("one exception", events(serverOf(), threw("*shop.CardError", "card refused", "")))
	f("one exception of a client", events(clientOf(), threw("*shop.CardError", "card refused", "")))
	f("two exceptions", events(serverOf(), threw("A", "first", ""), threw("B", "second", "")))
	f("an exception of a failed span keeps the status message", with(events(serverOf(), threw("A", "first", "")), fail("gave up")))
	f("an exception without a word", events(serverOf(), threw("", "", "")))
	f("exceptions beside events", events(serverOf(), Event{Name: "retry", Time: start.Add(time.Microsecond), Attributes: attrs("n", 2)}, threw("A", "a", "")))
	f("values that are no text", events(serverOf(), Event{Name: "exception", Time: start, Attributes: attrs("exception.type", 7, "exception.message", true)}))
	f("more attributes of an exception", events(serverOf(), Event{Name: "exception", Time: start, Attributes: attrs("exception.message", "m", "exception.escaped", true)}))

	// A status alone.
	f("a failed span's message", with(serverOf(), fail("payment failed")))
	f("a failed span without a message", with(serverOf(), fail("")))
	f("a failed span with http.status_text", with(serverOf("http.method", "GET", "http.status_text", "Gone"), fail("")))
	f("a message before http.status_text", with(serverOf("http.method", "GET", "http.status_text", "Gone"), fail("payment failed")))
	f("http.status_text of a good span", serverOf("http.method", "GET", "http.status_text", "OK"))
	f("a failed attempt of what is no AWS call", with(clientOf(), func(s *Segment) {
		s.Events = []Event{{Name: "HTTP request failure", Time: start, Attributes: attrs("http.response.status_code", 503, "aws.http.error_message", "x")}}
	}))

	deep := threw("E", "m", "goroutine 1 [running]:\n"+strings.Repeat("main.f()\n\t/src/main.go:1\n", maxStackFrames+6))
	f("a deep stack", on(events(serverOf(), deep), "service.name", "shop", "telemetry.sdk.language", "go"))
}

func TestGolden_stack(t *testing.T) {
	f := golden(t, "stack")
	in := func(language, stack string) *Segment {
		s := on(serverOf(), "service.name", "shop", "telemetry.sdk.language", language)
		e := Event{Name: "exception", Time: start}
		e.Attributes = attrs("exception.type", "E", "exception.message", "m", "exception.stacktrace", stack)
		s.Events = []Event{e}
		return s
	}
	f("go", in("go", goStack))
	f("go, Windows", in("go", "goroutine 1 [running]:\r\nmain.pay()\r\n\tC:/src/shop/main.go:14 +0x1d\r\n"))
	f("go, a panic", in("go", "goroutine 1 [running]:\nruntime/debug.Stack()\n\t/go/debug/stack.go:26 +0x64\npanic({0x1?, 0x2?})\n"+
		"\t/go/runtime/panic.go:792 +0x132\nmain.pay(...)\n\t/src/main.go:7\n"))
	f("java", in("java", javaStack))
	f("java, without causes", in("java", "java.lang.Error: x\n\tat app//com.example.A$B.<init>(A.java)\n\tat com.example.A.lambda$0(Unknown Source)\n\tat x.Y.z(Native Method)\n"))
	f("java, suppressed", in("java", "E: m\n\tat a.B.c(B.java:1)\n\tSuppressed: F: n\n\t\tat d.E.f(E.java:2)\n"))
	f("java, a cause without a message", in("java", "E: m\n\tat a.B.c(B.java:1)\nCaused by: java.lang.NullPointerException\n\tat d.E.f(E.java:2)\nCaused by: X:\n"))
	f("php", in("php", "PDOException: gone\n\tat PDO.query(db.php:7)\n\tat main(index.php)\n"))
	f("python", in("python", pythonStack))
	f("python, a direct cause", in("python", strings.Replace(pythonStack, pythonDuring, pythonDirect, 1)))
	f("python, marks below the source", in("python", "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    f(x)\n    ~^^^\nTypeError: no\n"))
	f("python, commas in the path", in("python", "Traceback (most recent call last):\n  File \"/a, b/c.py\", line 1, in f\nE: x\n"))
	f("javascript", in("nodejs", scriptStack))
	f("javascript, URLs", in("webjs", "Error: x\n    at pay (https://shop.example.com/app.js:10:5)\n    at async Promise.all (index 0)\n    at <anonymous>\n"))
	f("dotnet", in("dotnet", dotnetStack))
	f("dotnet, inner exceptions", in("dotnet", "System.Exception: a ---> System.IO.IOException: b\n   at A.B() in C:\\src\\A.cs:line 3\n"+
		"   --- End of inner exception stack trace ---\n   at A.C()\n"))
	f("kotlin", in("kotlin", javaStack))
	f("ruby has no known form", in("ruby", "app.rb:3:in `pay': bad (RuntimeError)\n\tfrom app.rb:9:in `<main>'\n"))
	f("no language, by its form", in("", goStack))
	f("the language of the event", with(in("go", pythonStack), func(s *Segment) {
		s.Events[0].Attributes = append(s.Events[0].Attributes, attrs("exception.language", "python")...)
	}))
	f("a text of another language", in("python", goStack))
	f("cut in the middle", in("java", javaStack[:len(javaStack)-20]))
}
