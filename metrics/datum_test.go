package metrics

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares JSON with testdata/NAME.golden.json, where it stands indented.
func golden(t *testing.T, name string, b []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, b, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, b)
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

// decode reads the one CBOR value in b, knowing nothing of how it was written.
func decode(b []byte) (any, error) {
	r := &reader{b: b}
	v := r.value(8)
	if r.err == nil && len(r.b) > 0 {
		r.err = fmt.Errorf("%d bytes are left over", len(r.b))
	}
	return v, r.err
}

type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n uint64) []byte {
	if uint64(len(r.b)) < n {
		r.err = fmt.Errorf("wanted %d bytes, there are %d", n, len(r.b))
		r.b = nil
		return make([]byte, min(n, 8))
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) value(depth int) any {
	head := r.take(1)[0]
	major, n := head>>5, uint64(head&31)
	switch n {
	case 24:
		n = uint64(r.take(1)[0])
	case 25:
		n = uint64(binary.BigEndian.Uint16(r.take(2)))
	case 26:
		n = uint64(binary.BigEndian.Uint32(r.take(4)))
	case 27:
		n = binary.BigEndian.Uint64(r.take(8))
	}
	if r.err != nil || depth == 0 {
		return nil
	}
	switch major {
	case 0:
		return int64(n)
	case 1:
		return -1 - int64(n)
	case 3:
		s := string(r.take(n))
		if !utf8.ValidString(s) {
			r.err = fmt.Errorf("text is not UTF-8: %q", s)
		}
		return s
	case 4:
		list := []any{}
		for range n {
			list = append(list, r.value(depth-1))
		}
		return list
	case 5:
		m := map[string]any{}
		for range n {
			key, ok := r.value(depth - 1).(string)
			if _, twice := m[key]; !ok || twice {
				r.err = fmt.Errorf("bad key %q", key)
				return nil
			}
			m[key] = r.value(depth - 1)
		}
		return m
	case 6:
		return map[string]any{fmt.Sprintf("tag %d", n): r.value(depth - 1)}
	}
	if head != 0xfb {
		r.err = fmt.Errorf("unexpected head %#x", head)
		return nil
	}
	return math.Float64frombits(n)
}

func datumTime() time.Time { return time.Date(2026, 11, 23, 1, 2, 3, 456_000_000, time.UTC) }

func fullDatum() *Datum {
	return &Datum{
		Name:       "http.server.request.duration",
		Dimensions: []Dimension{{"http.route", "/cart"}, {"http.request.method", "GET"}},
		Time:       datumTime(),
		Values:     []float64{0.005, 0.25},
		Counts:     []float64{17, 1},
		Unit:       "Seconds",
		Resolution: 1,
	}
}

func datums() map[string]*Datum {
	stats := fullDatum()
	stats.Statistics = &Statistics{SampleCount: 3, Sum: 6, Minimum: 1, Maximum: 3}
	return map[string]*Datum{
		"datum_values":     fullDatum(),
		"datum_statistics": stats,
		"datum_value":      {Name: "orders", Value: 3, Unit: "Count", Time: datumTime()},
		"datum_smallest":   {Name: "m"},
		"datum_no_counts":  {Name: "m", Values: []float64{1, 2}},
	}
}

func TestAppendDatum_golden(t *testing.T) {
	for name, d := range datums() {
		v, err := decode(AppendDatum(nil, d))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".cbor", b)
	}
}

func TestAppendDatumJSON_golden(t *testing.T) {
	for name, d := range datums() {
		golden(t, name, AppendDatumJSON(nil, d))
	}
}

