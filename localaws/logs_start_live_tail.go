package localaws

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/updraft-otel/updraft/localaws/internal/filterpattern"
)

// StartLiveTail as AWS does it: an event stream that begins with sessionStart
// and has a sessionUpdate each second, of at most 500 events, sampled where
// there were more; it ends after three hours. Clients put stream- before any
// endpoint's host, unless they are told not to or go through a proxy, as which
// the server passes. It leaves out that AWS keeps 10 updates for a slow client:
// here they go into the sample of the next one. Read from startLiveTailPage.

type startLiveTailInput struct {
	LogGroupIdentifiers   []string `json:"logGroupIdentifiers"`
	LogStreamNames        []string `json:"logStreamNames"`
	LogStreamNamePrefixes []string `json:"logStreamNamePrefixes"`
	LogEventFilterPattern *string  `json:"logEventFilterPattern"`
}

type liveTailStart struct {
	RequestID             string   `json:"requestId"`
	SessionID             string   `json:"sessionId"`
	LogGroupIdentifiers   []string `json:"logGroupIdentifiers"`
	LogStreamNames        []string `json:"logStreamNames,omitempty"`
	LogStreamNamePrefixes []string `json:"logStreamNamePrefixes,omitempty"`
	LogEventFilterPattern string   `json:"logEventFilterPattern,omitempty"`
}

type liveTailUpdate struct {
	SessionMetadata struct {
		Sampled bool `json:"sampled"`
	} `json:"sessionMetadata"`
	SessionResults []liveTailEvent `json:"sessionResults"`
}

