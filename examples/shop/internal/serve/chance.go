package serve

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Chance is seeded randomness: the same seed makes the same sequence of slow
// and failing answers. It is safe for use by many goroutines.
type Chance struct {
	mu  sync.Mutex
	rnd *rand.Rand
}

// NewChance returns a Chance with its sequence at the beginning.
func NewChance(seed uint64) *Chance {
	return &Chance{rnd: rand.New(rand.NewPCG(seed, seed))}
}

// Hit is true with probability p.
func (c *Chance) Hit(p float64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rnd.Float64() < p
}

// Between returns a duration of at least least and less than most.
func (c *Chance) Between(least, most time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return least + time.Duration(c.rnd.Float64()*float64(most-least))
}

// Wait waits for d, or until ctx ends.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
