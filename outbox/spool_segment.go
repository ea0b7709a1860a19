package outbox

import (
	"fmt"
	"io"
	"math"
	"os"
)

// A file is what a segment needs of an os.File.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
}

// A segment is one file of the spool.
type segment struct {
	file  file
	path  string
	size  int64
	first uint64 // number of the first item
	items uint64
	live  int      // items not done
	done  []uint64 // a bit an item
	keys  []string // by their numbers
}

// holds reports whether an item is in the segment.
func (s *segment) holds(seq uint64) bool { return seq-s.first < s.items }

func (s *segment) isDone(seq uint64) bool {
	i := seq - s.first
	return s.done[i/64]&(1<<(i%64)) != 0
}

// add makes room for one more item and returns its number.
func (s *segment) add() uint64 {
	if s.items%64 == 0 {
		s.done = append(s.done, 0)
	}
	s.items++
	s.live++
	return s.first + s.items - 1
}

// finish marks an item as done, and reports whether it was not.
func (s *segment) finish(seq uint64) bool {
	if s.isDone(seq) {
		return false
	}
	i := seq - s.first
	s.done[i/64] |= 1 << (i % 64)
	s.live--
	return true
}

// clip narrows a range to what the segment holds.
func (s *segment) clip(first, n uint64) (from, to uint64) {
	from, to = max(first, s.first), s.first+s.items
	if end := first + n; end >= first {
		to = min(to, end)
	}
	return from, to
}

// A note is a range that a record of kind begun or done names.
type note struct {
	kind     recordKind
	first, n uint64
}

// openSegment reads a file that an earlier process left, cuts off what does not check, and returns what it says of
// items, which may be those of earlier files.
func openSegment(open func(path string, flag int) (file, error), path string) (*segment, []note, error) {
	f, err := open(path, os.O_RDWR)
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(io.NewSectionReader(f, 0, math.MaxInt64))
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	first, ok := parseFileHead(data)
	if !ok {
		_ = f.Close()
		return nil, nil, errNoSpool
	}
	s := &segment{file: f, path: path, first: first}
	notes := s.scan(data[fileHead:])
	if s.size < int64(len(data)) {
		if err := f.Truncate(s.size); err != nil {
			_ = f.Close()
			return nil, nil, err
		}
	}
	return s, notes, nil
}

// scan reads records up to the first that does not check.
func (s *segment) scan(data []byte) (notes []note) {
	size := len(data)
	rest := data
	for {
		kind, payload, after, _ := nextRecord(rest)
		if after == nil || !s.understand(kind, payload, &notes) {
			break
		}
		rest = after
	}
	s.size = int64(fileHead + size - len(rest))
	return notes
}

func (s *segment) understand(kind recordKind, payload []byte, notes *[]note) bool {
	switch kind {
	case recordItem, recordEncoded:
		_, key, _, ok := parseItem(kind, payload)
		if !ok || key >= uint64(len(s.keys)) {
			return false
		}
		s.add()
	case recordKey:
		s.keys = append(s.keys, string(payload))
	case recordBegun, recordDone:
		eachRange(payload, func(first, n uint64) { *notes = append(*notes, note{kind, first, n}) })
	}
	return true
}

// read returns whole records that begin at off, about chunk bytes of them, in buf or a larger buffer.
func (s *segment) read(off, end int64, buf []byte) ([]byte, error) {
	for want := min(int64(chunk), end-off); ; {
		if int64(cap(buf)) < want {
			buf = make([]byte, want)
		}
		buf = buf[:want]
		if _, err := s.file.ReadAt(buf, off); err != nil {
			return nil, fmt.Errorf("read %s: %w", s.path, err)
		}
		_, _, rest, need := nextRecord(buf)
		switch {
		case rest != nil:
			return buf, nil
		case need == 0 || off+int64(need) > end:
			return nil, fmt.Errorf("read %s: no record at %d", s.path, off)
		}
		want = int64(need)
	}
}

// chunk is how much of a file is read back at a time.
const chunk = 1 << 20
