package loadbalancing

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRing_asTheCollectors holds placement to what the collector's own exporter, v0.159.0, computed for the same 10,000 keys:
// senders with either must agree.
func TestRing_asTheCollectors(t *testing.T) {
	f := func(endpoints []string, want string, first int) {
		t.Helper()
		r := newRing(endpoints)
		sum, n := sha256.New(), 0
		for i := range 10000 {
			key := sha256.Sum256([]byte(fmt.Sprint(i)))
			owner := r.owners[r.find(key[:16])]
			if owner == 0 {
				n++
			}
			sum.Write([]byte(endpoints[owner]))
		}
		if got := fmt.Sprintf("%x", sum.Sum(nil)[:8]); got != want || n != first {
			t.Errorf("%q: placement %s, want %s; %d keys at the first, want %d", endpoints, got, want, n, first)
		}
	}
	f([]string{"gateway-1:4317", "gateway-2:4317"}, "d7286d6efc43e9cd", 4999)
	f([]string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}, "15a9683610a38529", 3428)
	f(strings.Split("abcdefghijklmnopqrst", ""), "44b48e627abb3480", 513)
}

// TestRing_oneLess moves only the keys of the collector that went.
func TestRing_oneLess(t *testing.T) {
	all := []string{"a:1", "b:1", "c:1", "d:1"}
	before, after := newRing(all), newRing(all[:3])
	for i := range 5000 {
		key := sha256.Sum256([]byte(fmt.Sprint(i)))
		was, is := before.owners[before.find(key[:])], after.owners[after.find(key[:])]
		if was != 3 && was != is {
			t.Fatalf("key %d moved from %s to %s although both are there", i, all[was], all[is])
		}
	}
}

func TestRing_empty(t *testing.T) {
	if r := newRing(nil); len(r.places) != 0 {
		t.Errorf("%d points of nobody", len(r.places))
	}
}

func FuzzRing(f *testing.F) {
	f.Add("a b c", []byte("key"))
	f.Add("a a", []byte{})
	f.Fuzz(func(t *testing.T, endpoints string, key []byte) {
		all := strings.Fields(endpoints)
		if len(all) == 0 || len(all) > 50 {
			return
		}
		r := newRing(all)
		if !slices.IsSorted(r.places) {
			t.Fatal("places are not in order")
		}
		if i := r.find(key); i < 0 || i >= len(r.owners) || r.owners[i] >= len(all) {
			t.Fatalf("key at %d of %d", i, len(r.owners))
		}
	})
}

func BenchmarkRing_choose(b *testing.B) {
	r := newRing([]string{"gateway-1:4317", "gateway-2:4317", "gateway-3:4317"})
	key := sha256.Sum256([]byte("trace"))
	b.ReportAllocs()
	for b.Loop() {
		_ = r.owners[r.find(key[:16])]
	}
}
