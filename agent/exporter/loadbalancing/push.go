package loadbalancing

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

// Why data waits when nobody was asked.
var (
	errNobody     = errors.New("no collector can be reached at present")
	errNoBackends = errors.New("no collector is known: the resolver has found none yet")
)

// A push is what has become of what the queue handed over.
type push[T any] struct {
	*balancer[T]

	mu      sync.Mutex
	down    []T   // for another collector, at once
	keep    []T   // for another try, later
	why     error // why there is something to keep
	delay   time.Duration
	taken   bool
	refused error // why some will never be taken
}

// push is what exporterhelper calls. It returns nil when all was taken or refused part by part, an error with what is worth
// another try, or a permanent error when all was refused for good.
func (b *balancer[T]) push(ctx context.Context, data T) error {
	p := &push[T]{balancer: b}
	for tries := 0; ; tries++ {
		r := b.newRound()
		p.send(ctx, r, data)
		if len(p.down) == 0 {
			break
		}
		if tries >= len(r.table.backends) || ctx.Err() != nil {
			p.keep = append(p.keep, p.down...)
			break
		}
		data, p.down = p.joined(p.down), nil
	}
	return p.result()
}

// send sends each collector its share, all at the same time, and waits for the answers.
func (p *push[T]) send(ctx context.Context, r *round[T], data T) {
	var calls sync.WaitGroup
	for owner, share := range p.shares(r, data) {
		if owner == nobody {
			p.keepAll(r, share)
			continue
		}
		calls.Go(func() { p.sendOne(ctx, r.table.backends[owner], share) })
	}
	calls.Wait()
}

// keepAll keeps what has no collector. Why the last one did not take it says more than that there is none.
func (p *push[T]) keepAll(r *round[T], share T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keep = append(p.keep, share)
	switch {
	case p.why != nil:
	case len(r.table.backends) == 0:
		p.why = errNoBackends
	default:
		p.why = errNobody
	}
}

func (p *push[T]) sendOne(ctx context.Context, to *backend[T], share T) {
	began := time.Now()
	outcome, delay, err := to.send(ctx, share)
	p.stats.called(ctx, to.endpoint, outcome == taken, time.Since(began))
	items := p.signal.items(share)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch outcome {
	case taken:
		p.taken = true
		p.stats.log.Worked()
	case refused:
		p.refused = err
		p.stats.refused(ctx, to.endpoint, items, err)
	case busy:
		p.keep = append(p.keep, share)
		p.why, p.delay = err, max(p.delay, delay)
	case down:
		p.down = append(p.down, share)
		p.why = err
		p.stats.rerouted(ctx, to.endpoint, items)
	}
}

// joined is all of the shares in one. Where there are several they are copies; a single one may be what the queue handed
// over, which nobody may change.
func (p *push[T]) joined(shares []T) T {
	into := shares[0]
	for _, from := range shares[1:] {
		p.signal.merge(into, from)
	}
	return into
}

// result is what exporterhelper is told.
func (p *push[T]) result() error {
	switch {
	case len(p.keep) > 0:
		err := p.why
		if p.taken || p.refused != nil {
			err = p.signal.again(err, p.joined(p.keep))
		}
		if p.delay > 0 {
			err = exporterhelper.NewThrottleRetry(err, p.delay)
		}
		return err
	case p.refused != nil && !p.taken:
		return consumererror.NewPermanent(p.refused)
	default:
		return nil
	}
}
