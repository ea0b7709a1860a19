package appendjson

import (
	"encoding/json"
	"testing"
)

func TestWithin(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := string(Within([]byte("x"), s)); got != "x"+want {
			t.Errorf("%q: %s, want x%s", s, got, want)
		}
	}
	f("", `\"\"`)
	f("plain, and long", `\"plain, and long\"`)
	f(`"`, `\"\\\"\"`)
	f(`a\b`, `\"a\\\\b\"`)
	f("a\n\x00", `\"a\\n\\u0000\"`)
	f("é\xff", `\"é`+"\uFFFD"+`\"`)
}

// What is written within a string is read as the JSON it stands for.
func FuzzWithin(f *testing.F) {
	for _, s := range []string{"", "a", "plain text", "\"\\\n", "\xff\xfe", "\u2028", "é\x00", `{"a":"b","c":"\\d"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := string(String(nil, s))
		within := Within(nil, s)
		if escaped := EscapeFrom([]byte("\""+want), 1); string(escaped) != "\""+string(within) {
			t.Fatalf("%q: %s, but %s by EscapeFrom", s, within, escaped)
		}
		var got string
		if err := json.Unmarshal([]byte(`"`+string(within)+`"`), &got); err != nil || got != want {
			t.Fatalf("%q is written as %s, read as %s, %v", s, within, got, err)
		}
		if n := UnescapedLen(within); n != len(want) {
			t.Fatalf("%s: %d bytes, want %d", within, n, len(want))
		}
		if got := string(Unescape(nil, within)); got != want {
			t.Fatalf("%q: %s, want %s", s, got, want)
		}
	})
}

func TestInt(t *testing.T) {
	for _, v := range []int64{0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 100_005, 99_999_999, 100_000_000, 1 << 62, -1, -10_000, -1 << 63} {
		want, err := json.Marshal(v)
		if got := string(Int([]byte("x"), v)); err != nil || got != "x"+string(want) {
			t.Errorf("%s, want x%s", got, want)
		}
	}
}
