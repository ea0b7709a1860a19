package appendjson

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

func TestTrim(t *testing.T) {
	f := func(limit int, v attribute.Value, want string) {
		t.Helper()
		got := string(Trim{Limit: limit, Mark: "[cut]"}.Value(nil, v))
		if got != want {
			t.Errorf("limit %d: got %s, want %s", limit, got, want)
		}
	}
	f(10, attribute.StringValue("0123456789"), `"0123456789"`)
	f(10, attribute.StringValue("0123456789a"), `"01234[cut]"`)
	f(10, attribute.StringValue("ééééééé"), `"éé[cut]"`)
	f(10, attribute.StringValue("\n\n\n\n\n\n"), `"\n\n[cut]"`)
	f(2, attribute.StringValue("0123456789"), `"[cut]"`)
	f(12, attribute.ByteSliceValue([]byte("123456789")), `"MTIzNDU2Nzg5"`)
	f(12, attribute.ByteSliceValue([]byte("1234567890")), `"MTIz[cut]"`)
	f(10, attribute.StringSliceValue([]string{"0123456789a", "b"}), `["01234[cut]","b"]`)
	f(10, attribute.SliceValue(attribute.StringValue("0123456789a"), attribute.IntValue(1)), `["01234[cut]",1]`)
	f(10, attribute.MapValue(attribute.String("k", "0123456789a")), `{"k":"01234[cut]"}`)
	f(1, attribute.IntValue(123456), `123456`)
}

func TestLengths(t *testing.T) {
	f := func(v attribute.Value, want ...int) {
		t.Helper()
		if got := Lengths(nil, v); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	f(attribute.IntValue(1))
	f(attribute.StringValue("a\n"), 3)
	f(attribute.ByteSliceValue([]byte("a")), 4)
	f(attribute.StringSliceValue([]string{"", "ab"}), 0, 2)
	f(attribute.MapValue(
		attribute.String("a", "xx"), attribute.String("a", "x"),
		attribute.Slice("b", attribute.StringValue("yyy")),
	), 1, 3)
}

func FuzzTrim(f *testing.F) {
	f.Add("a longer string, \"quoted\"\n", 12)
	f.Add(strings.Repeat("é", 20), 15)
	f.Add("\xff\xfe\xfd", 6)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		trim := Trim{Limit: max(5, limit), Mark: "[cut]"}
		b := trim.String(nil, s)
		if !json.Valid(b) || !utf8.Valid(b) {
			t.Fatalf("not JSON: %q", b)
		}
		if len(b)-2 > trim.Limit {
			t.Fatalf("%d bytes, limit %d", len(b)-2, trim.Limit)
		}
	})
}
