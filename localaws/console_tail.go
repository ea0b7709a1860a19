package localaws

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/filterpattern"
)

// The console's live tail: a session as StartLiveTail has it, with the same
// bounds, told as server-sent events. It begins with "start"; each "lines" has
// events, oldest first, and whether they are a sample of more. "problem" says
// why there is no session.

// consoleTailEvery is the pace of lines: a reader should not feel it.
const consoleTailEvery = 250 * time.Millisecond

type consoleTailLines struct {
	Events  []consoleLogEvent `json:"events"`
	Sampled bool              `json:"sampled"`
}

func (s *Server) serveTail(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	send := func(name string, body any) bool {
		data, err := json.Marshal(body)
		if err != nil {
			return false
		}
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data)
		return out.Flush() == nil
	}
	t, err := s.consoleTail(r.URL.Query())
	if err != nil {
		send("problem", map[string]string{"error": err.Error()})
		return
	}
	defer t.set.remove(t)
	if !send("start", struct{}{}) {
		return
	}
	tick := time.NewTicker(consoleTailEvery)
	defer tick.Stop()
	for silent := time.Duration(0); ; silent += consoleTailEvery {
		select {
		case <-r.Context().Done(): // the browser has gone, or the server closes
			return
		case <-tick.C:
		}
		switch u := t.update(); {
		case len(u.SessionResults) > 0:
			silent = 0
			if !send("lines", consoleTailLines{tailedEvents(u.SessionResults), u.SessionMetadata.Sampled}) {
				return
			}
		case silent >= heartbeatInterval:
			silent = 0
			fmt.Fprint(w, ": still here\n\n")
			if out.Flush() != nil {
				return
			}
		}
	}
}

// consoleTail opens the session that the parameters ask for.
func (s *Server) consoleTail(params url.Values) (*liveTail, error) {
	t := &liveTail{set: &s.tails, groups: params["group"], start: liveTailStart{LogStreamNames: params["stream"]}}
	if n := len(t.groups); n == 0 || n > maxTailGroups {
		return nil, badRequest("choose 1 to %d log groups", maxTailGroups)
	}
	if n := len(t.start.LogStreamNames); n > maxTailStreams || n > 0 && len(t.groups) > 1 {
		return nil, badRequest("streams can be chosen, at most %d, if there is one log group", maxTailStreams)
	}
	for _, name := range t.groups {
		if g, _ := s.logs.lookup(name, ""); g == nil {
			return nil, notFound("log group %q does not exist", name)
		}
	}
	var err error
	if t.pattern, err = filterpattern.Parse(params.Get("pattern")); err != nil {
		return nil, badRequest("%v", err)
	}
	if !t.set.add(t) {
		return nil, badRequest("%d sessions are open, and AWS allows no more; close one", maxTailSessions)
	}
	return t, nil
}

func tailedEvents(list []liveTailEvent) []consoleLogEvent {
	found := make([]foundEvent, 0, len(list))
	for i := range list {
		e := &list[i]
		found = append(found, foundEvent{
			logEvent: logEvent{at: e.Timestamp, ingested: e.IngestionTime, message: e.Message},
			group:    strings.TrimPrefix(e.LogGroupIdentifier, AccountID+":"), stream: e.LogStreamName,
		})
	}
	return consoleLogEvents(found)
}