type liveTailEvent struct {
	LogStreamName      string `json:"logStreamName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	Message            string `json:"message"`
	Timestamp          int64  `json:"timestamp"`
	IngestionTime      int64  `json:"ingestionTime"`
}

// A liveTail is a session. Events are offered to it by the calls that store
// them; the goroutine of its own call sends them.
type liveTail struct {
	start   liveTailStart
	groups  []string
	pattern *filterpattern.Pattern
	set     *liveTails

	mu      sync.Mutex
	pending []liveTailEvent // a sample of seen
	seen    int             // since the last update
}

// Limits of sessions, from startLiveTailPage and the quotas of CloudWatch Logs.
const (
	maxTailGroups   = 10
	maxTailStreams  = 100
	maxTailEvents   = 500
	maxTailSessions = 15
	tailEvery       = time.Second
	tailTimeout     = 3 * time.Hour
)

func startLiveTail(c *call, in *startLiveTailInput) (*liveTail, error) {
	t := &liveTail{set: &c.srv.tails, start: liveTailStart{
		RequestID: c.requestID, SessionID: newRequestID(), LogGroupIdentifiers: in.LogGroupIdentifiers,
		LogStreamNames: in.LogStreamNames, LogStreamNamePrefixes: in.LogStreamNamePrefixes,
		LogEventFilterPattern: deref(in.LogEventFilterPattern),
	}}
	if n := len(in.LogGroupIdentifiers); n == 0 || n > maxTailGroups {
		return nil, c.refuse(&ruleTailGroups, "logGroupIdentifiers", n, c.body)
	}
	for _, arn := range in.LogGroupIdentifiers {
		name, err := c.tailedGroup(arn)
		if err != nil {
			return nil, err
		}
		t.groups = append(t.groups, name)
	}
	if err := in.checkStreams(c); err != nil {
		return nil, err
	}
	var err error
	if t.pattern, err = c.filterPattern(in.LogEventFilterPattern); err != nil {
		return nil, err
	}
	if !t.set.add(t) {
		return nil, c.refuse(&ruleTailSessions, "", maxTailSessions, c.body)
	}
	return t, nil
}

// tailedGroup is the name of a group that can be tailed.
func (c *call) tailedGroup(arn string) (string, error) {
	name, err := c.taggedGroup(&arn)
	if err != nil {
		return "", err
	}
	g, ok := c.srv.logs.group(name)
	if !ok {
		return "", c.fail("ResourceNotFoundException", noSuchGroup)
	}
	return name, c.checkReadable(&g)
}

func (in *startLiveTailInput) checkStreams(c *call) error {
	names, prefixes := len(in.LogStreamNames), len(in.LogStreamNamePrefixes)
	switch {
	case names > 0 && prefixes > 0, names+prefixes > 0 && len(in.LogGroupIdentifiers) > 1:
		return c.refuse(&ruleTailStreams, "logStreamNames", in.LogStreamNames, c.body)
	case names > maxTailStreams || prefixes > maxTailStreams:
		return c.refuse(&ruleTailStreamCount, "logStreamNames", max(names, prefixes), c.body)
	}
	return nil
}

// wants tells events of the session's groups and streams.
func (t *liveTail) wants(group, stream string) bool {
	if !slices.Contains(t.groups, group) {
		return false
	}
	begins := func(prefix string) bool { return strings.HasPrefix(stream, prefix) }
	switch {
	case len(t.start.LogStreamNames) > 0:
		return slices.Contains(t.start.LogStreamNames, stream)
	case len(t.start.LogStreamNamePrefixes) > 0:
		return slices.ContainsFunc(t.start.LogStreamNamePrefixes, begins)
	}
	return true
}

// offer takes what matches of a batch; over 500 events, each has the same
// chance to be in the update.
func (t *liveTail) offer(b *logBatch) {
	if !t.wants(b.group, b.stream) {
		return
	}
	for i, message := range b.messages {
		if !t.pattern.Match(message) {
			continue
		}
		t.take(liveTailEvent{b.stream, AccountID + ":" + b.group, message, b.at[i], b.ingested})
	}
}

func (t *liveTail) take(e liveTailEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen++
	if len(t.pending) < maxTailEvents {
		t.pending = append(t.pending, e)
		return
	}
	if i := rand.IntN(t.seen); i < maxTailEvents {
		t.pending[i] = e
	}
}

// update takes what is to be sent.
func (t *liveTail) update() *liveTailUpdate {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := &liveTailUpdate{SessionResults: t.pending}
	u.SessionMetadata.Sampled = t.seen > maxTailEvents
	if u.SessionResults == nil {
		u.SessionResults = []liveTailEvent{}
	}
	slices.SortStableFunc(u.SessionResults, func(a, b liveTailEvent) int { return int(max(-1, min(1, a.Timestamp-b.Timestamp))) })
	t.pending, t.seen = nil, 0
	return u
}

// serve sends the session until it times out or the client goes.
func (t *liveTail) serve(ctx context.Context, w http.ResponseWriter) {
	defer t.set.remove(t)
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	w.Header().Set("X-Amzn-Requestid", t.start.RequestID)
	send := func(kind, name string, body any) bool {
		return sendEvent(w, kind, name, body) == nil && http.NewResponseController(w).Flush() == nil
	}
	// Clients of awsJson wait for this one before anything else.
	if !send("event", "initial-response", struct{}{}) || !send("event", "sessionStart", t.start) {
		return
	}
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	end := time.NewTimer(tailTimeout)
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			send("exception", "SessionTimeoutException", map[string]string{"message": "The session has timed out after three hours."})
			return
		case <-tick.C:
			if !send("event", "sessionUpdate", t.update()) {
				return
			}
		}
	}
}

// sendEvent writes one message of an event stream.
func sendEvent(w http.ResponseWriter, kind, name string, body any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	m := eventstream.Message{Payload: payload}
	m.Headers.Set(":message-type", eventstream.StringValue(kind))
	m.Headers.Set(":"+kind+"-type", eventstream.StringValue(name))
	m.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	return eventstream.NewEncoder().Encode(w, m)
}

// liveTails are the open sessions.
type liveTails struct {
	mu   sync.Mutex
	list []*liveTail
}

func (s *liveTails) add(t *liveTail) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == maxTailSessions {
		return false
	}
	s.list = append(slices.Clone(s.list), t) // offer may be walking the old one
	return true
}

func (s *liveTails) remove(t *liveTail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(slices.Clone(s.list), func(other *liveTail) bool { return other == t })
}

// offer shows a stored batch, if there is one, to all sessions.
func (s *liveTails) offer(b *logBatch) {
	if b == nil {
		return
	}
	s.mu.Lock()
	list := s.list
	s.mu.Unlock()
	for _, t := range list {
		t.offer(b)
	}
}
