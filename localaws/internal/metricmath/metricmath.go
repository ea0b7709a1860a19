// Package metricmath reads and computes CloudWatch's metric math: numbers,
// time series and arrays of them, operators, and functions from ABS to
// TIME_SERIES, SEARCH included.
//
// It knows no store and no wire: series come from an [Env], which also says on
// which grid of times new points stand. What AWS has and this package has not
// (anomaly detection, Metrics Insights and the like) is an error in whose chain
// [ErrUnsupported] is, never a different answer.
//
//	e, err := metricmath.Parse("errors / requests * 100")
//	value, err := e.Eval(&metricmath.Env{…})
//
// It follows
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html.
// Where that page is silent, the comment at the function says what is done.
package metricmath

import (
	"errors"
	"fmt"
)

// A Series is the points of one metric, or of one line that was computed.
// Times ascend; each has a value, which is finite.
type Series struct {
	ID     string // of the query it came from; METRICS("x") looks into it
	Label  string
	Period int64 // seconds from one point to the next
	Metric any   // what the caller knows of the metric that it is, or is made of
	Times  []int64
	Values []float64

	Computed bool // no metric itself; PERIOD takes only metrics
}

// at is the value at a time.
func (s *Series) at(t int64) (float64, bool) {
	low, high := 0, len(s.Times)
	for low < high {
		mid := (low + high) / 2
		if s.Times[mid] < t {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(s.Times) && s.Times[low] == t {
		return s.Values[low], true
	}
	return 0, false
}

// like is an empty series that says of itself what s says, but is computed.
func (s *Series) like(room int) *Series {
	return &Series{
		ID: s.ID, Label: s.Label, Period: s.Period, Metric: s.Metric, Computed: true,
		Times: make([]int64, 0, room), Values: make([]float64, 0, room),
	}
}

// Kind is the type of a [Value].
type Kind int

// The types that metric math has.
const (
	KindScalar Kind = iota // S in AWS's tables
	KindSeries             // TS
	KindArray              // TS[]
)

// String is the type as AWS's tables have it.
func (k Kind) String() string { return [...]string{"S", "TS", "TS[]"}[k] }

// A Value is what an expression is worth: a number, a series, or an array of
// series. A number may be NaN: then it has none, e.g. the maximum of nothing.
type Value struct {
	Kind   Kind
	Scalar float64
	Series []*Series // one for a series, any number for an array
}

// Scalar is a number as a value.
func Scalar(f float64) Value { return Value{Kind: KindScalar, Scalar: f} }

// One is a series as a value.
func One(s *Series) Value { return Value{Kind: KindSeries, Series: []*Series{s}} }

// Array is an array of series as a value.
func Array(list ...*Series) Value { return Value{Kind: KindArray, Series: list} }

// An Env is what an expression may ask of the request that it stands in. It is
// not safe for concurrent use.
type Env struct {
	// Start, End and Period are the grid, in seconds, on which TIME_SERIES makes
	// its points; FILL and the functions of time use their series' own period.
	Start, End, Period int64

	// Lookup is the value of another query by its id.
	Lookup func(id string) (Value, error)

	// Metrics are the metrics of the request, for METRICS().
	Metrics []*Series

	// Search answers SEARCH; nil where it is not allowed.
	Search func(*Search) ([]*Series, error)

	// Points is how many points may be made; one pointer shared by the expressions
	// of a request bounds them together. Nil: no bound.
	Points *int
}

// ErrUnsupported is in the chain of every error about something that AWS can do
// and this package cannot.
var ErrUnsupported = errors.New("not supported by localaws")

// An Error says where an expression is wrong, and how.
type Error struct {
	Offset int // in bytes
	Text   string
	Err    error // ErrUnsupported, or nil
}

func (e *Error) Error() string { return e.Text }

// Unwrap is [ErrUnsupported] or nil.
func (e *Error) Unwrap() error { return e.Err }

func fail(offset int, format string, args ...any) *Error {
	return &Error{Offset: offset, Text: fmt.Sprintf(format, args...)}
}

func unsupported(offset int, format string, args ...any) *Error {
	e := fail(offset, format, args...)
	e.Text += ": AWS has it, localaws does not support it"
	e.Err = ErrUnsupported
	return e
}
