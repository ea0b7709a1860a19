package localaws

import (
	"sync"
	"time"
)

// A rateLimit lets so many things pass in a window of time; windows follow one
// another from the first thing that passes. Several goroutines may use it.
type rateLimit struct {
	most   int
	window time.Duration

	mu    sync.Mutex
	start time.Time
	n     int
}

// take lets up to n things pass, and says how many do.
func (r *rateLimit) take(now time.Time, n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := now.Sub(r.start); d >= r.window || d < 0 {
		r.start, r.n = now, 0
	}
	n = min(n, r.most-r.n)
	r.n += n
	return n
}
