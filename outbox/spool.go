package outbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Defaults of a Spool's fields.
const (
	DefaultSpoolBytes  = 512 << 20
	DefaultSpoolMaxAge = 7 * 24 * time.Hour
)

// A Spool keeps what Put took on disk until it is delivered, so that it outlives the process, kill -9 included, and an
// outage longer than memory. It is written by the system's ordinary calls: what was taken just before the machine
// itself fails may be lost.
//
// While it is set, items beyond Config.MaxBytes wait on disk, to be read back oldest first; a full disk makes the queue
// go on in memory, and say so. Shutdown leaves undelivered items there for the next process.
type Spool struct {
	// Dir is the directory, made if it is missing. It has one owner at a time. "" means no spool.
	Dir string
	// MaxBytes is the most bytes of all files; what comes beyond it is not taken, and counts as DropQueueFull. 0 means
	// DefaultSpoolBytes.
	MaxBytes int64
	// MaxAge is how old an item that is read back may be, by its time; older ones count as DropExpired. It is also
	// what Retry.Budget is if that is not set. 0 means DefaultSpoolMaxAge, which is within what AWS takes: 14 days.
	MaxAge time.Duration

	open func(path string, flag int) (file, error) // for tests; nil means the file system's
}

// ErrSpoolLocked means that another process owns the spool's directory.
var ErrSpoolLocked = errors.New("outbox: the spool's directory is used by another process; give each its own")

var errNoSpool = errors.New("not a file of a spool")

// Sizes of files: where the next one begins, and from where on one that nobody needs any more is let go of though it
// is the last.
const (
	segmentBytes = 8 << 20
	shrinkBytes  = 1 << 20
)

// spoolRetry is how long a disk that failed is left alone.
const spoolRetry = 5 * time.Second

const (
	spoolSuffix      = ".spool"
	unreadableSuffix = ".unreadable"
	lockName         = "lock"
)

// A spool is the files of a directory. The queue's lock guards it; only segment.read works without.
//
// Items before the cursor are in memory or done; those behind it are read back when memory has room.
type spool struct {
	cfg      Spool
	lock     io.Closer
	segments []*segment // oldest first; the last is written to, if active
	active   bool
	keys     map[string]uint64 // of the active segment
	bytes    int64
	live     int64  // items not done
	next     uint64 // number of the next item; they begin at 1
	cursor   struct {
		segment *segment
		off     int64
		seq     uint64
	}
	buf    []byte
	failed error // of the disk, until it works again
	again  time.Time

	duplicates int64    // items found that had been sent, with what success is not known
	found      []string // what was wrong with the directory
}

func openSpool(c Spool) (*spool, error) {
	orDefault(&c.MaxBytes, DefaultSpoolBytes)
	orDefault(&c.MaxAge, DefaultSpoolMaxAge)
	if c.open == nil {
		c.open = func(path string, flag int) (file, error) { return os.OpenFile(path, flag, 0o600) }
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("outbox: spool: %w", err)
	}
	lock, err := lockFile(filepath.Join(c.Dir, lockName))
	if err != nil {
		return nil, err
	}
	s := &spool{cfg: c, lock: lock, next: 1}
	if err := s.restore(); err != nil {
		_ = s.close()
		return nil, fmt.Errorf("outbox: spool: %w", err)
	}
	return s, nil
}

