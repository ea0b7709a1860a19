package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Time is a point in time as AWS writes it: seconds since 1970 as a number in
// JSON, the same under tag 1 in CBOR, ISO 8601 in awsQuery and its XML.
// It is exact to the millisecond, as AWS's is.
type Time struct{ time.Time }

// NewTime is t to the millisecond, in UTC.
func NewTime(t time.Time) Time { return Time{t.Round(time.Millisecond).UTC()} }

// TimePtr is NewTime for an optional member; nil for the zero time.
func TimePtr(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	w := NewTime(t)
	return &w
}

// maxSeconds is the end of the year 9999, the last moment ISO 8601 can write.
const maxSeconds = 253402300799

// fromSeconds refuses what no calendar has; the sum of a float's parts is exact
// enough for milliseconds until far beyond that.
func fromSeconds(s float64) (Time, error) {
	if math.IsNaN(s) || s < -maxSeconds || s > maxSeconds {
		return Time{}, fmt.Errorf("timestamp %v is out of range", s)
	}
	whole, frac := math.Modf(s)
	return NewTime(time.Unix(int64(whole), int64(frac*1e9))), nil
}

// seconds is the time as a number of seconds.
func (t Time) seconds() float64 { return float64(t.UnixMilli()) / 1e3 }

// MarshalJSON writes seconds, with three decimals where there are any.
func (t Time) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, t.seconds(), 'f', -1, 64), nil
}

// UnmarshalJSON reads seconds, or ISO 8601 in a string.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		return t.parse(s)
	}
	s, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return fmt.Errorf("timestamp %s is not a number", b)
	}
	*t, err = fromSeconds(s)
	return err
}

// cborEpoch is the tag of seconds since 1970.
const cborEpoch = 1

// MarshalCBOR writes tag 1 and seconds.
func (t Time) MarshalCBOR() ([]byte, error) {
	return cborEncoding.Marshal(cbor.Tag{Number: cborEpoch, Content: t.seconds()})
}

// UnmarshalCBOR reads tag 1 and a number of seconds.
func (t *Time) UnmarshalCBOR(b []byte) error {
	if len(b) == 1 && (b[0] == 0xf6 || b[0] == 0xf7) { // null, undefined
		return nil
	}
	var raw cbor.RawTag
	if err := cborDecoding.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("timestamp: %w", err)
	}
	if raw.Number != cborEpoch {
		return fmt.Errorf("timestamp has tag %d, not 1", raw.Number)
	}
	var s float64
	if err := cborDecoding.Unmarshal(raw.Content, &s); err != nil {
		return fmt.Errorf("timestamp: %w", err)
	}
	var err error
	*t, err = fromSeconds(s)
	return err
}

// iso is how awsQuery and XML write it.
func (t Time) iso() string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }

// timeLayouts are the forms of ISO 8601 that AWS's clients write.
var timeLayouts = [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02"}

// parse reads ISO 8601, or seconds as a number.
func (t *Time) parse(s string) error {
	s = strings.TrimSpace(s)
	if s == "" {
		return errors.New("timestamp is empty")
	}
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			*t = NewTime(at)
			return nil
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return fmt.Errorf("timestamp %q is not ISO 8601", s)
	}
	*t, err = fromSeconds(f)
	return err
}
