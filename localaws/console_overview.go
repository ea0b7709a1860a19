package localaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// What the console shows of the server as a whole: its counters, the stream of
// their changes, what was refused and by which rules.

func consoleCommonRoutes() []consoleRoute {
	return []consoleRoute{
		{"overview", func(s *Server, _ *http.Request) (any, error) { return s.overview(), nil }},
		{"refused", consoleRefused},
		{"rules", func(*Server, *http.Request) (any, error) { return map[string]any{"rules": Rules()}, nil }},
	}
}

type overview struct {
	Version  string   `json:"version"`
	Region   string   `json:"region"`
	Oldest   float64  `json:"oldest"` // milliseconds; 0 without data
	Services []string `json:"services"`
	Counts
}

func (s *Server) overview() overview {
	counts, oldest := s.counts()
	o := overview{Version: Version, Region: Region, Services: s.traces.serviceNames(), Counts: counts}
	if !oldest.IsZero() {
		o.Oldest = float64(oldest.UnixMilli())
	}
	return o
}

// Pace of the event stream.
const (
	eventInterval     = 250 * time.Millisecond
	heartbeatInterval = 15 * time.Second
)

// serveEvents streams the overview: at once, then when it has changed.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	tick := time.NewTicker(eventInterval)
	defer tick.Stop()
	var last []byte
	seen, silent := int64(-1), time.Duration(0)
	for {
		if now := s.changes.Load(); now != seen {
			seen = now
			data, err := json.Marshal(s.overview())
			if err != nil {
				return
			}
			if !bytes.Equal(data, last) {
				fmt.Fprintf(w, "event: overview\ndata: %s\n\n", data)
				last, silent = data, 0
			}
		}
		if silent >= heartbeatInterval {
			fmt.Fprint(w, ": still here\n\n")
			silent = 0
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
			silent += eventInterval
		case <-r.Context().Done(): // the browser has gone, or the server closes
			return
		}
	}
}

// Pages of refusals in the console.
const (
	consoleRefusedPage     = 100
	consoleRefusedPageMost = 1000
)

type consoleRefusal struct {
	Seq       int64   `json:"seq"`
	Time      float64 `json:"time"`
	Service   string  `json:"service"`
	Operation string  `json:"operation"`
	Rule      Rule    `json:"rule"`
	Field     string  `json:"field"`
	Value     string  `json:"value"`
	Item      string  `json:"item"`
	ItemBytes int     `json:"itemBytes"`
	Message   string  `json:"message"`
	Call      bool    `json:"call"`
}

func consoleRefused(s *Server, r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := countParam(q, "limit", consoleRefusedPage, consoleRefusedPageMost)
	if err != nil {
		return nil, err
	}
	before, err := seqParam(q, "before")
	if err != nil {
		return nil, err
	}
	found := s.refused.page(before, limit+1)
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = strconv.FormatInt(found[limit-1].Seq, 10)
	}
	list := make([]consoleRefusal, 0, len(found))
	for _, f := range found {
		list = append(list, consoleRefusal{f.Seq, epochMillis(f.Time), f.Service, f.Operation, f.Rule,
			f.Field, f.Value, f.Item, f.ItemBytes, f.Message, f.Call})
	}
	return map[string]any{"refused": list, "next": next}, nil
}

func seqParam(q url.Values, name string) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, badRequest("%s must be a number of this list", name)
	}
	return n, nil
}

// epochMillis is a time as the console has it.
func epochMillis(t time.Time) float64 { return float64(t.UnixMicro()) / 1e3 }
