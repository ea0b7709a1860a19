package localaws

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/updraft-otel/updraft/localaws/internal/filterpattern"
)

// FilterLogEvents as AWS does it: events of a group by pattern, time and
// streams, all streams interleaved, at most 1 MB or 10,000 events a page; a
// page may be empty and yet have a nextToken. It leaves out: unmask; interleaved
// is ignored, as by AWS since 2019; searchedLogStreams is empty, as by AWS since
// 2020. Read from filterLogEventsPage.

type filterLogEventsInput struct {
	LogGroupName        *string  `json:"logGroupName"`
	LogGroupIdentifier  *string  `json:"logGroupIdentifier"`
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix *string  `json:"logStreamNamePrefix"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
	FilterPattern       *string  `json:"filterPattern"`
	NextToken           *string  `json:"nextToken"`
	Limit               *int     `json:"limit"`
}

type filterLogEventsOutput struct {
	Events             []filteredLogEvent  `json:"events"`
	SearchedLogStreams []searchedLogStream `json:"searchedLogStreams"`
	NextToken          string              `json:"nextToken,omitempty"`
}

type filteredLogEvent struct {
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId"`
}

type searchedLogStream struct {
	LogStreamName      string `json:"logStreamName"`
	SearchedCompletely bool   `json:"searchedCompletely"`
}

func filterLogEvents(c *call, in *filterLogEventsInput) (*filterLogEventsOutput, error) {
	g, err := c.readGroup(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	limit, err := c.checkLimit(&ruleLogLimit, in.Limit, maxLogPage)
	if err != nil {
		return nil, err
	}
	pattern, err := c.filterPattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	r := logRange{}
	if r.want, err = in.streams(c, g); err != nil {
		return nil, err
	}
	if err := c.checkReadable(g); err != nil {
		return nil, err
	}
	r.start, r.end = logTimes(in.StartTime, through(in.EndTime))
	if in.NextToken != nil {
		at, ok := parseLogPos(*in.NextToken)
		if !ok {
			return nil, c.refuse(&ruleLogToken, "nextToken", *in.NextToken, c.body)
		}
		if at.compare(r.start) > 0 {
			r.start = at
		}
	}
	found, next := c.srv.logs.search(g.name, r, pattern, limit, maxLogPageBytes)
	out := &filterLogEventsOutput{Events: make([]filteredLogEvent, 0, len(found)), SearchedLogStreams: []searchedLogStream{}}
	for i := range found {
		e := &found[i]
		out.Events = append(out.Events, filteredLogEvent{e.stream, e.at, e.message, e.ingested, e.eventID()})
	}
	if next != nil {
		out.NextToken = next.String()
	}
	return out, nil
}

// filterPattern reads the pattern, if any.
func (c *call) filterPattern(text *string) (*filterpattern.Pattern, error) {
	if text == nil {
		return nil, nil
	}
	if utf8.RuneCountInString(*text) > maxFilterPattern {
		return nil, c.refuse(&ruleFilterPatternLength, "filterPattern", *text, c.body)
	}
	p, err := filterpattern.Parse(*text)
	if err != nil {
		return nil, c.refuse(&ruleFilterPattern, "filterPattern", err.Error(), []byte(*text))
	}
	return p, nil
}

// streams is which streams are searched; nil for all.
func (in *filterLogEventsInput) streams(c *call, g *logGroup) (func(string) bool, error) {
	switch {
	case in.LogStreamNames != nil && in.LogStreamNamePrefix != nil:
		return nil, c.refuse(&ruleFilterStreams, "logStreamNames", in.LogStreamNames, c.body)
	case in.LogStreamNamePrefix != nil:
		return func(name string) bool { return strings.HasPrefix(name, *in.LogStreamNamePrefix) }, nil
	case in.LogStreamNames == nil:
		return nil, nil
	case len(in.LogStreamNames) == 0 || len(in.LogStreamNames) > maxFilterStreams:
		return nil, c.refuse(&ruleFilterStreamsCount, "logStreamNames", len(in.LogStreamNames), c.body)
	}
	for _, name := range in.LogStreamNames {
		if _, stream := c.srv.logs.lookup(g.name, name); stream == nil {
			return nil, c.fail("ResourceNotFoundException", noSuchStream)
		}
	}
	return func(name string) bool { return slices.Contains(in.LogStreamNames, name) }, nil
}

// Bounds of one search: how much is read at a time, so that writers need not
// wait for it, and how much for one page.
const (
	searchLot  = 1000
	searchMost = 200_000 // events
)

// search is up to limit events that match, and where to go on if there may be
// more. The store is locked only while events are read, not while they are
// matched.
func (s *logStore) search(group string, r logRange, p *filterpattern.Pattern, limit, maxBytes int) (found []foundEvent, next *logPos) {
	size := 0
	for range searchMost / searchLot {
		lot := s.read(group, r, searchLot)
		for i := range lot {
			e := &lot[i]
			if !p.Match(e.message) {
				continue
			}
			size += len(e.message) + eventOverheadBytes
			if len(found) == limit || size > maxBytes && len(found) > 0 {
				at := r.resume(e)
				return found, &at
			}
			found = append(found, *e)
		}
		if len(lot) < searchLot {
			return found, nil
		}
		r.pass(&lot[len(lot)-1])
	}
	at := r.start
	if r.back {
		at = r.end
	}
	return found, &at
}

// resume is the place from which e is read again.
func (r *logRange) resume(e *foundEvent) logPos {
	if r.back {
		return e.next()
	}
	return e.pos()
}

// pass narrows the range to what lies behind e.
func (r *logRange) pass(e *foundEvent) {
	if r.back {
		r.end = e.pos()
		return
	}
	r.start = e.next()
}
