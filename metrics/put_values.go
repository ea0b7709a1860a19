package metrics

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// exactValues is how many different values are kept as they are: as many as one
// datum can carry.
const exactValues = MaxValues

// maxBuckets is how many buckets stand for more values than that. Twice what
// a datum carries leaves the last merging, which is by least error, a choice.
const maxBuckets = 2 * MaxValues

// firstShift is how many of a value's 64 bits are left out by the first buckets:
// those are a relative 2^-20 wide.
const firstShift = 52 - 20

// values are the measurements of one series in one minute or second: value and
// count for up to exactValues different ones, then buckets of one relative
// width, which doubles whenever there are more than maxBuckets. Minimum,
// maximum and sum stay exact.
//
// A key is the bits of a number, in an order that is that of numbers, without
// the last shift of them: all numbers with one key are a bucket.
type values struct {
	entries  []entry
	table    []uint16 // places in entries plus one, by hash; empty while a walk is as quick
	shift    uint8    // 0: the keys are the numbers themselves
	sum      float64
	min, max float64
}

type entry struct {
	key   uint64
	count float64
}

// walked is how many entries are found by looking at each.
const walked = 12

func (v *values) empty() bool { return len(v.entries) == 0 }

func (v *values) reset() {
	*v = values{entries: v.entries[:0], table: v.table[:0]}
}

// ordered is f's bits, changed so that they compare as numbers do. Both zeros
// are one.
func ordered(f float64) uint64 {
	b := math.Float64bits(f + 0)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func unordered(b uint64) float64 {
	if b>>63 == 1 {
		return math.Float64frombits(b &^ (1 << 63))
	}
	return math.Float64frombits(^b)
}

// add counts f, which is finite, n times.
func (v *values) add(f, n float64) {
	v.note(f*n, f, f)
	v.count(ordered(f)>>v.shift, n)
}

func (v *values) note(sum, low, high float64) {
	if v.empty() {
		v.min, v.max = low, high
	} else {
		v.min, v.max = min(v.min, low), max(v.max, high)
	}
	v.sum += sum
}

func (v *values) count(key uint64, n float64) {
	at, slot := v.find(key)
	if at >= 0 {
		v.entries[at].count += n
		return
	}
	v.entries = append(v.entries, entry{key, n})
	switch many := len(v.entries); {
	case v.shift == 0 && many > exactValues:
		v.widen(firstShift)
	case many > maxBuckets:
		v.widen(v.shift + 1)
	case many > walked && 2*many > len(v.table):
		v.index()
	case len(v.table) > 0:
		v.table[slot] = uint16(many)
	}
}

// find is the place of a key, or -1 and the slot of the table it belongs in.
func (v *values) find(key uint64) (at, slot int) {
	if len(v.table) == 0 {
		for i := len(v.entries) - 1; i >= 0; i-- {
			if v.entries[i].key == key {
				return i, 0
			}
		}
		return -1, 0
	}
	const golden = 0x9E3779B97F4A7C15 // 2^64 by the golden ratio: neighbours come far apart
	mask := len(v.table) - 1
	for slot = int(key*golden>>40) & mask; ; slot = (slot + 1) & mask {
		at = int(v.table[slot]) - 1
		if at < 0 || v.entries[at].key == key {
			return at, slot
		}
	}
}

// index makes a table of which at most half is taken before it grows.
func (v *values) index() {
	size := 1 << bits.Len(uint(4*len(v.entries)-1))
	v.table = slices.Grow(v.table[:0], size)[:size]
	clear(v.table)
	for i := range v.entries {
		_, slot := v.find(v.entries[i].key)
		v.table[slot] = uint16(i + 1)
	}
}

// widen leaves out that many bits, and more until there is room for more keys.
func (v *values) widen(shift uint8) {
	slices.SortFunc(v.entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	for ; ; shift++ {
		wide := v.entries[:0]
		for _, e := range v.entries {
			if e.key >>= shift - v.shift; len(wide) > 0 && wide[len(wide)-1].key == e.key {
				wide[len(wide)-1].count += e.count
			} else {
				wide = append(wide, e)
			}
		}
		v.entries, v.shift = wide, shift
		if len(wide) <= maxBuckets*3/4 {
			break
		}
	}
	v.index()
}

// merge adds what o has. The wider buckets of the two count.
func (v *values) merge(o *values) {
	if o.empty() {
		return
	}
	v.note(o.sum, o.min, o.max)
	if v.shift < o.shift {
		v.widen(o.shift)
	}
	for _, e := range o.entries {
		v.count(e.key>>(v.shift-o.shift), e.count)
	}
}

// list appends values and counts, at most limit of each. Exact ones are as they
// are. Buckets become what they become in a histogram: minimum and maximum
// themselves, values in the middle of their buckets moved so that the sum is
// right, and where there are too many the two neighbours that make the
// narrowest bucket are one, again and again.
func (v *values) list(numbers, counts []float64, limit int) ([]float64, []float64) {
	slices.SortFunc(v.entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	v.table = v.table[:0] // its places are no more
	if v.shift == 0 && len(v.entries) <= limit {
		for _, e := range v.entries {
			numbers, counts = append(numbers, unordered(e.key)), append(counts, e.count)
		}
		return numbers, counts
	}
	d := distribution{sum: v.sum, min: v.min, max: v.max, interval: true}
	for _, e := range v.entries {
		low := e.key << v.shift
		d.buckets = append(d.buckets, bucket{
			low: unordered(low), high: unordered(low | (1<<v.shift - 1)), count: e.count,
		})
	}
	n, c, _ := d.values(limit)
	return append(numbers, n...), append(counts, c...)
}
