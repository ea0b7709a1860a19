package localaws

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
	_ "modernc.org/sqlite" // the driver "sqlite", in pure Go
)

// What the payloads of a journal hold.
const (
	kindSegments    = "xray.segments"
	kindLogsControl = "logs.control"
	kindLogEvents   = "logs.events"
	kindMetricData  = "cloudwatch.data"
	kindAlarms      = "cloudwatch.alarms"
	kindAlarmStates = "cloudwatch.alarmstates"
	kindOTLPMetrics = "cloudwatch.otlp"
	kindSampling    = "xray.sampling"
)

// A journal keeps accepted data on disk, so that what was acknowledged is there
// after a crash. SQLite is its container: all payloads that wait while a commit
// is under way go into the next one together, in one compressed row a kind.
//
// One goroutine owns the database. One journal owns the directory: SQLite's
// exclusive lock keeps others out, and goes with the process.
type journal struct {
	db    *sql.DB
	conn  *sql.Conn // all statements go here: the lock is the connection's
	keep  func(kind string) int64
	zstd  *zstd.Encoder
	sizes map[string]int64 // of the payloads kept, by kind
	last  int64            // time of the newest row, in milliseconds

	queue chan *entry
	quit  chan struct{} // closed by close
	ended chan struct{} // closed when the goroutine has ended
}

// An entry is a payload on its way to the disk.
type entry struct {
	kind    string
	at      time.Time
	payload []byte
	done    chan error
}

const (
	journalFile     = "localaws.db"
	journalQueue    = 256     // payloads that wait for a commit; more wait for room
	maxCommitBytes  = 8 << 20 // of one commit
	maxChunkBytes   = 64 << 20
	journalSchema   = `CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL)`
	journalIndex    = `CREATE INDEX IF NOT EXISTS chunk_kind ON chunk (kind, id)`
	journalSettings = `PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL`
)

var errJournalClosed = errors.New("the server is closing")

// openJournal opens the journal of a data directory and hands back what it
// kept, in order; without a directory it is nil, which keeps nothing. Keep says
// how many bytes of a kind are worth keeping; 0 for all.
func openJournal(dir string, restore func(kind string, payload []byte) error, keep func(kind string) int64) (*journal, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, journalFile))
	if err != nil {
		return nil, fmt.Errorf("data directory %q: %w", dir, err)
	}
	j := &journal{
		db: db, keep: keep, sizes: make(map[string]int64),
		queue: make(chan *entry, journalQueue), quit: make(chan struct{}), ended: make(chan struct{}),
	}
	if err := j.prepare(restore); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("data directory %q: %w; does another server use it?", dir, err)
	}
	go j.run()
	return j, nil
}

// prepare takes the lock, makes the table and restores.
func (j *journal) prepare(restore func(kind string, payload []byte) error) error {
	ctx := context.Background()
	var err error
	if j.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)); err != nil {
		return err
	}
	if j.conn, err = j.db.Conn(ctx); err != nil {
		return err
	}
	for _, statement := range []string{journalSettings, journalSchema, journalIndex} {
		if _, err := j.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return j.restore(ctx, restore)
}

// restore reads every chunk in the order it was written.
func (j *journal) restore(ctx context.Context, restore func(kind string, payload []byte) error) error {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxChunkBytes))
	if err != nil {
		return err
	}
	defer dec.Close()
	rows, err := j.conn.QueryContext(ctx, `SELECT kind, at, size, body FROM chunk ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var at, size int64
		var body []byte
		if err := rows.Scan(&kind, &at, &size, &body); err != nil {
			return err
		}
		j.sizes[kind] += size
		j.last = max(j.last, at)
		plain, err := dec.DecodeAll(body, nil)
		if err != nil {
			return fmt.Errorf("chunk of %s: %w", kind, err)
		}
		if err := eachPayload(plain, func(p []byte) error { return restore(kind, p) }); err != nil {
			return fmt.Errorf("chunk of %s: %w", kind, err)
		}
	}
	return rows.Err()
}

var errShortChunk = errors.New("cut short")

// eachPayload takes a chunk apart: payloads, each behind its length.
func eachPayload(chunk []byte, f func(payload []byte) error) error {
	for len(chunk) > 0 {
		size, n := binary.Uvarint(chunk)
		if n <= 0 || size > uint64(len(chunk)-n) {
			return errShortChunk
		}
		if err := f(chunk[n : n+int(size)]); err != nil {
			return err
		}
		chunk = chunk[n+int(size):]
	}
	return nil
}

// append returns when the payload is on the disk. A nil journal keeps nothing.
func (j *journal) append(kind string, at time.Time, payload []byte) error {
	if j == nil {
		return nil
	}
	e := &entry{kind, at, payload, make(chan error, 1)}
	select {
	case j.queue <- e:
	case <-j.quit:
		return errJournalClosed
	}
	select {
	case err := <-e.done:
		return err
	case <-j.ended:
		select {
		case err := <-e.done: // it came into the last commit
			return err
		default:
			return errJournalClosed
		}
	}
}

// close commits what waits and lets the directory go.
func (j *journal) close() error {
	if j == nil {
		return nil
	}
	close(j.quit)
	<-j.ended
	return errors.Join(j.zstd.Close(), j.conn.Close(), j.db.Close())
}

// run commits until the journal is closed.
func (j *journal) run() {
	defer close(j.ended)
	for {
		select {
		case e := <-j.queue:
			j.commit(j.gather(e))
		case <-j.quit:
			for {
				select {
				case e := <-j.queue:
					j.commit(j.gather(e))
				default:
					return
				}
			}
		}
	}
}

// gather takes what waits already, up to the size of a commit.
func (j *journal) gather(first *entry) []*entry {
	group, size := []*entry{first}, len(first.payload)
	for size < maxCommitBytes {
		select {
		case e := <-j.queue:
			group = append(group, e)
			size += len(e.payload)
		default:
			return group
		}
	}
	return group
}

// commit writes a group in one transaction and answers its entries.
func (j *journal) commit(group []*entry) {
	err := j.write(context.Background(), group)
	if err != nil {
		err = fmt.Errorf("write to the data directory: %w", err)
	}
	for _, e := range group {
		e.done <- err
	}
}
