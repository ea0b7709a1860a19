package appendjson

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"
)

func TestNineDigits(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := string(NineDigits(nil, v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	f(0, "0")
	f(0.1, "0.1")
	f(1.0/3, "0.333333333")
	f(-2.0/3, "-0.666666667")
	f(100, "100")
	f(120.5, "120.5")
	f(999999999.7, "1000000000")
	f(99999999.96, "100000000")
	f(0.99999999996, "1")
	f(1.4285714285714e-7, "1.4285714285714e-07")
	f(1.23456789012e-6, "0.00000123456789")
	f(1.23456789012e-5, "0.0000123456789")
	f(123456789012.5, "123456789012.5")
	f(math.MaxFloat64, "1.7976931348623157e+308")
	f(math.NaN(), `"NaN"`)
	f(math.Inf(-1), `"-Infinity"`)
}

// FuzzNineDigits holds the text to nine digits of the number.
func FuzzNineDigits(f *testing.F) {
	for _, v := range []float64{0, 1, -1.5, 1e-6, 9.999999999e8, 123456.789, 1e300, 5e-324} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		text := NineDigits(nil, v)
		if !json.Valid(text) {
			t.Fatalf("%v: %s is no JSON", v, text)
		}
		back, err := strconv.ParseFloat(string(text), 64)
		if err != nil || math.Abs(back-v) > 5.001e-9*math.Abs(v) {
			t.Errorf("%v: %s", v, text)
		}
	})
}

func BenchmarkNineDigits(b *testing.B) {
	values := make([]float64, 1000)
	for i := range values {
		values[i] = math.Exp(float64(i)/50) / 100
	}
	dst := make([]byte, 0, 64)
	for name, write := range map[string]func([]byte, float64) []byte{"nine": NineDigits, "all": LongFloat} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				dst = write(dst[:0], values[i%len(values)])
			}
		})
	}
}