// restore reads what is there.
func (s *spool) restore() error {
	paths, err := filepath.Glob(filepath.Join(globEscape(s.cfg.Dir), "*"+spoolSuffix))
	if err != nil {
		return err
	}
	slices.Sort(paths) // names are first numbers of one length
	var notes []note
	for _, path := range paths {
		segment, said, err := openSegment(s.cfg.open, path)
		if errors.Is(err, errNoSpool) || err == nil && segment.first < s.next {
			if err == nil {
				_ = segment.file.Close()
			}
			s.found = append(s.found, fmt.Sprintf("%s is no part of the spool and was renamed", path))
			if err := os.Rename(path, path+unreadableSuffix); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		s.segments = append(s.segments, segment)
		s.next = segment.first + segment.items
		s.bytes += segment.size
		s.live += int64(segment.live)
		notes = append(notes, said...)
	}
	s.apply(notes)
	if len(s.segments) > 0 {
		s.seek(s.segments[0])
	}
	s.prune()
	return nil
}

// globEscape makes a directory's name a pattern for itself.
func globEscape(dir string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(dir)
}

// apply marks what earlier processes noted.
func (s *spool) apply(notes []note) {
	each := func(kind recordKind, f func(*segment, uint64)) {
		for _, n := range notes {
			if n.kind != kind {
				continue
			}
			for _, segment := range s.segments {
				from, to := segment.clip(n.first, n.n)
				for seq := from; seq < to; seq++ {
					f(segment, seq)
				}
			}
		}
	}
	each(recordDone, func(g *segment, seq uint64) {
		if g.finish(seq) {
			s.live--
		}
	})
	begun := map[uint64]bool{}
	each(recordBegun, func(g *segment, seq uint64) {
		if !g.isDone(seq) {
			begun[seq] = true
		}
	})
	s.duplicates = int64(len(begun))
}

// parked reports whether there are items that are on disk only.
func (s *spool) parked() bool { return s.cursor.seq < s.next && s.live > 0 }

// append writes an item and returns its number. The error is ErrFull, or the disk's.
func (s *spool) append(key string, at int64, body []byte, size int, now time.Time) (uint64, error) {
	if s.failed != nil && now.Before(s.again) {
		return 0, s.failed
	}
	if err := s.ready(now); err != nil {
		return 0, err
	}
	segment := s.segments[len(s.segments)-1]
	number, known := s.keys[key]
	s.buf = s.buf[:0]
	if !known {
		number = uint64(len(segment.keys))
		s.buf = appendKeyRecord(s.buf, key)
	}
	s.buf = appendItemRecord(s.buf, at, number, body, size)
	if s.bytes+int64(len(s.buf)) > s.cfg.MaxBytes {
		return 0, ErrFull
	}
	if err := s.write(segment, now); err != nil {
		return 0, err
	}
	if !known {
		s.keys[key] = number
		segment.keys = append(segment.keys, key)
	}
	s.live++
	s.next++
	return segment.add(), nil
}

// note writes that the items are being sent, or are done. It does not matter much if that fails: they may be sent twice.
func (s *spool) note(kind recordKind, items []item, now time.Time) {
	if s.failed != nil || s.ready(now) != nil {
		return
	}
	var at int
	s.buf, at = beginRecord(s.buf[:0], kind)
	if s.buf = appendRanges(s.buf, items); len(s.buf) == recordHead {
		return
	}
	s.buf = endRecord(s.buf, at)
	_ = s.write(s.segments[len(s.segments)-1], now)
}

// write puts buf at the end of a segment; what was half written is overwritten by the next one.
func (s *spool) write(segment *segment, now time.Time) error {
	if _, err := segment.file.WriteAt(s.buf, segment.size); err != nil {
		return s.fail(err, now)
	}
	s.failed = nil
	segment.size += int64(len(s.buf))
	s.bytes += int64(len(s.buf))
	return nil
}

func (s *spool) fail(err error, now time.Time) error {
	s.failed, s.again = fmt.Errorf("spool: %w", err), now.Add(spoolRetry)
	return s.failed
}

// ready sees to it that the last segment can be written to.
func (s *spool) ready(now time.Time) error {
	if s.active && s.segments[len(s.segments)-1].size < segmentBytes {
		return nil
	}
	path := filepath.Join(s.cfg.Dir, fmt.Sprintf("%016x%s", s.next, spoolSuffix))
	f, err := s.cfg.open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return s.fail(err, now)
	}
	segment := &segment{file: f, path: path, first: s.next}
	s.buf = appendFileHead(s.buf[:0], s.next)
	if err := s.write(segment, now); err != nil {
		_ = f.Close()
		_ = os.Remove(path)
		return err
	}
	parked := s.parked()
	s.segments, s.active, s.keys = append(s.segments, segment), true, map[string]uint64{}
	if !parked {
		s.seek(segment)
	}
	s.prune()
	return nil
}

// seek puts the cursor to the beginning of a segment.
func (s *spool) seek(segment *segment) {
	s.cursor.segment, s.cursor.off, s.cursor.seq = segment, int64(fileHead), segment.first
}

// nextSegment moves the cursor from the end of its segment to the next one.
func (s *spool) nextSegment() {
	i := slices.Index(s.segments, s.cursor.segment)
	if i+1 < len(s.segments) {
		s.seek(s.segments[i+1])
		return
	}
	s.cursor.seq = s.next
}

// skip puts the cursor behind the last item, which is in memory too.
func (s *spool) skip() {
	last := s.segments[len(s.segments)-1]
	s.cursor.segment, s.cursor.off, s.cursor.seq = last, last.size, s.next
}

// finish notes that items are done, and lets go of files that nobody needs.
func (s *spool) finish(items []item, now time.Time) {
	s.note(recordDone, items, now)
	for i := range items {
		s.finishOne(items[i].seq)
	}
	s.prune()
}

func (s *spool) finishOne(seq uint64) {
	if g := s.find(seq); g != nil && g.finish(seq) {
		s.live--
	}
}

func (s *spool) find(seq uint64) *segment {
	for _, g := range slices.Backward(s.segments) { // the newest have most of the traffic
		if g.holds(seq) {
			return g
		}
	}
	return nil
}

// prune removes the oldest files that hold nothing any more. A file goes only after all before it: it may hold the notes
// about their items.
func (s *spool) prune() {
	for len(s.segments) > 0 {
		oldest := s.segments[0]
		last := len(s.segments) == 1
		if oldest.live > 0 || last && s.active && oldest.size < shrinkBytes {
			return
		}
		_ = oldest.file.Close()
		_ = os.Remove(oldest.path)
		s.bytes -= oldest.size
		s.segments = slices.Delete(s.segments, 0, 1)
		s.active = s.active && !last
		if s.cursor.segment == oldest {
			s.cursor.segment, s.cursor.seq = nil, s.next
			if !last {
				s.seek(s.segments[0])
			}
		}
	}
}

// close closes the files; an empty spool leaves none behind.
func (s *spool) close() error {
	var errs []error
	for _, g := range s.segments {
		errs = append(errs, g.file.Close())
		if s.live == 0 {
			errs = append(errs, os.Remove(g.path))
		}
	}
	s.segments, s.active = nil, false
	return errors.Join(append(errs, s.lock.Close())...)
}
