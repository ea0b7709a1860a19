package logsender

import (
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

// A Result is what became of a push. An item that is in neither list arrived whole.
type Result struct {
	// Again are the items to be tried again, in order, each once. An item of several events may have arrived in part.
	Again []int
	// Err is why; Delay is how long CloudWatch Logs asks to wait before.
	Err   error
	Delay time.Duration
	// Refused are the items of which CloudWatch Logs will never take an event, in order; Refusal is the last reason.
	Refused []int
	Refusal error
}

func (p *Push) result() *Result {
	for item := range p.again {
		delete(p.gone, item)
	}
	if len(p.again) > 0 {
		p.sender.Stats.Retried(p.ctx, len(p.again))
	}
	return &Result{
		Again: slices.Sorted(maps.Keys(p.again)), Err: p.last, Delay: p.delay,
		Refused: slices.Sorted(maps.Keys(p.gone)), Refusal: p.refusal,
	}
}

// Error is what exporterhelper is to be told about a push of n items: nil when all were taken or refused one by one, an
// error with those worth another try, which part makes of their numbers, or a permanent error when all were refused.
func (r *Result) Error(n int, part func(err error, again []int) error) error {
	switch {
	case len(r.Again) > 0:
		err := r.Err
		if len(r.Again) < n {
			err = part(err, r.Again)
		}
		if r.Delay > 0 {
			err = exporterhelper.NewThrottleRetry(err, r.Delay)
		}
		return err
	case n > 0 && len(r.Refused) >= n:
		return consumererror.NewPermanent(r.Refusal)
	default:
		return nil
	}
}
