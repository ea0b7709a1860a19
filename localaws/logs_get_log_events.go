package localaws

import "slices"

// GetLogEvents as AWS does it: one stream, the latest events first unless
// startFromHead, at most 1 MB or 10,000 events a page, and tokens for both
// directions that are never null; at the end the same token comes back. It
// leaves out: unmask, and that AWS may give partly full pages. Read from
// getLogEventsPage.

type getLogEventsInput struct {
	LogGroupName       *string `json:"logGroupName"`
	LogGroupIdentifier *string `json:"logGroupIdentifier"`
	LogStreamName      *string `json:"logStreamName"`
	StartTime          *int64  `json:"startTime"`
	EndTime            *int64  `json:"endTime"`
	NextToken          *string `json:"nextToken"`
	Limit              *int    `json:"limit"`
	StartFromHead      *bool   `json:"startFromHead"`
}

type getLogEventsOutput struct {
	Events            []outputLogEvent `json:"events"`
	NextForwardToken  string           `json:"nextForwardToken"`
	NextBackwardToken string           `json:"nextBackwardToken"`
}

type outputLogEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

func getLogEvents(c *call, in *getLogEventsInput) (*getLogEventsOutput, error) {
	g, err := c.readGroup(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if err := c.checkStreamName(in.LogStreamName); err != nil {
		return nil, err
	}
	limit, err := c.checkLimit(&ruleLogLimit, in.Limit, maxLogPage)
	if err != nil {
		return nil, err
	}
	if _, stream := c.srv.logs.lookup(g.name, *in.LogStreamName); stream == nil {
		return nil, c.fail("ResourceNotFoundException", noSuchStream)
	}
	if err := c.checkReadable(g); err != nil {
		return nil, err
	}
	r := logRange{
		want: func(stream string) bool { return stream == *in.LogStreamName },
		back: in.StartFromHead == nil || !*in.StartFromHead,
	}
	r.start, r.end = logTimes(in.StartTime, in.EndTime)
	at := logPos{} // where an empty page stands
	if in.NextToken != nil {
		if at, err = c.directedToken(*in.NextToken, &r); err != nil {
			return nil, err
		}
	}
	return c.srv.logs.page(g.name, r, limit, at), nil
}

// directedToken reads "f/…" or "b/…" and narrows the range to what lies there.
func (c *call) directedToken(token string, r *logRange) (logPos, error) {
	if len(token) > 2 && token[1] == '/' && (token[0] == 'f' || token[0] == 'b') {
		if at, ok := parseLogPos(token[2:]); ok {
			r.back = token[0] == 'b'
			if r.back && at.compare(r.end) < 0 {
				r.end = at
			}
			if !r.back && at.compare(r.start) > 0 {
				r.start = at
			}
			return at, nil
		}
	}
	return logPos{}, c.refuse(&ruleLogToken, "nextToken", token, c.body)
}

// page reads one page; at is where it stands if there is nothing on it.
func (s *logStore) page(group string, r logRange, limit int, at logPos) *getLogEventsOutput {
	found := s.read(group, r, limit)
	size := 0
	for i := range found {
		if size += len(found[i].message) + eventOverheadBytes; size > maxLogPageBytes && i > 0 {
			found = found[:i]
			break
		}
	}
	if r.back {
		slices.Reverse(found)
	}
	out := &getLogEventsOutput{Events: make([]outputLogEvent, 0, len(found))}
	first, next := at, at
	for i := range found {
		e := &found[i]
		out.Events = append(out.Events, outputLogEvent{e.at, e.message, e.ingested})
	}
	if len(found) > 0 {
		first, next = found[0].pos(), found[len(found)-1].next()
	}
	out.NextForwardToken, out.NextBackwardToken = "f/"+next.String(), "b/"+first.String()
	return out
}
