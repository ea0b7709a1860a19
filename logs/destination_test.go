package logs

import (
	"strings"
	"testing"
)

func TestKey(t *testing.T) {
	f := func(group, stream string) {
		t.Helper()
		if g, s := SplitKey(Key(group, stream)); g != group || s != stream {
			t.Errorf("got %q %q, want %q %q", g, s, group, stream)
		}
	}
	f("/updraft/shop", "host/1")
	f("", "")
	f("group", "")
}

func TestCleanGroup(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := CleanGroup(name); got != want {
			t.Errorf("CleanGroup(%q) = %q, want %q", name, got, want)
		}
	}
	f("/updraft/shop.v1_a-b#c", "/updraft/shop.v1_a-b#c")
	f("my shop: größe", "my_shop__gr__e")
	f("aws/shop", "aws_shop")
	f("/aws/shop", "/aws/shop")
	f("\xff", "_")
	f(strings.Repeat("a", 600), strings.Repeat("a", 512))
}

func TestCleanStream(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := CleanStream(name); got != want {
			t.Errorf("CleanStream(%q) = %q, want %q", name, got, want)
		}
	}
	f("host/1 größe", "host/1 größe")
	f("a:b*c\n\xff", "a_b_c__")
	f(strings.Repeat("é", 600), strings.Repeat("é", 512))
}
