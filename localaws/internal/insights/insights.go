// Package insights is the query language of CloudWatch Logs Insights (CWLI): it
// parses a query and runs it over log events. It knows the commands fields,
// display, filter, parse, stats, sort, limit and dedup; every other command and
// every unknown function is an error that names it, never another answer. It
// does not know groups, streams or requests; its caller feeds it events, the
// newest first.
//
//	q, err := insights.Parse(`filter level = "ERROR" | stats count(*) by bin(5m)`)
//	run := q.Run(insights.Options{Now: time.Now()})
//	err = run.Add(&insights.Event{Timestamp: ms, Message: line})
//	rows, err := run.Rows()
//
// After stats, a column that was not named by as is known by its text: sort bin(1h)
// after stats count(*) by bin(1h).
//
// Where AWS's pages leave a question open, it is answered so: a missing field
// equals nothing and differs from everything; a JSON boolean is 1 or 0; stddev is
// that of the whole population; pct is the nearest rank, exact; a week of bin
// begins on Monday, UTC; computed numbers are shown with at most four decimals.
//
// Read from https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
// and the pages below it.
package insights

import (
	"errors"
	"fmt"
	"time"
)

// Limits of AWS, from
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
// and .../logs/CWL_AnalyzeLogData-discoverable-fields.html.
const (
	DefaultLimit        = 10_000  // rows, where neither query nor request says more
	MaxLimit            = 100_000 // rows
	MaxQuery            = 10_000  // characters
	maxDiscoveredFields = 200     // of one JSON event; older copies of the page say 100
	maxStats            = 2       // stats commands in one query
)

// Bounds of our own, so that no query takes the server's memory.
const (
	maxHeld  = 256 << 20 // bytes of rows, groups and values held at a time
	maxDepth = 200       // of nested expressions
)

// ErrTooLarge is in the chain of an error when a query held more rows, groups
// or values than it may; AWS fails such queries too.
var ErrTooLarge = errors.New("the query holds too much; narrow its time range, filter first or group by fewer values")

// A SyntaxError says where a query is wrong or what of it is not supported.
type SyntaxError struct {
	Message    string
	Start, End int // bytes of the query
}

// Error is the message.
func (e *SyntaxError) Error() string { return e.Message }

// An Event is one log event.
type Event struct {
	Timestamp, Ingested int64 // milliseconds since 1970
	Message             string
	Log, Stream         string // Log is account-id:log-group-name
	Ptr                 string // what GetLogRecord takes
}

// A Cell is one field of a row, as text.
type Cell struct{ Field, Value string }

// A Row is one row of the result. Fields that the event lacks are not in it.
type Row []Cell

// Options say how a query runs.
type Options struct {
	Now        time.Time // for now()
	Start, End int64     // of the range, both in it, milliseconds since 1970, for queryStartTime() and its like
	Limit      int       // rows where the query has no limit; default DefaultLimit
}

// A Query is a parsed query. It is safe for concurrent use.
type Query struct {
	commands []command
	columns  []column // what rows show at the end; nil: @timestamp and @message
	stats    bool     // rows are groups, not events
	limited  bool     // there is a limit command
}

// Run begins a run of the query.
func (q *Query) Run(o Options) *Run {
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	r := &Run{query: q, env: &env{now: o.Now, start: o.Start, end: o.End}}
	r.sink = &sink{query: q, env: r.env}
	var next stage = r.sink
	if !q.limited {
		next = &limitStage{left: o.Limit, next: next}
	}
	for i := len(q.commands) - 1; i >= 0; i-- {
		next = q.commands[i].stage(r.env, next)
	}
	r.first = next
	return r
}

// A Run is one run of a query. It is not safe for concurrent use.
type Run struct {
	query   *Query
	env     *env
	first   stage
	sink    *sink
	flushed bool
	err     error

	Scanned int   // events added
	Bytes   int64 // of their messages
}

// Add takes one event in; events come newest first. It fails with ErrTooLarge,
// and so do all calls after that one.
func (r *Run) Add(e *Event) error {
	if r.err != nil {
		return r.err
	}
	r.Scanned++
	r.Bytes += int64(len(e.Message))
	r.err = r.first.push(&row{env: r.env, event: e})
	return r.err
}

// Matched is how many events passed the filters so far.
func (r *Run) Matched() int { return r.Scanned - r.env.dropped }

// Rows ends the run and is its result.
func (r *Run) Rows() ([]Row, error) {
	if r.err == nil && !r.flushed {
		r.flushed = true
		r.err = r.first.flush()
	}
	if r.err != nil {
		return nil, r.err
	}
	return r.sink.rows, nil
}

// env is what the stages of one run share.
type env struct {
	now      time.Time
	start    int64
	end      int64
	held     int64 // bytes, about
	dropped  int   // events that a filter before any stats took out
	unnested int   // rows that unnest made
}

// hold counts memory that is kept until the end.
func (e *env) hold(n int) error {
	if e.held += int64(n); e.held > maxHeld {
		return fmt.Errorf("run the query: %w", ErrTooLarge)
	}
	return nil
}
