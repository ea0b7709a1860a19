package awscloudwatch

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/awsapi"
)

// firstWait is the longest time before the second attempt of a call; doubled from one to the next.
const firstWait = 200 * time.Millisecond

// maxRefusals is how many calls in a row may be refused in the search for the datum at fault. When nothing at all is taken
// it is no datum's fault.
const maxRefusals = 256

// A call is one batch of a namespace on its way.
type call struct {
	*push
	refusals int // in a row
	outcome  pace.Outcome
	after    time.Duration
}

// send makes the calls that a batch needs: one, or more where it fails.
func (p *push) send(which []int) (pace.Outcome, time.Duration) {
	c := call{push: p}
	if err := contain.Call(func() { c.send(which) }); err != nil {
		c.refuse(len(which), contain.Reason, err) // at most: some may have arrived
	}
	return c.outcome, c.after
}

// send sends datums. CloudWatch takes all of a call or nothing. Where it refuses one for datums that it names, the others are
// sent without them; where it names none, each half is sent alone.
func (c *call) send(which []int) {
	err := c.put(which)
	var e *awsapi.Error
	switch {
	case err == nil:
		c.refusals = 0
		c.took(which)
	case !errors.As(err, &e), e.Retryable():
		c.strained(which, e, err)
	case e.Splittable() && len(which) > 1 && c.refusals < maxRefusals:
		c.refusals++
		if named, others := byName(e.Message, which); len(named) > 0 && len(others) > 0 {
			c.sendEach(named) // AWS's text may be cut, or mean something else: only a call of its own proves a datum guilty
			c.send(others)
			return
		}
		middle := len(which) / 2
		c.send(which[:middle])
		c.send(which[middle:])
	default:
		c.refusals++
		c.refuse(len(which), callstats.Reason(err), err)
	}
}

// sendEach sends datums that CloudWatch named, which are few.
func (c *call) sendEach(named []int) {
	for i := range named {
		c.send(named[i : i+1])
	}
}

func (c *call) took(which []int) {
	var newest int64
	for _, i := range which {
		newest = max(newest, c.items.At(i))
	}
	at := time.Time{}
	if newest > 0 {
		at = time.UnixMilli(newest)
	}
	c.stats.Sent(c.ctx, len(which), at)
}

func (c *call) strained(which []int, e *awsapi.Error, err error) {
	c.outcome = pace.Strained
	if e != nil {
		c.after = max(c.after, e.RetryAfter())
	}
	c.keep(which, c.after, err)
}

// put is the attempts of one call.
func (c *call) put(which []int) error {
	for attempt := 1; ; attempt++ {
		err := c.attempt(which)
		var e *awsapi.Error
		if err == nil || attempt >= c.config.Attempts() || !errors.As(err, &e) || !e.Retryable() || e.RetryAfter() > firstWait {
			return err
		}
		c.limit.Note(pace.Strained, 0)
		if !wait(c.ctx, rand.N(firstWait<<min(attempt-1, 6))+e.RetryAfter()) {
			return err
		}
	}
}

func (c *call) attempt(which []int) error {
	ctx := c.ctx
	if timeout := c.config.RequestTimeout(); timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	err := c.client.PutMetricData(ctx, c.items.Key(which[0]), len(which), func(i int) []byte { return c.items.Body(which[i]) })
	c.stats.Called(c.ctx, err)
	return err
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

// byName parts the datums of a call into those that AWS's text names, as MetricData.member.1 and so on, and the others.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
func byName(text string, which []int) (named, others []int) {
	at := map[int]bool{}
	for part := range strings.SplitSeq(text, "MetricData.member.") {
		digits, _, _ := strings.Cut(part, ".")
		if n, err := strconv.Atoi(digits); err == nil {
			at[n-1] = true
		}
	}
	for i, one := range which {
		if at[i] {
			named = append(named, one)
		} else {
			others = append(others, one)
		}
	}
	return named, others
}
