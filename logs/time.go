package logs

import (
	"sync/atomic"
	"time"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// lastSecond is the last one that RFC 3339 can write, the end of the year 9999,
// in seconds since 1970.
const lastSecond = 253402300799

// appendTime appends the timestamp field: UTC, RFC 3339, always nine decimals,
// so that lines sort as text. A year RFC 3339 cannot write is left out.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year := t.Year()
	if t.IsZero() || year < 0 || year > 9999 {
		return dst
	}
	dst = appendSecond(append(appendName(dst, "timestamp"), '"'), t)
	return append(appendDecimals(dst, t.Nanosecond()), 'Z', '"')
}

// appendSecond appends t up to the point before the decimals. It must be UTC,
// and of a year with four digits.
func appendSecond(dst []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), int(month))
	dst = appendTwo(append(dst, '-'), day)
	dst = appendTwo(append(dst, 'T'), hour)
	dst = appendTwo(append(dst, ':'), minute)
	dst = appendTwo(append(dst, ':'), second)
	return append(dst, '.')
}

// appendDecimals appends the nine digits of the nanoseconds.
func appendDecimals(dst []byte, nanos int) []byte {
	n := uint32(nanos)
	dst = appendjson.Four(append(dst, '0'+byte(n/1e8)), n/1e4%1e4)
	return appendjson.Four(dst, n%1e4)
}

// appendTwo appends a number below 100 as two digits.
func appendTwo(dst []byte, n int) []byte {
	return append(dst, '0'+byte(n/10), '0'+byte(n%10))
}

// A secondCache has the beginning of the lines of the last second asked for,
// since many lines are logged within one. The zero value works, from any
// goroutine.
type secondCache struct{ last atomic.Pointer[secondText] }

type secondText struct {
	second int64 // since 1970
	text   [len(lineBegin) + len("2006-01-02T15:04:05.")]byte
}

// append appends the beginning of a line, up to the last digit of its time. t
// must be between 1970 and lastSecond.
func (c *secondCache) append(dst []byte, t time.Time) []byte {
	second := t.Unix()
	last := c.last.Load()
	if last == nil || last.second != second {
		last = &secondText{second: second}
		appendSecond(append(last.text[:0], lineBegin...), t.UTC())
		c.last.Store(last)
	}
	return appendDecimals(append(dst, last.text[:]...), t.Nanosecond())
}