// Every member is byte for byte what cloudwatch v1.75.6 of the AWS SDK for Go
// sends, but that the SDK writes lists and maps with an open end.
func TestAppendDatum_bytes(t *testing.T) {
	got := hex.EncodeToString(AppendDatum(nil, &Datum{
		Name: "m", Dimensions: []Dimension{{"a", "b"}}, Time: time.Unix(1, 500_000_000), Value: 1, Unit: "None", Resolution: 60,
	}))
	want := "a6" +
		"6a4d65747269634e616d65" + "616d" +
		"6a44696d656e73696f6e73" + "81a2" + "644e616d65" + "6161" + "6556616c7565" + "6162" +
		"6954696d657374616d70" + "c1fb3ff8000000000000" +
		"6556616c7565" + "fb3ff0000000000000" +
		"64556e6974" + "644e6f6e65" +
		"7153746f726167655265736f6c7574696f6e" + "183c"
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestAppendHead(t *testing.T) {
	f := func(n uint64, want string) {
		t.Helper()
		if got := hex.EncodeToString(appendHead(nil, cborText, n)); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	f(0, "60")
	f(23, "77")
	f(24, "7818")
	f(255, "78ff")
	f(256, "790100")
	f(65536, "7a00010000")
	f(1<<32, "7b0000000100000000")
	if got := hex.EncodeToString(appendCBORInt(nil, -500)); got != "3901f3" {
		t.Errorf("-500: got %s", got)
	}
}

func TestAppendDatum_appends(t *testing.T) {
	if got := AppendDatum([]byte("x"), &Datum{Name: "m"}); !bytes.HasPrefix(got, []byte("x\xa2")) {
		t.Errorf("got %x", got)
	}
	if got := AppendDatumJSON([]byte("x"), &Datum{Name: "m"}); string(got) != `x{"MetricName":"m","Value":0}` {
		t.Errorf("got %s", got)
	}
}

func TestAppendDatum_allocatesNothing(t *testing.T) {
	d := fullDatum()
	dst := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(200, func() { dst = AppendDatum(dst[:0], d) }); n != 0 {
		t.Errorf("AppendDatum: %v allocations, want 0", n)
	}
	if n := testing.AllocsPerRun(200, func() { dst = AppendDatumJSON(dst[:0], d) }); n != 0 {
		t.Errorf("AppendDatumJSON: %v allocations, want 0", n)
	}
}

func FuzzAppendDatum(f *testing.F) {
	f.Add("name", "dim", "value", "Seconds", 1.5, 2.0, int64(1_700_000_000_000_000_000), 60)
	f.Add("\xff", "", "\xed\xa0\x80", "\"\\\n", math.NaN(), math.Inf(-1), int64(math.MinInt64), -7)
	f.Fuzz(func(t *testing.T, name, dim, value, unit string, a, b float64, nanos int64, resolution int) {
		for _, d := range []*Datum{
			{Name: name, Value: a},
			{Name: name, Values: []float64{a, b}, Counts: []float64{b, a}},
			{Name: name, Statistics: &Statistics{a, b, a, b}},
		} {
			d.Dimensions = []Dimension{{dim, value}, {value, dim}}
			d.Time, d.Unit, d.Resolution = time.Unix(0, nanos), unit, resolution
			v, err := decode(AppendDatum(nil, d))
			if err != nil {
				t.Fatal(err)
			}
			if got := v.(map[string]any)["MetricName"]; got != strings.ToValidUTF8(name, "\uFFFD") {
				t.Fatalf("name %q came back as %q", name, got)
			}
			if got := v.(map[string]any)["Dimensions"].([]any); len(got) != 2 {
				t.Fatalf("dimensions came back as %v", got)
			}
			if line := AppendDatumJSON(nil, d); !json.Valid(line) || bytes.ContainsAny(line, "\n\r") {
				t.Fatalf("not one line of JSON: %q", line)
			}
		}
	})
}

func TestDecode_seesDamage(t *testing.T) {
	whole := AppendDatum(nil, fullDatum())
	if v, err := decode(whole); err != nil || !reflect.DeepEqual(v.(map[string]any)["Counts"], []any{17.0, 1.0}) {
		t.Fatalf("%v, %v", v, err)
	}
	for i := range whole {
		if _, err := decode(whole[:i]); err == nil {
			t.Errorf("the first %d bytes alone were read", i)
		}
	}
}
