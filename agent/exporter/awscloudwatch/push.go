package awscloudwatch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/internal/encoded"
	"github.com/updraft-otel/updraft/awsapi"
)

// callHead is more than a call has besides its datums and the namespace: the names of its members.
const callHead = 64

// A push sends what the queue handed over, or what an earlier one could not send.
type push struct {
	*metricsExporter
	ctx   context.Context
	items *encoded.Items
	calls sync.WaitGroup

	mu      sync.Mutex
	again   []int // datums that are worth another try
	stopped bool  // no call begins any more: CloudWatch takes nothing at present, or the time is up
	delay   time.Duration
	last    error // why datums are to be tried again
	refused int   // datums that never will be taken
	refusal error
}

// push is what exporterhelper calls. It returns nil when every datum was taken or refused one by one, an error with the
// datums that are worth another try, or a permanent error when all were refused.
func (e *metricsExporter) push(ctx context.Context, md pmetric.Metrics) error {
	p := &push{metricsExporter: e, ctx: ctx, items: e.spare.Get()}
	defer e.spare.Put(p.items)
	if !e.carrier.Read(p.items, md) {
		e.encoder.encode(md, p.items,
			func(reason string, n int) { e.points.Dropped(ctx, reason, n) },
			func(n int, why error) { e.points.Panicked(ctx, n, why) })
		e.points.Worked()
	}
	for _, which := range p.byNamespace() {
		for len(which) > 0 {
			n := p.callLen(which)
			p.begin(which[:n])
			which = which[n:]
		}
	}
	p.calls.Wait()
	return p.result()
}

// byNamespace are the datums of each namespace, in the order they came.
func (p *push) byNamespace() [][]int {
	at := map[string]int{}
	var lists [][]int
	for i := range p.items.Len() {
		n, ok := at[p.items.Key(i)]
		if !ok {
			n = len(lists)
			at[p.items.Key(i)] = n
			lists = append(lists, nil)
		}
		lists[n] = append(lists[n], i)
	}
	return lists
}

// callLen is how many of these datums one call takes. One is always taken: a datum has at most 150 values, 30 dimensions and
// the name, far from a call's size.
func (p *push) callLen(which []int) int {
	size := callHead + awsapi.MaxNamespaceBytes
	for n, i := range which {
		size += len(p.items.Body(i))
		if n == awsapi.MaxMetricData || n > 0 && size > awsapi.MaxMetricDataBytes {
			return n
		}
	}
	return len(which)
}

// errPaused is why a datum was not sent while CloudWatch takes nothing.
var errPaused = errors.New("CloudWatch takes nothing at present")

// begin makes a call as soon as it may begin.
func (p *push) begin(which []int) {
	if p.isStopped() {
		p.keep(which, 0, nil)
		return
	}
	pause, err := p.limit.Acquire(p.ctx)
	if pause > 0 || err != nil {
		if err == nil {
			err = errPaused
		}
		p.stop(which, pause, err)
		return
	}
	p.calls.Go(func() { p.limit.Release(p.send(which)) })
}

func (p *push) isStopped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped
}

func (p *push) stop(which []int, pause time.Duration, why error) {
	p.keep(which, pause, why)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
}

// keep marks datums for another try; without a reason it is the one before.
func (p *push) keep(which []int, delay time.Duration, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again = append(p.again, which...)
	p.delay = max(p.delay, delay)
	if why != nil {
		p.last = why
	}
}

// refuse counts datums that CloudWatch will never take.
func (p *push) refuse(n int, reason string, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused += n
	p.refusal = why
	p.stats.Refused(p.ctx, n, reason, why)
}

// result is what exporterhelper is told. What is to be tried again is datums in any case: the points must not come again.
func (p *push) result() error {
	switch {
	case len(p.again) > 0:
		p.stats.Retried(p.ctx, len(p.again))
		slices.Sort(p.again)
		err := consumererror.NewMetrics(p.last, p.carrier.Metrics(p.items, p.again))
		if p.delay > 0 {
			return exporterhelper.NewThrottleRetry(err, p.delay)
		}
		return err
	case p.refused > 0 && p.refused >= p.items.Len():
		return consumererror.NewPermanent(p.refusal)
	default:
		return nil
	}
}
