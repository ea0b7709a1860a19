package localaws

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/insights"
)

// The states of a query of Logs Insights.
const (
	queryScheduled = "Scheduled"
	queryRunning   = "Running"
	queryComplete  = "Complete"
	queryFailed    = "Failed"
	queryCancelled = "Cancelled"
	queryTimeout   = "Timeout"
	queryUnknown   = "Unknown"
)

// queryLanguage is the one that localaws knows, Logs Insights QL.
const queryLanguage = "CWLI"

// A logQuery is one query, running or done.
type logQuery struct {
	seq     uint64
	id      string
	text    string
	groups  []string
	r       logRange
	limit   int
	query   *insights.Query
	created time.Time
	cancel  context.CancelFunc

	// Guarded by the store:
	status  string
	stats   queryStatistics
	rows    []insights.Row
	size    int64
	elapsed time.Duration
}

type queryStatistics struct {
	RecordsMatched   float64 `json:"recordsMatched"`
	RecordsScanned   float64 `json:"recordsScanned"`
	BytesScanned     float64 `json:"bytesScanned"`
	LogGroupsScanned float64 `json:"logGroupsScanned"`
	ResultCount      float64 `json:"resultCount"`
}

// Bounds on the queries that are remembered: AWS keeps results for a week, we
// the newest ones. Those that run are always kept.
const (
	maxKeptQueries     = 1000
	maxKeptQueryBytes  = 64 << 20
	queryCellOverhead  = 32
	queryTimeoutLength = time.Hour // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
)

// A queryStore runs queries and keeps their results. It owns their goroutines;
// close waits for them.
type queryStore struct {
	logs *logStore

	mu      sync.Mutex
	running sync.WaitGroup
	closed  bool
	seq     uint64
	active  int
	size    int64
	byID    map[string]*logQuery
	list    []*logQuery // oldest first
}

func newQueryStore(logs *logStore) *queryStore {
	return &queryStore{logs: logs, byID: make(map[string]*logQuery)}
}

// start runs q, unless too many run or the server closes.
func (s *queryStore) start(ctx context.Context, q *logQuery) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.active == maxConcurrentQueries {
		return false
	}
	s.seq++
	s.active++
	q.seq, q.status = s.seq, queryScheduled
	ctx, q.cancel = context.WithTimeout(ctx, queryTimeoutLength)
	s.byID[q.id] = q
	s.list = append(s.list, q)
	s.evictLocked()
	s.running.Go(func() { s.run(ctx, q) })
	return true
}

