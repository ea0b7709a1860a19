package awsxray

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// errPaused is why a span was not sent while X-Ray takes nothing.
var errPaused = errors.New("X-Ray takes nothing at present")

// firstWait is the longest time before the second attempt of a call; doubled from one to the next.
const firstWait = 200 * time.Millisecond

// send makes the calls that a batch needs: one, or more where it fails.
func (p *push) send(b *batch) {
	outcome, after := pace.Worked, time.Duration(0)
	if err := contain.Call(func() { outcome, after = p.sendRange(b, 0, len(b.documents)) }); err != nil {
		p.refuse(b, 0, len(b.documents), err) // at most: some may have arrived
	}
	p.limit.Release(outcome, after)
}

// sendRange sends documents from up to and without to. Where X-Ray refuses the whole call for what may be one of
// them, each half is sent alone.
func (p *push) sendRange(b *batch, from, to int) (outcome pace.Outcome, after time.Duration) {
	unprocessed, err := p.call(b, from, to)
	var e *awsapi.Error
	switch {
	case err == nil:
		p.took(b, from, to, unprocessed)
		return pace.Worked, 0
	case !errors.As(err, &e), e.Retryable():
		if e != nil {
			after = e.RetryAfter()
		}
		p.retry(b, from, to, after, err)
		return pace.Strained, after
	case e.Splittable() && to-from > 1:
		middle := from + (to-from)/2
		first, firstAfter := p.sendRange(b, from, middle)
		second, secondAfter := p.sendRange(b, middle, to)
		return max(first, second), max(firstAfter, secondAfter)
	default:
		p.refuse(b, from, to, e)
		return pace.Worked, 0
	}
}

// call is the attempts of one call.
func (p *push) call(b *batch, from, to int) ([]awsapi.UnprocessedTraceSegment, error) {
	for attempt := 1; ; attempt++ {
		unprocessed, err := p.attempt(b, from, to)
		var e *awsapi.Error
		if err == nil || attempt >= p.config.Attempts() || !errors.As(err, &e) || !e.Retryable() || e.RetryAfter() > firstWait {
			return unprocessed, err
		}
		p.limit.Note(pace.Strained, 0)
		if !wait(p.ctx, rand.N(firstWait<<min(attempt-1, 6))+e.RetryAfter()) {
			return unprocessed, err
		}
	}
}

// attempt is one call.
func (p *push) attempt(b *batch, from, to int) ([]awsapi.UnprocessedTraceSegment, error) {
	ctx := p.ctx
	if timeout := p.config.RequestTimeout(); timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	unprocessed, err := p.client.PutEscapedTraceSegments(ctx, to-from, func(i int) ([]byte, bool) { return b.body(from + i) })
	p.stats.Called(p.ctx, err)
	if err != nil {
		p.records.failed(err)
	}
	return unprocessed, err
}

// wait returns false when the time is up before d.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// took looks at what X-Ray left unprocessed of a call that worked. The answer names documents by id, but for those
// whose id X-Ray could not read, and perhaps those of OTLP: those can only be told when they are all that the call held.
// Others are counted as refused, one span each, since nobody knows which.
func (p *push) took(b *batch, from, to int, unprocessed []awsapi.UnprocessedTraceSegment) {
	all := len(unprocessed) == to-from
	left := 0
	for i := from; i < to && len(unprocessed) > 0; i++ {
		at := slices.IndexFunc(unprocessed, func(u awsapi.UnprocessedTraceSegment) bool { return b.has(i, u.ID) || all && u.ID == "" })
		if at >= 0 {
			left++
			p.leave(&b.documents[i], unprocessed[at])
		}
	}
	for _, u := range unprocessed {
		if !b.names(from, to, u.ID) && !all {
			left++
			p.stats.Refused(p.ctx, 1, u.ErrorCode, u)
		}
	}
	p.stats.Sent(p.ctx, to-from-left, timeOf(b.newest))
	p.records.count(func(t *awsapi.TelemetryRecord) {
		t.SegmentsReceivedCount += int64(to - from)
		t.SegmentsSentCount += int64(max(0, to-from-left))
	})
}

// leave deals with one document that X-Ray left unprocessed.
func (p *push) leave(d *document, u awsapi.UnprocessedTraceSegment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.Retryable() {
		p.keepLocked(d, 0, u)
		return
	}
	p.refuseLocked(d, u)
	p.stats.Refused(p.ctx, len(d.places()), u.ErrorCode, u)
	p.records.count(func(t *awsapi.TelemetryRecord) { t.SegmentsRejectedCount++ })
}

func (p *push) retry(b *batch, from, to int, after time.Duration, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := from; i < to; i++ {
		p.keepLocked(&b.documents[i], after, why)
	}
}

func (p *push) refuse(b *batch, from, to int, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for i := from; i < to; i++ {
		p.refuseLocked(&b.documents[i], why)
		n += len(b.documents[i].places())
	}
	p.stats.Refused(p.ctx, n, callstats.Reason(why), why)
	p.records.count(func(t *awsapi.TelemetryRecord) {
		t.SegmentsReceivedCount += int64(to - from)
		t.SegmentsRejectedCount += int64(to - from)
	})
}

// result is what exporterhelper is told.
func (p *push) result(traces ptrace.Traces) error {
	total := traces.SpanCount()
	switch {
	case len(p.again) > 0:
		p.stats.Retried(p.ctx, len(p.again))
		err := p.last
		if len(p.again) < total {
			err = consumererror.NewTraces(err, only(traces, p.again))
		}
		if p.delay > 0 {
			err = exporterhelper.NewThrottleRetry(err, p.delay)
		}
		return err
	case p.refused > 0 && p.refused >= total:
		return consumererror.NewPermanent(p.refusal)
	default:
		return nil
	}
}

// only is the part of traces that is in places.
func only(traces ptrace.Traces, places map[place]struct{}) ptrace.Traces {
	part := ptrace.NewTraces()
	for r, rs := range traces.ResourceSpans().All() {
		var resource ptrace.ResourceSpans
		made := false
		for s, ss := range rs.ScopeSpans().All() {
			var scope ptrace.ScopeSpans
			begun := false
			for i, span := range ss.Spans().All() {
				if _, ok := places[place{r, s, i}]; !ok {
					continue
				}
				if !made {
					made, resource = true, part.ResourceSpans().AppendEmpty()
					rs.Resource().CopyTo(resource.Resource())
					resource.SetSchemaUrl(rs.SchemaUrl())
				}
				if !begun {
					begun, scope = true, resource.ScopeSpans().AppendEmpty()
					ss.Scope().CopyTo(scope.Scope())
					scope.SetSchemaUrl(ss.SchemaUrl())
				}
				span.CopyTo(scope.Spans().AppendEmpty())
			}
		}
	}
	return part
}
