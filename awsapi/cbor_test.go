package awsapi

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// diagnose writes one CBOR value in the diagnostic notation of RFC 8949.
func diagnose(t *testing.T, b []byte) string {
	t.Helper()
	r := &cborReader{b: b}
	s := diagnoseNext(t, r)
	if r.err != nil || len(r.b) != 0 {
		t.Errorf("not one CBOR value: %v, %d bytes left", r.err, len(r.b))
	}
	return s
}

func diagnoseNext(t *testing.T, r *cborReader) string {
	t.Helper()
	start := r.b
	major, n, open := r.head()
	if open {
		t.Error("open lengths are not written by us")
	}
	var parts []string
	switch major {
	case cborUint:
		return fmt.Sprint(n)
	case cborText:
		return fmt.Sprintf("%q", r.text(n, false))
	case cborArray:
		for range n {
			parts = append(parts, diagnoseNext(t, r))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case cborMap:
		for range n {
			k := diagnoseNext(t, r)
			parts = append(parts, k+": "+diagnoseNext(t, r))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case cborTag:
		return fmt.Sprintf("%d(%s)", n, diagnoseNext(t, r))
	case cborSimple:
		if start[0] == 0xfb {
			return fmt.Sprint(math.Float64frombits(n))
		}
	}
	t.Errorf("unexpected major type %d", major)
	return ""
}

// The heads of RFC 8949, appendix A.
func TestAppendCBORHead(t *testing.T) {
	f := func(n uint64, want string) {
		t.Helper()
		if got := hex.EncodeToString(appendCBORHead(nil, cborUint, n)); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
		r := &cborReader{b: appendCBORHead(nil, cborTag, n)}
		if major, got, open := r.head(); major != cborTag || got != n || open || r.err != nil || len(r.b) != 0 {
			t.Errorf("%d is read as %d", n, got)
		}
	}
	f(0, "00")
	f(23, "17")
	f(24, "1818")
	f(100, "1864")
	f(255, "18ff")
	f(256, "190100")
	f(1000, "1903e8")
	f(65_536, "1a00010000")
	f(1_000_000, "1a000f4240")
	f(1_000_000_000_000, "1b000000e8d4a51000")
	f(math.MaxUint64, "1bffffffffffffffff")
}

func TestCBORStrings(t *testing.T) {
	f := func(in string, want map[string]string) {
		t.Helper()
		b, err := hex.DecodeString(strings.ReplaceAll(in, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := cborStrings(b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", in, got, err, want)
		}
	}
	f("a0", map[string]string{})
	f("bf ff", map[string]string{})
	f("a1 6161 6162", map[string]string{"a": "b"})
	f("bf 6161 6162 6163 6164 ff", map[string]string{"a": "b", "c": "d"})
	f("a1 6161 7f 6162 626364 ff", map[string]string{"a": "bcd"})
	f("a1 7f 6161 6162 ff 6163", map[string]string{"ab": "c"})
	f("a3 6161 83 01 20 43010203 6162 a1 01 f5 6163 6164", map[string]string{"c": "d"})
	f("a2 6161 9f 01 bf ff f6 ff 6163 6164", map[string]string{"c": "d"})
	f("a2 6161 c1 fb 3ff8000000000000 6163 6164", map[string]string{"c": "d"})
	f("a2 6161 5f 4101 4102 ff 6163 6164", map[string]string{"c": "d"})
}

func TestCBORStringsRefuses(t *testing.T) {
	f := func(in string) {
		t.Helper()
		b, err := hex.DecodeString(strings.ReplaceAll(in, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if m, err := cborStrings(b); err == nil {
			t.Errorf("%s is read as %v", in, m)
		}
	}
	f("")
	f("80")                                          // an array
	f("a1")                                          // no key
	f("a1 6161")                                     // no value
	f("a1 01 6161")                                  // a key that is a number
	f("a1 6161 6262")                                // a string that is too short
	f("a1 7b ffffffffffffffff")                      // one that is far too long
	f("bb ffffffffffffffff")                         // a map that is
	f("a1 6161 bb ffffffffffffffff 00")              // one inside
	f("a1 6161 9b ffffffffffffffff 00")              // an array
	f("a1 6161 1c")                                  // a reserved head
	f("a1 6161 1f")                                  // a number of open length
	f("bf 6161 ff")                                  // a break instead of a value
	f("a1 6161 7f 01 ff")                            // a number inside a string
	f("a1 6161 " + strings.Repeat("81", 100) + "00") // deep nesting
	f("a1 6161 " + strings.Repeat("c1", 100) + "00")
}

func FuzzCBORStrings(f *testing.F) {
	for _, s := range []string{"a16161" + "6162", "bf61617f6162ffff", "a26161c1fb3ff800000000000061636164", "a161619f01bffff6ff"} {
		b, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := cborStrings(b)
		size := 0
		for k, v := range m {
			size += len(k) + len(v)
		}
		if size > len(b) {
			t.Errorf("%d bytes of strings from %d", size, len(b))
		}
		if err == nil && !bytes.ContainsAny(b[:1], "\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbf") {
			t.Errorf("%x is read as a map", b)
		}
	})
}