// close stops all queries and waits for them.
func (s *queryStore) close() {
	s.mu.Lock()
	s.closed = true
	for _, q := range s.list {
		q.cancel()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// evictLocked forgets the oldest queries that are done.
func (s *queryStore) evictLocked() {
	for i := 0; i < len(s.list) && (len(s.list) > maxKeptQueries || s.size > maxKeptQueryBytes); {
		q := s.list[i]
		if !q.done() {
			i++
			continue
		}
		s.size -= q.size
		delete(s.byID, q.id)
		s.list = slices.Delete(s.list, i, i+1)
	}
}

func (q *logQuery) done() bool { return q.status != queryScheduled && q.status != queryRunning }

// run is the life of one query.
func (s *queryStore) run(ctx context.Context, q *logQuery) {
	defer q.cancel()
	began := time.Now()
	s.mu.Lock()
	if !q.done() {
		q.status = queryRunning
	}
	s.mu.Unlock()
	run := q.query.Run(insights.Options{Now: q.created, Start: q.r.start.at, End: q.r.lastMillis(), Limit: q.limit})
	err := s.feed(ctx, q, run, func(int64) {})
	var rows []insights.Row
	if err == nil {
		rows, err = run.Rows()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
	q.elapsed = time.Since(began)
	switch {
	case q.done(): // stopped meanwhile
	case ctx.Err() == context.DeadlineExceeded:
		q.status = queryTimeout
	case ctx.Err() != nil:
		q.status = queryCancelled
	case err != nil:
		q.status = queryFailed
	default:
		q.status, q.rows = queryComplete, rows
		q.stats.ResultCount = float64(len(rows))
		q.size = rowsSize(rows)
		s.size += q.size
	}
	s.evictLocked()
}

func rowsSize(rows []insights.Row) (size int64) {
	for _, r := range rows {
		for _, c := range r {
			size += int64(len(c.Value)) + queryCellOverhead
		}
	}
	return size
}

// A queryFeed reads the events of one group, newest first, some at a time.
type queryFeed struct {
	group string
	r     logRange
	lot   []foundEvent
	end   bool
}

// head is the next event; nil at the end.
func (f *queryFeed) head(s *logStore) *foundEvent {
	if len(f.lot) == 0 && !f.end {
		f.lot = s.read(f.group, f.r, searchLot)
		f.end = len(f.lot) < searchLot
		if len(f.lot) > 0 {
			f.r.pass(&f.lot[len(f.lot)-1])
		}
	}
	if len(f.lot) == 0 {
		return nil
	}
	return &f.lot[0]
}

// feed gives all events of the query's groups to run, in one order, and tells
// matched the times of those that passed the query's filters.
func (s *queryStore) feed(ctx context.Context, q *logQuery, run *insights.Run, matched func(at int64)) error {
	feeds := make([]queryFeed, len(q.groups))
	for i, g := range q.groups {
		feeds[i] = queryFeed{group: g, r: q.r}
	}
	for n := 1; ; n++ {
		e := s.newest(feeds)
		if e == nil || n%searchLot == 0 {
			s.count(q, run)
		}
		if e == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		before := run.Matched()
		if err := run.Add(e.insight()); err != nil {
			s.count(q, run)
			return err
		}
		if run.Matched() > before {
			matched(e.at)
		}
	}
}

// newest takes the newest event out of the feeds.
func (s *queryStore) newest(feeds []queryFeed) *foundEvent {
	var from *queryFeed
	var newest *foundEvent
	for i := range feeds {
		if e := feeds[i].head(s.logs); e != nil && (newest == nil || e.pos().compare(newest.pos()) > 0) {
			newest, from = e, &feeds[i]
		}
	}
	if from != nil {
		from.lot = from.lot[1:]
	}
	return newest
}

func (s *queryStore) count(q *logQuery, run *insights.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.stats = queryStatistics{
		RecordsMatched: float64(run.Matched()), RecordsScanned: float64(run.Scanned),
		BytesScanned: float64(run.Bytes), LogGroupsScanned: float64(len(q.groups)),
	}
}

// insight is the event as a query sees it.
func (e *foundEvent) insight() *insights.Event {
	return &insights.Event{
		Timestamp: e.at, Ingested: e.ingested, Message: e.message,
		Log: AccountID + ":" + e.group, Stream: e.stream, Ptr: e.pointer(),
	}
}

// pointer is @ptr: what GetLogRecord finds the event by.
func (e *foundEvent) pointer() string {
	return encodeToken(strings.Join([]string{e.group, e.stream, e.pos().String()}, "\n"))
}

// find is a copy of a query as it is now.
func (s *queryStore) find(id string) (logQuery, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.byID[id]
	if q == nil {
		return logQuery{}, false
	}
	return *q, true
}

// stop ends a query that runs; it reports whether it did.
func (s *queryStore) stop(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.byID[id]
	if q == nil || q.done() {
		return false
	}
	q.status = queryCancelled
	q.cancel()
	return true
}

// before lists up to n queries that want takes, newest first, from those older
// than seq; more says that there are others.
func (s *queryStore) before(seq uint64, n int, want func(*logQuery) bool) (found []logQuery, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range slices.Backward(s.list) {
		if q.seq >= seq || !want(q) {
			continue
		}
		if len(found) == n {
			return found, true
		}
		found = append(found, *q)
	}
	return found, false
}
