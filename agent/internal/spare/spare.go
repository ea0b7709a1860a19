// Package spare keeps values that are not in use, for the memory they have.
//
// A sync.Pool alone is made for what is used all the time. What is used a few times a second it has often forgotten, with
// the last garbage collection, or has at hand for another processor; an exporter's buffers would grow anew about each time.
package spare

import (
	"sync"
	"sync/atomic"
)

// A Pool has values to use again: one for as long as it lives, more until garbage collections. The zero value is empty. It
// must not be copied.
type Pool[T any] struct {
	one  atomic.Pointer[T]
	more sync.Pool
}

// Get takes a value out, nil where there is none.
func (p *Pool[T]) Get() *T {
	if v := p.one.Swap(nil); v != nil {
		return v
	}
	v, _ := p.more.Get().(*T)
	return v
}

// Put gives a value to the next Get.
func (p *Pool[T]) Put(v *T) {
	if !p.one.CompareAndSwap(nil, v) {
		p.more.Put(v)
	}
}
