package appendjson

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"
)

func TestTwelveDigits(t *testing.T) {
	f := func(v float64, want string) {
		t.Helper()
		if got := string(TwelveDigits(nil, v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	f(0, "0")
	f(0.1, "0.1")
	f(1.0/3, "0.333333333333")
	f(-2.0/3, "-0.666666666667")
	f(100, "100")
	f(120.5, "120.5")
	f(123456789012, "123456789012")
	f(12345678901.25, "12345678901.3")
	f(1234567890.12, "1234567890.12")
	f(1234.56789012345, "1234.56789012")
	f(0.000001, "0.000001")
	f(0.00102, "0.00102")
	f(999999999999.7, "1000000000000")
	f(99999999999.96, "100000000000")
	f(0.99999999999996, "1")
	f(1.4285714285714e-7, "1.4285714285714e-07")
	f(1.23456789012345e-6, "0.00000123456789012")
	f(1.23456789012345e-5, "0.0000123456789012")
	f(1234567890123.25, "1234567890123.25")
	f(math.MaxFloat64, "1.7976931348623157e+308")
	f(math.NaN(), `"NaN"`)
	f(math.Inf(-1), `"-Infinity"`)
}

// FuzzTwelveDigits holds the text to twelve digits of the number.
func FuzzTwelveDigits(f *testing.F) {
	for _, v := range []float64{0, 1, -1.5, 1e-6, 9.999999999e8, 123456.789, 1e300, 5e-324} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		text := TwelveDigits(nil, v)
		if !json.Valid(text) {
			t.Fatalf("%v: %s is no JSON", v, text)
		}
		back, err := strconv.ParseFloat(string(text), 64)
		if err != nil || math.Abs(back-v) > 5.001e-12*math.Abs(v) {
			t.Errorf("%v: %s", v, text)
		}
	})
}

func BenchmarkTwelveDigits(b *testing.B) {
	values := make([]float64, 1000)
	for i := range values {
		values[i] = math.Exp(float64(i)/50) / 100
	}
	dst := make([]byte, 0, 64)
	for name, write := range map[string]func([]byte, float64) []byte{"twelve": TwelveDigits, "all": LongFloat} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				dst = write(dst[:0], values[i%len(values)])
			}
		})
	}
}
