package logs

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares one line of JSON with testdata/NAME.golden.json, where it
// stands indented.
func golden(t *testing.T, name string, line []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, line, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	got.WriteByte('\n')
	path := filepath.Join("testdata", name+".golden.json")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s differs; got\n%s", path, got.Bytes())
	}
}

func eventTime() time.Time { return time.Date(2026, 11, 23, 1, 2, 3, 45_000_000, time.UTC) }

// fullEvent has every field.
func fullEvent() *Event {
	return &Event{
		Time:           eventTime(),
		Observed:       eventTime().Add(time.Second),
		Severity:       "ERROR",
		SeverityNumber: 17,
		Body:           attribute.StringValue("card \"declined\"\nagain"),
		EventName:      "payment.declined",
		Attributes: []attribute.KeyValue{
			attribute.String("order.id", "A-17"),
			attribute.Int("attempt", 3),
			attribute.Float64("amount", 12.5),
			attribute.Bool("retry", true),
		},
		TraceID:  [16]byte{0x65, 0x61, 0xf0, 0x12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
		SpanID:   [8]byte{0xab, 1, 2, 3, 4, 5, 6, 7},
		Service:  "shop",
		Scope:    "github.com/example/shop",
		Resource: []attribute.KeyValue{attribute.String("host.name", "a1"), attribute.Int("process.pid", 7)},
	}
}

func TestAppendEvent_golden(t *testing.T) {
	f := func(name string, e *Event) {
		t.Helper()
		golden(t, name, AppendEvent(nil, e))
	}
	f("event", fullEvent())
	f("event_empty", &Event{})
	f("event_observed", &Event{Observed: eventTime(), Body: attribute.StringValue("m")})
	f("event_values", &Event{
		Body: attribute.MapValue(attribute.String("b", "x"), attribute.Int("a", 1)),
		Attributes: []attribute.KeyValue{
			attribute.Float64("nan", math.NaN()),
			attribute.Float64("inf", math.Inf(-1)),
			attribute.StringSlice("strings", []string{"a", "b\x00"}),
			attribute.Int64Slice("ints", []int64{1, 2}),
			attribute.Float64Slice("floats", []float64{0.5}),
			attribute.BoolSlice("bools", []bool{true}),
			attribute.ByteSlice("bytes", []byte{1, 2, 3}),
			attribute.Slice("mixed", attribute.IntValue(1), attribute.StringValue("x")),
			attribute.Map("map", attribute.String("k", "v")),
			{Key: "empty"},
			attribute.String("invalid \xff key", "invalid \xff value"),
		},
	})
}

func TestAppendEvent_appends(t *testing.T) {
	got := AppendEvent([]byte("before"), &Event{Scope: "s"})
	if string(got) != `before{"scope":"s"}` {
		t.Errorf("got %s", got)
	}
}

func TestAppendEvent_repeatedKey(t *testing.T) {
	few := []attribute.KeyValue{attribute.Int("a", 1), attribute.Int("b", 2), attribute.Int("a", 3)}
	if got := string(AppendEvent(nil, &Event{Attributes: few})); got != `{"attributes":{"b":2,"a":3}}` {
		t.Errorf("few: got %s", got)
	}
	var many []attribute.KeyValue
	for i := range 3 * manyAttributes {
		many = append(many, attribute.Int(string(rune('A'+i%(2*manyAttributes))), i))
	}
	line := string(AppendEvent(nil, &Event{Attributes: many}))
	if n := strings.Count(line, `"A":`); n != 1 || !strings.Contains(line, `"A":128`) {
		t.Errorf("many: key A stands there %d times: %s", n, line)
	}
}

func TestAppendTime(t *testing.T) {
	f := func(at time.Time, want string) {
		t.Helper()
		if got := string(appendTime([]byte("{"), at)); got != "{"+want {
			t.Errorf("%v: got %s, want %s", at, got, want)
		}
		var cache secondCache
		for range 2 {
			if at.Unix() < 0 || at.Unix() > lastSecond {
				continue
			}
			line := new(lineWriter).level(cache.append(nil, at), slog.LevelInfo)
			got := string(appendjson.Unescape(nil, line))
			if begin, _, _ := strings.Cut(got, `,"severity"`); begin != "{"+want {
				t.Errorf("%v: the cache gives %s, want {%s", at, got, want)
			}
		}
	}
	zone := time.FixedZone("", -7200)
	f(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), `"timestamp":"2026-01-02T03:04:05.000000006Z"`)
	f(time.Date(2026, 12, 31, 23, 4, 5, 0, zone), `"timestamp":"2027-01-01T01:04:05.000000000Z"`)
	f(time.Unix(0, 0), `"timestamp":"1970-01-01T00:00:00.000000000Z"`)
	f(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), `"timestamp":"0000-01-01T00:00:00.000000000Z"`)
	f(time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), `"timestamp":"9999-12-31T23:59:59.999999999Z"`)
	f(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), ``)
	f(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), ``)
	f(time.Time{}, ``)
}

func TestAppendEvent_allocatesNothing(t *testing.T) {
	e := fullEvent()
	dst := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(200, func() { dst = AppendEvent(dst[:0], e) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzAppendEvent(f *testing.F) {
	f.Add("message", "key", "value", 1.5, int64(9), int64(0))
	f.Add("\xff\x00\"\\", "", "\xed\xa0\x80", math.NaN(), int64(-1), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, body, key, value string, number float64, severity, nanos int64) {
		e := &Event{
			Time:           time.Unix(0, nanos),
			Severity:       value,
			SeverityNumber: int(severity),
			Body:           attribute.StringValue(body),
			EventName:      key,
			Attributes: []attribute.KeyValue{
				attribute.String(key, value), attribute.Float64(value, number), attribute.String(key, body),
				attribute.Map("m", attribute.String(key, value), attribute.StringSlice(value, []string{body})),
				attribute.ByteSlice("bytes", []byte(body)),
			},
			Service:  value,
			Scope:    body,
			Resource: []attribute.KeyValue{attribute.String(key, value)},
		}
		checkLine(t, AppendEvent(nil, e))
	})
}

// checkLine wants one valid JSON object on one line, within the limit.
func checkLine(t *testing.T, line []byte) map[string]any {
	t.Helper()
	if len(line) > MaxEventBytes {
		t.Fatalf("%d bytes, at most %d are allowed", len(line), MaxEventBytes)
	}
	if bytes.ContainsAny(line, "\n\r") {
		t.Fatal("more than one line")
	}
	var m map[string]any
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatalf("%v: %.200s", err, line)
	}
	return m
}
