package localaws

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// A timeRange is from a start up to, but not including, an end: in seconds.
type timeRange struct{ from, to float64 }

func (r timeRange) has(at float64) bool { return r.from <= at && at < r.to }

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// secondsTime is the time of so many seconds since 1970.
func secondsTime(s float64) time.Time { return time.UnixMicro(int64(s * 1e6)) }

// readRange checks the times of a reading call.
func (c *call) readRange(start, end *wire.Time) (timeRange, error) {
	switch {
	case start == nil:
		return timeRange{}, c.refuse(&ruleTimeRange, "StartTime", "StartTime is required", c.body)
	case end == nil:
		return timeRange{}, c.refuse(&ruleTimeRange, "EndTime", "EndTime is required", c.body)
	case end.Before(start.Time):
		return timeRange{}, c.refuse(&ruleTimeRange, "EndTime", "EndTime is before StartTime", c.body)
	}
	return timeRange{seconds(start.Time), seconds(end.Time)}, nil
}

// A cursor is where the next page begins, behind a time and an id. It is opaque
// to clients.
type cursor struct {
	At float64 `json:"t"`
	ID string  `json:"i"`
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil { // a time is never infinite: it came through JSON
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor reads one; "" is none.
func parseCursor(text string) (*cursor, bool) {
	if text == "" {
		return nil, true
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, false
	}
	c := &cursor{}
	return c, json.Unmarshal(b, c) == nil && c.ID != ""
}

// after tells whether an item comes after the cursor, newest first.
func (c *cursor) after(at float64, id string) bool {
	return c == nil || at < c.At || at == c.At && id > c.ID
}
