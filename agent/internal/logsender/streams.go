package logsender

import (
	"context"
	"sync"
)

// A place is where events go.
type place struct{ group, stream string }

// streams lets one push at a time send to a stream, in the order they came. It knows only streams in use.
type streams struct {
	mu   sync.Mutex
	busy map[place]*line
}

// A line is those who wait for a stream.
type line struct{ waiting []chan struct{} }

// take waits for the stream, which then is given back with give. It returns an error when ctx ends before.
func (s *streams) take(ctx context.Context, p place) error {
	s.mu.Lock()
	l, taken := s.busy[p]
	if !taken {
		s.busy[p] = new(line)
		s.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	s.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		s.leave(p, turn)
		return context.Cause(ctx)
	}
}

// leave goes out of the line, or gives the stream back where its turn has just come.
func (s *streams) leave(p place, turn chan struct{}) {
	s.mu.Lock()
	l := s.busy[p]
	for i, other := range l.waiting {
		if other == turn {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			s.mu.Unlock()
			return
		}
	}
	s.mu.Unlock()
	s.give(p)
}

// give hands the stream to the next in line.
func (s *streams) give(p place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.busy[p]
	if len(l.waiting) == 0 {
		delete(s.busy, p)
		return
	}
	close(l.waiting[0])
	l.waiting = l.waiting[1:]
}
