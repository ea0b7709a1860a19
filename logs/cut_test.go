package logs

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

func TestAppendEvent_exactlyFits(t *testing.T) {
	overhead := len(AppendEvent(nil, &Event{Body: attribute.StringValue("x")})) - 1
	body := strings.Repeat("x", MaxEventBytes-overhead)
	line := AppendEvent(nil, &Event{Body: attribute.StringValue(body)})
	if len(line) != MaxEventBytes || strings.Contains(string(line), TruncationMark) {
		t.Errorf("%d bytes, want %d uncut", len(line), MaxEventBytes)
	}
	line = AppendEvent(nil, &Event{Body: attribute.StringValue(body + "x")})
	if m := checkLine(t, line); m["truncated_bytes"] == nil {
		t.Error("one byte too many was not cut")
	}
}

func TestAppendEvent_cut(t *testing.T) {
	const mega = 1 << 20
	f := func(name string, e *Event, check func(m map[string]any) bool) {
		t.Helper()
		line := AppendEvent([]byte("before"), e)[len("before"):]
		m := checkLine(t, line)
		if n, _ := m["truncated_bytes"].(float64); n <= 0 {
			t.Errorf("%s: truncated_bytes = %v", name, m["truncated_bytes"])
		}
		if !check(m) {
			t.Errorf("%s: not cut as it should be: %.300s…", name, line)
		}
		if m["severity"] != "ERROR" || m["trace_id"] == nil {
			t.Errorf("%s: a short field is missing", name)
		}
	}
	with := func(change func(e *Event)) *Event {
		e := fullEvent()
		change(e)
		return e
	}
	attr := func(m map[string]any, key string) string {
		attrs, _ := m["attributes"].(map[string]any)
		s, _ := attrs[key].(string)
		return s
	}

	f("long body", with(func(e *Event) { e.Body = attribute.StringValue(strings.Repeat("é", mega)) }), func(m map[string]any) bool {
		body := m["body"].(string)
		return strings.HasSuffix(body, "é"+TruncationMark) && utf8.ValidString(body) &&
			len(body) > MaxEventBytes-1000 && attr(m, "order.id") == "A-17"
	})
	f("body of escapes", with(func(e *Event) { e.Body = attribute.StringValue(strings.Repeat("\x00", mega)) }), func(m map[string]any) bool {
		return len(m["body"].(string)) > mega/6-1000
	})
	f("body not UTF-8", with(func(e *Event) { e.Body = attribute.StringValue(strings.Repeat("\xff", mega)) }), func(m map[string]any) bool {
		return len(m["body"].(string)) > mega-1000
	})
	f("long attribute, body kept whole", with(func(e *Event) {
		e.Body = attribute.StringValue(strings.Repeat("b", 100_000))
		e.Attributes = append(e.Attributes, attribute.String("long", strings.Repeat("a", 2*mega)))
	}), func(m map[string]any) bool {
		return len(m["body"].(string)) == 100_000 && len(attr(m, "long")) > 900_000
	})
	f("two long attributes share", with(func(e *Event) {
		e.Attributes = append(e.Attributes,
			attribute.String("one", strings.Repeat("a", mega)), attribute.String("two", strings.Repeat("b", mega)))
	}), func(m map[string]any) bool {
		one, two := len(attr(m, "one")), len(attr(m, "two"))
		return one == two && one > mega/2-1000
	})
	f("bytes", with(func(e *Event) { e.Body = attribute.ByteSliceValue(make([]byte, mega)) }), func(m map[string]any) bool {
		return strings.HasSuffix(m["body"].(string), "AAAA"+TruncationMark)
	})
	f("string deep inside", with(func(e *Event) {
		e.Body = attribute.MapValue(attribute.Slice("list", attribute.StringValue(strings.Repeat("x", mega))))
	}), func(m map[string]any) bool {
		list := m["body"].(map[string]any)["list"].([]any)
		return strings.HasSuffix(list[0].(string), TruncationMark)
	})
	f("numbers in bulk", with(func(e *Event) {
		e.Attributes = append(e.Attributes, attribute.Int64Slice("numbers", make([]int64, mega)))
	}), func(m map[string]any) bool {
		return m["attributes"] == nil && m["body"] != nil
	})
	f("enormous key", with(func(e *Event) {
		e.Attributes = append(e.Attributes, attribute.Int(strings.Repeat("k", mega), 1))
	}), func(m map[string]any) bool {
		return m["attributes"] == nil && m["resource"] != nil
	})
	f("everything too long", with(func(e *Event) {
		e.Body = attribute.Int64SliceValue(make([]int64, mega))
		e.Attributes = []attribute.KeyValue{attribute.Int(strings.Repeat("k", mega), 1)}
		e.Resource = []attribute.KeyValue{attribute.Int(strings.Repeat("k", mega), 1)}
		e.Service, e.Scope = strings.Repeat("s", mega), strings.Repeat("c", mega)
		e.EventName = strings.Repeat("n", mega)
	}), func(m map[string]any) bool {
		return m["body"] == nil && len(m["service"].(string)) > mega/3-1000
	})
}

func FuzzAppendEvent_cut(f *testing.F) {
	f.Add("abc", "é\x00", 300_000, 10)
	f.Add("\xff", "\"", 1, 1<<20)
	f.Add("", "🦆", 90, 400_000)
	f.Fuzz(func(t *testing.T, body, value string, bodies, values int) {
		const most = 3 << 20
		repeat := func(s string, n int) string {
			return strings.Repeat(s, min(max(n, 0), most/max(1, len(s))))
		}
		checkLine(t, AppendEvent(nil, &Event{
			Body:       attribute.StringValue(repeat(body, bodies)),
			Attributes: []attribute.KeyValue{attribute.String(repeat(value, bodies), value), attribute.String(body, repeat(value, values))},
			Resource:   []attribute.KeyValue{attribute.StringSlice("s", []string{repeat(body, values), value})},
		}))
	})
}
