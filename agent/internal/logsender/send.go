package logsender

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// errPaused is why an event was not sent while CloudWatch Logs takes nothing.
var errPaused = errors.New("CloudWatch Logs takes nothing at present")

// firstWait is the longest time before the second attempt of a call; doubled from one to the next.
const firstWait = 200 * time.Millisecond

// maxRefusals is how many calls in a row may be refused in the search for the event at fault. When nothing at all is taken
// it is no event's fault, and the search would make two calls an event.
const maxRefusals = 256

// putOperation is the call whose refusal may be a single event's fault.
const putOperation = "PutLogEvents"

// A call is one batch on its way, and what became of its parts.
type call struct {
	*Push
	t        *target
	refusals int // in a row
	outcome  pace.Outcome
	after    time.Duration
	kept     bool // something is to be tried again
}

// sendCall sends events from up to and without to, and reports whether the next may follow: not when some are to be tried
// again, which must not arrive behind later ones.
func (p *Push) sendCall(t *target, from, to int) bool {
	limit := p.sender.Limit
	if pause, err := limit.Acquire(p.ctx); pause > 0 || err != nil {
		if err == nil {
			err = errPaused
		}
		p.keep(t.events[from:to], pause, err)
		return false
	}
	c := call{Push: p, t: t}
	if err := contain.Call(func() { c.send(from, to) }); err != nil {
		c.refuse(t.events[from:to], contain.Reason, err) // at most: some may have arrived
	}
	limit.Release(c.outcome, c.after)
	return !c.kept
}

// send sends a part of the batch. Where CloudWatch Logs refuses all of it for what may be one event, each half is sent
// alone.
func (c *call) send(from, to int) {
	events := c.t.events[from:to]
	if c.kept {
		c.keep(events, 0, nil)
		return
	}
	rejected, err := c.put(events)
	var e *awsapi.Error
	switch {
	case err == nil:
		c.refusals = 0
		c.took(events, rejected)
	case !errors.As(err, &e), e.Retryable(), e.Code == awsapi.CodeResourceNotFound: // what was just created may take a moment
		c.strained(events, e, err)
	case e.Operation == putOperation && e.Splittable() && len(events) > 1 && c.refusals < maxRefusals:
		c.refusals++
		middle := from + len(events)/2
		c.send(from, middle)
		c.send(middle, to)
	default:
		c.refusals++
		c.refuse(events, callstats.Reason(err), err)
	}
}

func (c *call) strained(events []event, e *awsapi.Error, err error) {
	c.outcome, c.kept = pace.Strained, true
	if e != nil {
		c.after = max(c.after, e.RetryAfter())
	}
	c.keep(events, c.after, err)
}

// took looks at what CloudWatch Logs left out of a call that worked.
func (c *call) took(events []event, rejected awsapi.RejectedLogEvents) {
	left := map[string][]event{}
	sent := 0
	var newest int64
	for i, e := range events {
		if reason := rejected.Reason(i); reason != "" {
			left[reason] = append(left[reason], e)
			continue
		}
		sent++
		newest = e.at
	}
	for reason, list := range left {
		c.refuse(list, reason, timeError(reason))
	}
	if sent > 0 {
		c.sender.Stats.Sent(c.ctx, sent, time.UnixMilli(newest))
	}
}

// timeError is why CloudWatch Logs does not take an event for its time.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
func timeError(reason string) error {
	switch reason {
	case "too_old":
		return errors.New("the log event is older than 14 days")
	case "too_new":
		return errors.New("the log event is more than 2 hours in the future; check the clock")
	}
	return errors.New("the log event is older than its log group keeps events")
}

// put sends events, and creates their group and stream where they are missing.
func (c *call) put(events []event) (rejected awsapi.RejectedLogEvents, err error) {
	s, t := c.sender, c.t
	put := func(ctx context.Context) (err error) {
		rejected, err = s.Client.PutEscapedLogEvents(ctx, t.group, t.stream, nil, len(events), func(i int) (int64, []byte, bool) {
			return events[i].at, events[i].text, s.Escaped
		})
		s.Stats.Called(c.ctx, err)
		return err
	}
	if err = s.try(c.ctx, put); !isNotFound(err) {
		return rejected, err
	}
	if err = s.create(c.ctx, t.place); err != nil {
		return rejected, err
	}
	return rejected, s.try(c.ctx, put)
}

// try is the attempts of one call.
func (s *Sender) try(ctx context.Context, do func(context.Context) error) error {
	for attempt := 1; ; attempt++ {
		err := s.attempt(ctx, do)
		var e *awsapi.Error
		if err == nil || attempt >= s.Attempts || !errors.As(err, &e) || !e.Retryable() || e.RetryAfter() > firstWait {
			return err
		}
		s.Limit.Note(pace.Strained, 0)
		if !wait(ctx, rand.N(firstWait<<min(attempt-1, 6))+e.RetryAfter()) {
			return err
		}
	}
}

func (s *Sender) attempt(ctx context.Context, do func(context.Context) error) error {
	if s.RequestTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.RequestTimeout)
		defer cancel()
	}
	return do(ctx)
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
