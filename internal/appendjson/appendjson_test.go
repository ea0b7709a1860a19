package appendjson

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

func TestFloat(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := string(Float(nil, v)); got != want {
			t.Errorf("Float(%g) = %s, want %s", v, got, want)
		}
	}
	f(0, "0")
	f(1, "1")
	f(-1.5, "-1.5")
	f(0.1, "0.1")
	f(1e20, "100000000000000000000")
	f(1e21, "1e+21")
	f(1e-7, "1e-07")
	f(math.Copysign(0, -1), "-0")
	f(1e-6, "0.000001")
	f(-0.25, "-0.25")
	f(1234.5678, "1234.5678")
	f(0.30000000000000004, "0.30000000000000004")
	f(999999999999999, "999999999999999")
	f(1e15, "1000000000000000")
	f(-1<<63, "-9223372036854776000")
	f(math.MaxFloat64, "1.7976931348623157e+308")
	f(math.NaN(), `"NaN"`)
	f(math.Inf(1), `"Infinity"`)
	f(math.Inf(-1), `"-Infinity"`)
}

func TestValue(t *testing.T) {
	f := func(v attribute.Value, want string) {
		t.Helper()
		if got := string(Value(nil, v)); got != want {
			t.Errorf("Value(%v) = %s, want %s", v.String(), got, want)
		}
	}
	f(attribute.Value{}, "null")
	f(attribute.BoolValue(true), "true")
	f(attribute.Int64Value(math.MinInt64), "-9223372036854775808")
	f(attribute.Float64Value(math.Inf(1)), `"Infinity"`)
	f(attribute.StringValue("a\"b"), `"a\"b"`)
	f(attribute.ByteSliceValue([]byte("\x00\xff")), `"AP8="`)
	f(attribute.BoolSliceValue([]bool{true, false}), "[true,false]")
	f(attribute.Int64SliceValue(nil), "[]")
	f(attribute.Int64SliceValue([]int64{1, 2}), "[1,2]")
	f(attribute.Float64SliceValue([]float64{0.5, math.NaN()}), `[0.5,"NaN"]`)
	f(attribute.StringSliceValue([]string{"a", "\xff"}), `["a","`+"\uFFFD"+`"]`)
	f(attribute.SliceValue(attribute.IntValue(1), attribute.Value{}), "[1,null]")
	f(attribute.MapValue(), "{}")
	f(attribute.MapValue(attribute.Int("b", 1), attribute.String("a", "x")), `{"a":"x","b":1}`)
	f(attribute.MapValue(attribute.Int("a", 1), attribute.Int("a", 2), attribute.Int("b", 3)), `{"a":2,"b":3}`)
}

func TestValue_nestedTooDeep(t *testing.T) {
	v := attribute.IntValue(1)
	for range MaxDepth + 1 {
		v = attribute.SliceValue(v)
	}
	got := string(Value(nil, v))
	want := strings.Repeat("[", MaxDepth) + `"` + TooDeep + `"` + strings.Repeat("]", MaxDepth)
	if got != want {
		t.Errorf("got %s", got)
	}
}

func FuzzEscapedLen(f *testing.F) {
	for _, s := range []string{"", "a", "\"\\\n", "\xff\xfe", "\u2028", "\xed\xa0\x80", "é\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n := len(Escape(nil, s)); n != EscapedLen(s) {
			t.Fatalf("EscapedLen(%q) = %d, Escape made %d", s, EscapedLen(s), n)
		}
	})
}

func FuzzFloat(f *testing.F) {
	f.Add(uint64(0))
	f.Add(math.Float64bits(12.345678))
	f.Add(math.Float64bits(-123456789.1))
	f.Add(math.Float64bits(1e-300))
	f.Add(math.Float64bits(math.NaN()))
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		b := Float(nil, v)
		if long := LongFloat(nil, v); string(long) != string(b) {
			t.Fatalf("%s and %s", b, long)
		}
		if !json.Valid(b) {
			t.Fatalf("not JSON: %s", b)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		var back float64
		if err := json.Unmarshal(b, &back); err != nil || back != v {
			t.Fatalf("%g came back as %g (%v)", v, back, err)
		}
		format := byte('f')
		if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
			format = 'e'
		}
		if want := strconv.FormatFloat(v, format, -1, 64); string(b) != want {
			t.Fatalf("%s, the shortest is %s", b, want)
		}
	})
}

func TestAppend_allocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 256)
	v := attribute.StringValue("größe \"quoted\"\n")
	n := testing.AllocsPerRun(100, func() {
		dst = Value(dst[:0], v)
		dst = Float(dst, 1.25)
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkString(b *testing.B) {
	s := strings.Repeat("a usual line of text, \"quoted\" once\n", 8)
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		dst = String(dst[:0], s)
	}
}

// BenchmarkFloat is a measurement with few digits, and one with all.
func BenchmarkFloat(b *testing.B) {
	for _, f := range []float64{17, 12.375, 0.1234567890123456} {
		b.Run(strconv.FormatFloat(f, 'g', -1, 64), func(b *testing.B) {
			dst := make([]byte, 0, 32)
			for b.Loop() {
				dst = Float(dst[:0], f)
			}
		})
	}
}
