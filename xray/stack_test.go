package xray

import (
	"encoding/json"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

const (
	javaStack = "java.lang.IllegalStateException: bad state\n\tat com.example.Shop.pay(Shop.java:42)\n" +
		"\tat java.base/java.lang.Thread.run(Thread.java:840)\nCaused by: java.io.IOException: disk\nis full\n\tat com.example.Disk.write(Disk.java:7)\n\t... 2 more\n"
	pythonStack = "Traceback (most recent call last):\n  File \"db.py\", line 3, in query\n    raise KeyError('id')\nKeyError: 'id'\n\n" +
		"During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n" +
		"  File \"shop.py\", line 9, in pay\n    query()\n  File \"main.py\", line 1, in <module>\n    pay()\nValueError: no such order\n"
	scriptStack = "TypeError: x is not a function\n    at pay (/src/shop.js:10:5)\n    at /src/main.js:3:1\n    at Array.map (native)\n"
	dotnetStack = "System.InvalidOperationException: bad\n   at Shop.Cart.Pay(Int32 id) in /src/Cart.cs:line 12\n   at Shop.Program.Main()\n"
)

// exceptions encodes a span that failed with a stack trace and reads its cause.
func exceptions(t *testing.T, language, stack string, compat bool) []exception {
	t.Helper()
	s := server()
	s.Compat = compat
	s.Resource = NewResource([]attribute.KeyValue{
		attribute.String("service.name", "shop"), attribute.String("telemetry.sdk.language", language),
	})
	s.Events = []Event{{Name: "exception", Attributes: []attribute.KeyValue{
		attribute.String("exception.type", "E"), attribute.String("exception.message", "m"), attribute.String("exception.stacktrace", stack),
	}}}
	var document struct {
		Cause struct{ Exceptions []exception }
	}
	if err := json.Unmarshal(AppendSegment(nil, s), &document); err != nil {
		t.Fatalf("%s: %v\n%s", language, err, stack)
	}
	return document.Cause.Exceptions
}

type exception struct {
	ID, Type, Message, Cause string
	Stack                    []frame
}

type frame struct {
	Path  string
	Line  int
	Label string
}

func TestStack(t *testing.T) {
	f := func(language, stack string, want ...[]frame) {
		t.Helper()
		got := exceptions(t, language, stack, false)
		if len(got) != len(want) {
			t.Errorf("%s: %d exceptions, want %d: %+v", language, len(got), len(want), got)
			return
		}
		for i, e := range got {
			if i+1 < len(got) && e.Cause != got[i+1].ID {
				t.Errorf("%s: exception %d is not caused by the next", language, i)
			}
			if len(e.Stack) != len(want[i]) {
				t.Errorf("%s: exception %d has the frames %+v, want %+v", language, i, e.Stack, want[i])
				continue
			}
			for j, frame := range e.Stack {
				if frame != want[i][j] {
					t.Errorf("%s: exception %d, frame %d is %+v, want %+v", language, i, j, frame, want[i][j])
				}
			}
		}
	}
	f("java", javaStack,
		[]frame{{"Shop.java", 42, "com.example.Shop.pay"}, {"Thread.java", 840, "java.lang.Thread.run"}},
		[]frame{{"Disk.java", 7, "com.example.Disk.write"}})
	f("python", pythonStack,
		[]frame{{"main.py", 1, "<module>"}, {"shop.py", 9, "pay"}},
		[]frame{{"db.py", 3, "query"}})
	f("nodejs", scriptStack, []frame{{"/src/shop.js", 10, "pay"}, {"/src/main.js", 3, ""}, {"native", 0, "Array.map"}})
	f("dotnet", dotnetStack, []frame{{"/src/Cart.cs", 12, "Shop.Cart.Pay(Int32 id)"}, {"", 0, "Shop.Program.Main()"}})
	f("go", goStack, []frame{
		{"/usr/local/go/src/runtime/debug/stack.go", 26, "runtime/debug.Stack()"},
		{"/src/shop/cart.go", 81, "example.com/shop.(*Cart).Pay(0xc000012345, {0x1, 0x2})"},
		{"/src/shop/main.go", 14, "created by example.com/shop.Run in goroutine 1"},
	})
	f("rust", "0: shop::pay\n   at src/shop.rs:3", nil)
}

// TestStack_everyPrefix cuts each form anywhere: a stack trace that was
// truncated by whoever sent it must cost nothing but itself.
func TestStack_everyPrefix(t *testing.T) {
	for language, stack := range stacks() {
		for i := range len(stack) + 1 {
			exceptions(t, language, stack[:i], false)
			exceptions(t, language, stack[:i], true)
			exceptions(t, language, stack[i:], false)
		}
	}
}

func stacks() map[string]string {
	return map[string]string{
		"java": javaStack, "php": javaStack, "kotlin": javaStack, "python": pythonStack,
		"javascript": scriptStack, "nodejs": scriptStack, "dotnet": dotnetStack, "go": goStack, "": goStack, "rust": goStack,
	}
}

func FuzzStack(f *testing.F) {
	for language, stack := range stacks() {
		f.Add(language, stack, false)
		f.Add(language, stack, true)
	}
	f.Add("java", "x\nCaused by: Foo:", true)
	f.Add("python", "  File ,a,b", true)
	f.Add("dotnet", "x\n at a in b:line", true)
	f.Fuzz(func(t *testing.T, language, stack string, compat bool) {
		exceptions(t, language, stack, compat)
	})
}
