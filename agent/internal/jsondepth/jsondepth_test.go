package jsondepth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/updraft-otel/updraft/agent/internal/jsondepth"
)

func TestReader(t *testing.T) {
	list := func(levels int, value string) string {
		return strings.Repeat("[", levels) + value + strings.Repeat("]", levels)
	}
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"no text", "", true},
		{"at the limit", list(jsondepth.Limit, "1"), true},
		{"over the limit", list(jsondepth.Limit+1, "1"), false},
		{"objects", strings.Repeat(`{"a":`, jsondepth.Limit+1), false},
		{"one after the other", "[" + strings.Repeat(`[{}],`, 1000) + "1]", true},
		{"in a text", list(jsondepth.Limit, `"`+strings.Repeat("[{", 1000)+`"`), true},
		{"in a text after quotes", list(jsondepth.Limit, `"\\\"`+strings.Repeat("[{", 1000)+`"`), true},
		{"after a text that ends with a backslash", `["\\",` + strings.Repeat("[", jsondepth.Limit), false},
		{"closed more often than opened", "]]]" + list(jsondepth.Limit, "1"), true},
	} {
		for _, slowly := range []bool{false, true} {
			var from io.Reader = strings.NewReader(c.text)
			if slowly {
				from = iotest.OneByteReader(from)
			}
			got, err := io.ReadAll(jsondepth.NewReader(from))
			switch {
			case c.ok && (err != nil || string(got) != c.text):
				t.Errorf("%s: %d of %d bytes, %v", c.name, len(got), len(c.text), err)
			case !c.ok && !errors.Is(err, jsondepth.ErrTooDeep):
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

// FuzzReader: of valid JSON, what encoding/json finds deeper than the limit is refused, and nothing else.
func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"a":["\"[",{"b":1}]}`))
	f.Add(bytes.Repeat([]byte("["), 200))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		deepest, depth := 0, 0
		for d := json.NewDecoder(bytes.NewReader(text)); ; {
			token, err := d.Token()
			if err != nil {
				break
			}
			switch token {
			case json.Delim('{'), json.Delim('['):
				depth++
				deepest = max(deepest, depth)
			case json.Delim('}'), json.Delim(']'):
				depth--
			}
		}
		got, err := io.ReadAll(jsondepth.NewReader(bytes.NewReader(text)))
		if refused := errors.Is(err, jsondepth.ErrTooDeep); refused != (deepest > jsondepth.Limit) || !refused && !bytes.Equal(got, text) {
			t.Errorf("%d levels: %d of %d bytes, %v", deepest, len(got), len(text), err)
		}
	})
}

// TestLimit reads values that are nested as deeply as they may be, where the fewest levels are around them: what was read as JSON
// can be read as protobuf, too.
func TestLimit(t *testing.T) {
	for _, c := range []struct{ name, begin, end string }{
		{"lists", `{"arrayValue":{"values":[`, `]}}`},
		{"members", `{"kvlistValue":{"values":[{"key":"k","value":`, `}]}}`},
	} {
		for place, around := range map[string][2]string{
			"body":     {`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":`, `}]}]}]}`},
			"resource": {`{"resourceLogs":[{"resource":{"attributes":[{"key":"k","value":`, `}]}}]}`},
		} {
			text := func(levels int) string {
				return around[0] + strings.Repeat(c.begin, levels) + `{"intValue":"1"}` + strings.Repeat(c.end, levels) + around[1]
			}
			levels := 0
			for taken(text(levels + 1)) {
				levels++
			}
			logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs([]byte(text(levels)))
			if err != nil {
				t.Fatal(err)
			}
			binary, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(binary); err != nil || levels < 25 {
				t.Errorf("%s, %d levels of %s: %v", place, levels, c.name, err)
			}
		}
	}
}

func taken(text string) bool {
	_, err := io.Copy(io.Discard, jsondepth.NewReader(strings.NewReader(text)))
	return err == nil
}
