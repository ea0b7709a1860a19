package localaws

import (
	"fmt"
	"strings"
	"time"
)

// PutLogEvents as AWS does it: all limits of a batch, the chronological order,
// the span of 24 hours, and events that are too new, too old or expired are
// dropped and reported by index while the rest is kept. Sequence tokens are
// ignored. It leaves out: storing the entity and the quota of calls per second.
// Read from putLogEventsPage.

type putLogEventsInput struct {
	LogGroupName  *string         `json:"logGroupName"`
	LogStreamName *string         `json:"logStreamName"`
	LogEvents     []inputLogEvent `json:"logEvents"`
	Entity        *logEntity      `json:"entity"`
}

type inputLogEvent struct {
	Timestamp *int64  `json:"timestamp"`
	Message   *string `json:"message"`
}

type putLogEventsOutput struct {
	NextSequenceToken     string                 `json:"nextSequenceToken,omitempty"`
	RejectedLogEventsInfo *rejectedLogEventsInfo `json:"rejectedLogEventsInfo,omitempty"`
	RejectedEntityInfo    *rejectedEntityInfo    `json:"rejectedEntityInfo,omitempty"`
}

type rejectedLogEventsInfo struct {
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"` // inclusive
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`   // exclusive
	ExpiredLogEventEndIndex  *int `json:"expiredLogEventEndIndex,omitempty"`  // exclusive
}

type rejectedEntityInfo struct {
	ErrorType string `json:"errorType"`
}

func putLogEvents(c *call, in *putLogEventsInput) (*putLogEventsOutput, error) {
	if err := c.checkGroupName(in.LogGroupName); err != nil {
		return nil, err
	}
	if err := c.checkStreamName(in.LogStreamName); err != nil {
		return nil, err
	}
	if err := c.checkLogEvents(in.LogEvents); err != nil {
		return nil, err
	}
	var stored *logBatch
	defer func() { c.srv.tails.offer(stored) }() // without the lock: matching may take long
	c.srv.logs.control.RLock()
	defer c.srv.logs.control.RUnlock()
	group, err := c.writeGroup(*in.LogGroupName, *in.LogStreamName)
	if err != nil {
		return nil, err
	}
	if err := c.checkLogBatch(in.LogEvents); err != nil {
		return nil, err
	}
	out := &putLogEventsOutput{NextSequenceToken: anySequenceToken}
	from, to := c.rejectLogEvents(out, in.LogEvents, group)
	kept := in.LogEvents[from:to]
	if n := len(kept); n > 0 && *kept[n-1].Timestamp-*kept[0].Timestamp > logSpanMillis {
		span := time.Duration(*kept[n-1].Timestamp-*kept[0].Timestamp) * time.Millisecond
		return nil, c.refuse(&ruleLogBatchSpan, "logEvents", span, c.body)
	}
	if trouble := in.Entity.trouble(); trouble != "" {
		c.note(&ruleLogEntity, "entity", trouble, c.body)
		out.RejectedEntityInfo = &rejectedEntityInfo{trouble}
	}
	if stored, err = c.keepLogEvents(group.name, *in.LogStreamName, kept); err != nil {
		return nil, err
	}
	return out, c.extractEMF(group, kept)
}

// writeGroup is the group that has the stream. The caller holds logs.control.
func (c *call) writeGroup(group, stream string) (*logGroup, error) {
	g, ok := c.srv.logs.group(group)
	if !ok {
		return nil, c.fail("ResourceNotFoundException", noSuchGroup)
	}
	if _, st := c.srv.logs.lookup(group, stream); st == nil {
		return nil, c.fail("ResourceNotFoundException", noSuchStream)
	}
	return &g, nil
}

// checkLogEvents refuses what the shapes of AWS's model do not allow.
func (c *call) checkLogEvents(events []inputLogEvent) error {
	switch {
	case len(events) == 0:
		return c.refuse(&ruleLogEventsRequired, "logEvents", 0, c.body)
	case len(events) > maxLogBatchEvents:
		return c.refuse(&ruleLogEventsCount, "logEvents", len(events), c.body)
	}
	for i, e := range events {
		at := func(member string) string { return fmt.Sprintf("logEvents.%d.member.%s", i+1, member) }
		switch {
		case e.Timestamp == nil:
			return c.refuse(&ruleLogTimestampRequired, at("timestamp"), at("timestamp"), nil)
		case *e.Timestamp < 0:
			return c.refuse(&ruleLogTimestampNegative, at("timestamp"), *e.Timestamp, nil)
		case e.Message == nil:
			return c.refuse(&ruleLogMessageRequired, at("message"), at("message"), nil)
		case *e.Message == "":
			return c.refuse(&ruleLogMessageEmpty, at("message"), at("message"), nil)
		}
	}
	return nil
}

// checkLogBatch refuses batches by their size and their order.
func (c *call) checkLogBatch(events []inputLogEvent) error {
	total := 0
	for i, e := range events {
		size := len(*e.Message) + eventOverheadBytes
		total += size
		if size > maxLogEventBytes {
			return c.refuse(&ruleLogEventSize, fmt.Sprintf("logEvents[%d].message", i), size, []byte(*e.Message))
		}
	}
	if total > maxLogBatchBytes {
		return c.refuse(&ruleLogBatchSize, "logEvents", total, c.body)
	}
	for i := 1; i < len(events); i++ {
		if *events[i].Timestamp < *events[i-1].Timestamp {
			return c.refuse(&ruleLogBatchOrder, fmt.Sprintf("logEvents[%d].timestamp", i), *events[i].Timestamp, []byte(*events[i].Message))
		}
	}
	return nil
}

// rejectLogEvents reports the events that are too old, expired or too new, and
// which are left: events[from:to]. The events are in order.
func (c *call) rejectLogEvents(out *putLogEventsOutput, events []inputLogEvent, g *logGroup) (from, to int) {
	now := c.now.UnixMilli()
	tooOld, expired, tooNew := 0, 0, len(events)
	noted, keepsFrom := 0, g.keepsFrom(now)
	for i, e := range events {
		var rule *Rule
		switch at := *e.Timestamp; {
		case at < now-logPastMillis:
			rule, tooOld = &ruleLogTooOld, i+1
		case at < keepsFrom:
			rule, expired = &ruleLogExpired, i+1
		case at > now+logFutureMillis:
			rule, tooNew = &ruleLogTooNew, min(tooNew, i)
		}
		if rule != nil && noted < maxViolations { // a whole batch would push out all else
			noted++
			c.noteLogEvent(rule, i, e)
		}
	}
	info := &rejectedLogEventsInfo{}
	if tooOld > 0 {
		info.TooOldLogEventEndIndex = &tooOld
	}
	if expired > 0 {
		info.ExpiredLogEventEndIndex = &expired
	}
	if tooNew < len(events) {
		info.TooNewLogEventStartIndex = &tooNew
	}
	if *info != (rejectedLogEventsInfo{}) {
		out.RejectedLogEventsInfo = info
	}
	return max(tooOld, expired), tooNew
}

func (c *call) noteLogEvent(rule *Rule, i int, e inputLogEvent) {
	at := time.UnixMilli(*e.Timestamp).UTC().Format(time.RFC3339Nano)
	c.note(rule, fmt.Sprintf("logEvents[%d].timestamp", i), at, []byte(*e.Message))
}

// keepLogEvents writes events to the journal and to the store. The batch is nil
// where nothing was stored.
func (c *call) keepLogEvents(group, stream string, events []inputLogEvent) (*logBatch, error) {
	if len(events) == 0 {
		return nil, nil
	}
	b := &logBatch{group: group, stream: stream, ingested: c.now.UnixMilli()}
	var text strings.Builder // one string for the batch, not one for each event
	for _, e := range events {
		b.at = append(b.at, *e.Timestamp)
		text.WriteString(*e.Message)
	}
	all, start := text.String(), 0
	for _, e := range events {
		b.messages = append(b.messages, all[start:start+len(*e.Message)])
		start += len(*e.Message)
	}
	if err := c.srv.journal.append(kindLogEvents, c.now, appendLogBatch(nil, b)); err != nil {
		return nil, err
	}
	c.srv.logs.add(b)
	return b, nil
}
