package metrics

import (
	"strings"
	"testing"
)

func TestUnit(t *testing.T) {
	f := func(unit, want string) {
		t.Helper()
		if got := Unit(unit); got != want {
			t.Errorf("Unit(%q) = %q, want %q", unit, got, want)
		}
	}
	f("s", "Seconds")
	f("ms", "Milliseconds")
	f("us", "Microseconds")
	f("µs", "Microseconds")
	f("μs", "Microseconds")
	f("By", "Bytes")
	f("kBy", "Kilobytes")
	f("KiBy", "Kilobytes")
	f("MiBy", "Megabytes")
	f("GiBy", "Gigabytes")
	f("TBy", "Terabytes")
	f("bit", "Bits")
	f("kbit", "Kilobits")
	f("Mbit", "Megabits")
	f("Gbit", "Gigabits")
	f("Tibit", "Terabits")
	f("%", "Percent")
	f("1", "Count")
	f("{request}", "Count")
	f("{request}/s", "Count/Second")
	f("1/s", "Count/Second")
	f("By/s", "Bytes/Second")
	f("KiBy/s", "Kilobytes/Second")
	f("MBy/s", "Megabytes/Second")
	f("GBy/s", "Gigabytes/Second")
	f("TiBy/s", "Terabytes/Second")
	f("bit/s", "Bits/Second")
	f("Kibit/s", "Kilobits/Second")
	f("Mibit/s", "Megabits/Second")
	f("Gibit/s", "Gigabits/Second")
	f("Tbit/s", "Terabits/Second")
	f("", "None")
	f("ns", "None")
	f("Cel", "None")
	f("s/s", "None")
	f("%/s", "None")
	f("/s", "None")
	f("{}", "None")
	f("{a}{b}", "None")
	f("\xff", "None")
}

func TestCleanName(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := CleanName(s); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", s, got, want)
		}
	}
	f("http.route", "http.route")
	f("two words:x", "two words:x")
	f("", "")
	f(" \t", "")
	f(":x", "%3Ax")
	f("größe", "gr%C3%B6%C3%9Fe")
	f("a\nb\x7f", "a%0Ab%7F")
	f("\xff", "%FF")
	f(strings.Repeat("a", 255), strings.Repeat("a", 255))
	f(strings.Repeat("a", 256), strings.Repeat("a", 246)+"~6c44e2c5")
}

func TestCleanValue(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := CleanValue(s); got != want {
			t.Errorf("CleanValue(%q) = %q, want %q", s, got, want)
		}
	}
	f(":8080", ":8080")
	f("Zürich", "Z%C3%BCrich")
	f("  ", "")
	one, two := CleanValue(strings.Repeat("é", 600)+"1"), CleanValue(strings.Repeat("é", 600)+"2")
	if len(one) != MaxDimensionValueBytes || len(two) != MaxDimensionValueBytes || one == two {
		t.Errorf("long values: %d and %d bytes, equal: %v", len(one), len(two), one == two)
	}
}

func TestCleanNamespace(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := CleanNamespace(s); got != want {
			t.Errorf("CleanNamespace(%q) = %q, want %q", s, got, want)
		}
	}
	f("shop/web v1.2#a_b:c", "shop/web v1.2#a_b:c")
	f("", "")
	f(" ", "")
	f(":shop", "_shop")
	f("AWS/Shop", "AWS_Shop")
	f("AWSome", "AWSome")
	f("größe\n!", "gr__e__")
	f(strings.Repeat("a", 300), strings.Repeat("a", 255))
}

func FuzzClean(f *testing.F) {
	f.Add("http.route")
	f.Add(":\xff größe\n")
	f.Add(strings.Repeat("é ", 700))
	f.Add(strings.Repeat(" ", 255) + "0")
	f.Fuzz(func(t *testing.T, s string) {
		name, value := CleanName(s), CleanValue(s)
		if len(name) > MaxNameBytes || len(value) > MaxDimensionValueBytes || strings.HasPrefix(name, ":") {
			t.Fatalf("%q became the name %q and the value %q", s, name, value)
		}
		for _, out := range []string{name, value} {
			if out != "" && strings.TrimSpace(out) == "" {
				t.Fatalf("%q became blank", s)
			}
			for i := range len(out) {
				if !printable(out[i]) {
					t.Fatalf("%q became %q", s, out)
				}
			}
		}
		if CleanName(name) != name || CleanValue(value) != value {
			t.Fatalf("cleaning %q twice differs", s)
		}
		if ns := CleanNamespace(s); len(ns) > MaxNamespaceBytes || s != "" && ns != "" && CleanNamespace(ns) == "" {
			t.Fatalf("%q became the namespace %q", s, ns)
		}
	})
}
