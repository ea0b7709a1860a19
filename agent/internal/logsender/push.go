package logsender

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/logs"
)

// Why an event is not even sent. CloudWatch Logs would refuse the whole call for it.
const (
	// ReasonEmpty is that of an event without a text.
	ReasonEmpty = "empty"
	// ReasonTooLong is that of a text longer than awsapi.MaxLogEventBytes.
	ReasonTooLong = "too_long"
	// ReasonBadTime is that of a time before 1970.
	ReasonBadTime = "bad_time"
)

var (
	errEmpty   = errors.New("a log event must have a text")
	errTooLong = errors.New("the log event is longer than the 1 MB that CloudWatch Logs takes")
	errBadTime = errors.New("the log event's time is before 1970")
)

// A Push is events that are sent together. Add is not for more than one goroutine.
type Push struct {
	sender  *Sender
	ctx     context.Context
	targets map[place]*target
	order   []*target

	mu      sync.Mutex
	again   map[int]struct{} // items that are worth another try
	gone    map[int]struct{} // items of which CloudWatch Logs will never take an event
	delay   time.Duration
	last    error // why items are to be tried again
	refusal error // why items are gone
}

// A target is the events of one stream. It is used again.
type target struct {
	place
	events []event
}

// maxKept is the longest list that is used again: what a call takes.
const maxKept = awsapi.MaxLogEvents

func (s *Sender) newTarget(at place) *target {
	t := s.spare.Get()
	if t == nil {
		t = new(target)
	}
	t.place = at
	return t
}

// free keeps a target's memory, and nothing of the caller's.
func (s *Sender) free(t *target) {
	if cap(t.events) > maxKept {
		return
	}
	clear(t.events)
	t.place, t.events = place{}, t.events[:0]
	s.spare.Put(t)
}

// An event is a text of the caller's, and the caller's number for what it is of.
type event struct {
	at   int64 // milliseconds since 1970
	text []byte
	item int
}

// Add adds an event to a stream of a group, whose names are cleaned as CloudWatch Logs wants them. The message, UTF-8 of 1 to
// [awsapi.MaxLogEventBytes] bytes, is not copied: it must stay as it is until Finish has returned. item is the caller's
// number for what the event is of; several events may be of one item.
func (p *Push) Add(group, stream string, at time.Time, item int, message []byte) {
	ms := at.UnixMilli()
	switch {
	case len(message) == 0:
		p.Refuse(item, ReasonEmpty, errEmpty)
		return
	case len(message) > awsapi.MaxLogEventBytes && p.sender.size(message) > awsapi.MaxLogEventBytes:
		p.Refuse(item, ReasonTooLong, errTooLong)
		return
	case ms < 0:
		p.Refuse(item, ReasonBadTime, errBadTime)
		return
	}
	t := p.target(place{group, stream})
	t.events = append(t.events, event{at: ms, text: message, item: item})
}

// Refuse counts an item that the caller does not send.
func (p *Push) Refuse(item int, reason string, why error) {
	p.refuse([]event{{item: item}}, reason, why)
}

// target finds the events of a stream. Names are cleaned once for each that is asked for.
func (p *Push) target(asked place) *target {
	if t, ok := p.targets[asked]; ok {
		return t
	}
	clean := place{logs.CleanGroup(asked.group), logs.CleanStream(asked.stream)}
	t, ok := p.targets[clean]
	if !ok {
		t = p.sender.newTarget(clean)
		p.order = append(p.order, t)
		p.targets[clean] = t
	}
	p.targets[asked] = t
	return t
}

// maxSending is how many streams of a push are sent to at a time, several times what the limit of calls lets through: a
// request may name a stream a record.
const maxSending = 256

// Finish sends the events, and returns when CloudWatch Logs has answered for all of them or the context has ended. It is
// the last call.
func (p *Push) Finish() *Result {
	var sending errgroup.Group
	sending.SetLimit(maxSending)
	for _, t := range p.order {
		sending.Go(func() error {
			p.send(t)
			return nil
		})
	}
	_ = sending.Wait() // nobody fails
	for _, t := range p.order {
		p.sender.free(t)
	}
	p.order, p.targets = nil, nil
	return p.result()
}

// send sends the events of one stream, call after call.
func (p *Push) send(t *target) {
	slices.SortStableFunc(t.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	if p.sender.Unordered {
		p.sendAtOnce(t)
		return
	}
	if err := p.sender.streams.take(p.ctx, t.place); err != nil {
		p.keep(t.events, 0, err)
		return
	}
	defer p.sender.streams.give(t.place)
	for from := 0; from < len(t.events); {
		n := p.sender.callLen(t.events[from:])
		if !p.sendCall(t, from, from+n) {
			p.keep(t.events[from+n:], 0, nil)
			return
		}
		from += n
	}
}

// sendAtOnce sends the events of one stream, all calls at the same time, as far as the limit lets them.
func (p *Push) sendAtOnce(t *target) {
	var calls sync.WaitGroup
	for from := 0; from < len(t.events); {
		n := p.sender.callLen(t.events[from:])
		begin, end := from, from+n
		calls.Go(func() { p.sendCall(t, begin, end) })
		from = end
	}
	calls.Wait()
}

// callLen is how many of these events, in the order of their times, one call takes.
func (s *Sender) callLen(events []event) int {
	size := 0
	for i, e := range events {
		size += s.size(e.text) + awsapi.LogEventOverhead
		if i == awsapi.MaxLogEvents || size > awsapi.MaxLogBatchBytes || e.at-events[0].at > awsapi.LogSpan.Milliseconds() {
			return i
		}
	}
	return len(events)
}

// keep marks events for another try; without a reason it is the one before.
func (p *Push) keep(events []event, delay time.Duration, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		p.again[e.item] = struct{}{}
	}
	p.delay = max(p.delay, delay)
	if why != nil {
		p.last = why
	}
}

// refuse counts events that CloudWatch Logs will never take, and their items once each.
func (p *Push) refuse(events []event, reason string, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	items := 0
	for _, e := range events {
		if _, counted := p.gone[e.item]; !counted {
			p.gone[e.item] = struct{}{}
			items++
		}
	}
	p.refusal = why
	if items > 0 {
		p.sender.Stats.Refused(p.ctx, items, reason, why)
	}
}
