package xray

import (
	"slices"
	"strconv"
)

// trim says what is left out of a document over [Segment.MaxBytes].
type trim struct {
	active bool   // the resource is written value by value
	value  int    // metadata values of so many bytes and more become notes; 0: none
	frames int    // frames of one stack trace
	text   int    // characters of any other string; 0: as its member allows
	bare   bool   // no metadata, no links, one exception
	note   string // what was left out
	sizes  []int  // of the metadata values, as they are written
}

// smallValue is what is not worth a note in its place.
const smallValue = 64

func (t *trim) over(size int) bool {
	t.sizes = append(t.sizes, size)
	return t.value > 0 && size >= t.value
}

// appendNote writes what stands for a value of n bytes.
func appendNote(dst []byte, n int) []byte {
	dst = append(dst, `"[trimmed: `...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, ` bytes]"`...)
}

// settle replaces the metadata value that begins at at by a note, where it is
// among the largest.
func (f *facts) settle(dst []byte, at int) []byte {
	if n := len(dst) - at; f.trim.active && f.trim.over(n) {
		return appendNote(dst[:at], n)
	}
	return dst
}

// appendTrimmed encodes again a document that was too large: first the largest
// metadata values become notes, as many as it takes; then stack traces are
// shortened; then long strings; at last it keeps no metadata at all.
func (f *facts) appendTrimmed(dst []byte, s *Segment, size int) []byte {
	start := len(dst)
	f.trim.active, f.trim.sizes = true, nil
	dst = f.appendDocument(dst[:start], s)
	f.trim.value = threshold(f.trim.sizes, size-s.maxBytes()+2*smallValue)
	for _, step := range [...]struct {
		note         string
		frames, text int
		bare         bool
	}{
		{"metadata", f.trim.frames, 0, false},
		{"metadata, stack traces", 16, 0, false},
		{"metadata, stack traces", 0, 0, false},
		{"metadata, stack traces, long strings", 0, 4000, false},
		{"metadata, stack traces, long strings", 0, MaxStringLength, false},
		{"all metadata, stack traces, links, long strings", 0, 60, true},
	} {
		f.trim.note, f.trim.frames, f.trim.text, f.trim.bare = step.note, step.frames, step.text, step.bare
		dst = f.appendDocument(dst[:start], s)
		if len(dst)-start <= s.maxBytes() {
			break
		}
	}
	return dst
}

// threshold is the size from which on values must go to save need bytes.
func threshold(sizes []int, need int) int {
	slices.Sort(sizes)
	for _, size := range slices.Backward(sizes) {
		if size < smallValue {
			break
		}
		if need -= size - smallValue/2; need <= 0 {
			return size
		}
	}
	return smallValue
}
