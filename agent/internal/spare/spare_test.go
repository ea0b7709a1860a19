package spare_test

import (
	"runtime"
	"testing"

	"github.com/updraft-otel/updraft/agent/internal/spare"
)

// TestPool has one value back after garbage collections, and each but once.
func TestPool(t *testing.T) {
	var p spare.Pool[[]byte]
	if v := p.Get(); v != nil {
		t.Errorf("%v of an empty pool", v)
	}
	first, second := new([]byte), new([]byte)
	p.Put(first)
	p.Put(second)
	runtime.GC()
	runtime.GC()
	if v := p.Get(); v != first {
		t.Errorf("%p, want %p", v, first)
	}
	if v := p.Get(); v == first {
		t.Error("the same value twice")
	}
}
