package jsonstring

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppend(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := string(Append(nil, s)); got != want {
			t.Errorf("Append(%q) = %s, want %s", s, got, want)
		}
		if got := string(Append([]byte("x"), []byte(s))); got != "x"+want {
			t.Errorf("Append([]byte(%q)) = %s, want x%s", s, got, want)
		}
	}
	f("", `""`)
	f("plain", `"plain"`)
	f(`say "hi" \ bye`, `"say \"hi\" \\ bye"`)
	f("a\nb\rc\td\be\ff", `"a\nb\rc\td\be\ff"`)
	f("\x00\x1f\x7f", "\"\\u0000\\u001f\x7f\"")
	f("<a & b>", `"<a & b>"`)
	f("größe 🦆", `"größe 🦆"`)
	f("\xff", `"`+"\uFFFD"+`"`)
	f("a\xc3", `"a`+"\uFFFD"+`"`)
	f("\xed\xa0\x80b", `"`+"\uFFFD\uFFFD\uFFFD"+`b"`)
	f("\uFFFD", `"`+"\uFFFD"+`"`)
	f(`{"a":"b","c":[1,"d"]}`, `"{\"a\":\"b\",\"c\":[1,\"d\"]}"`)
}

// Whatever stands anywhere in a string comes back as it was.
func TestAppend_anywhere(t *testing.T) {
	for _, odd := range []string{"\"", "\\", "\n", "\x00", "\x1f", "\x7f", " ", "!", "#", "[", "]", "é", "🚀", `\"`, "\"é\x01"} {
		for at := range 20 {
			for length := at; length < 20; length++ {
				want := strings.Repeat("a", at) + odd + strings.Repeat("z", length-at)
				var got string
				if plain := string(Append(nil, want)) == `"`+want+`"` && odd < "\x80"; plain != appendsPlain(t, want) {
					t.Fatalf("%q is plain: %v, want %v", want, !plain, plain)
				}
				if err := json.Unmarshal(Append(nil, want), &got); err != nil || got != want {
					t.Fatalf("%q is written as %s, read as %q, %v", want, Append(nil, want), got, err)
				}
			}
		}
	}
}

// appendsPlain says whether AppendPlain takes s, with and without room for it.
func appendsPlain(t *testing.T, s string) bool {
	t.Helper()
	_, plain := AppendPlain(nil, s)
	for _, room := range []int{0, len(s), 100} {
		dst, ok := AppendPlain(append(make([]byte, 0, 1+room), 'x'), s)
		if want := "x" + s; ok != plain || ok && string(dst) != want || !ok && string(dst) != "x" {
			t.Fatalf("%q with room for %d: %q, %v, want %v", s, room, dst, ok, plain)
		}
	}
	return plain
}

func FuzzAppend(f *testing.F) {
	for _, s := range []string{"", "a", "\"\\\n", "\xff\xfe", "\u2028", "\xed\xa0\x80", "é\x00", `{"a":"b","c":"\\d"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := Append(nil, s)
		if string(Append(nil, []byte(s))) != string(b) {
			t.Fatalf("%q as bytes gives %s, not %s", s, Append(nil, []byte(s)), b)
		}
		if !utf8.Valid(b) {
			t.Fatalf("not UTF-8: %q", b)
		}
		var got, want string
		reference, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(reference, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &got); err != nil || got != want {
			t.Fatalf("%s is read as %q, want %q: %v", b, got, want, err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	f := func(name, s string) {
		b.Run(name, func(b *testing.B) {
			text := []byte(s)
			dst := Append(nil, text)
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				dst = Append(dst[:0], text)
			}
		})
	}
	f("plain", strings.Repeat("plain text ", 20))
	f("json", `{"timestamp":"2026-11-25T21:40:01.123456789Z","severity":"INFO","severity_number":9,"body":"order placed","attributes":{"id":"A-17","items":3,"took":1500},"scope":"github.com/example/shop/orders"}`)
	f("other letters", strings.Repeat("größer ", 20))
}
