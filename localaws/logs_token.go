package localaws

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
)

// Tokens carry a place in what is read, so that the server remembers nothing
// and a page goes on where the last one ended, whatever has come since.

// encodeToken makes a token of a name.
func encodeToken(name string) string { return base64.RawURLEncoding.EncodeToString([]byte(name)) }

// nameToken reads a token that encodeToken made; "" for none.
func (c *call) nameToken(token *string) (string, error) {
	if token == nil {
		return "", nil
	}
	name, ok := decodeToken(*token)
	if !ok {
		return "", c.refuse(&ruleLogToken, "nextToken", *token, c.body)
	}
	return name, nil
}

func decodeToken(token string) (string, bool) {
	name, err := base64.RawURLEncoding.DecodeString(token)
	return string(name), err == nil && len(name) > 0
}

// digits of a place: of its time and of its number. AWS's have 56 as well.
const (
	timeDigits = 16
	seqDigits  = 40
)

// String is the place in 56 digits.
func (p logPos) String() string {
	at := min(max(p.at, 0), 9_999_999_999_999_999)
	return fmt.Sprintf("%0*d%0*d", timeDigits, at, seqDigits, p.seq)
}

func parseLogPos(text string) (logPos, bool) {
	if len(text) != timeDigits+seqDigits {
		return logPos{}, false
	}
	at, err := strconv.ParseInt(text[:timeDigits], 10, 64)
	seq, err2 := strconv.ParseUint(text[timeDigits:], 10, 64)
	return logPos{at, seq}, err == nil && err2 == nil && at >= 0
}

// eventID is the id of an event in FilterLogEvents.
func (e *logEvent) eventID() string { return e.pos().String() }

// logTimes turns the milliseconds of a request into places: from start on,
// and before end.
func logTimes(start, end *int64) (from, to logPos) {
	from, to = firstPos, lastPos
	if start != nil {
		from.at = *start
	}
	if end != nil {
		to = logPos{at: *end}
	}
	return from, to
}

// through is the end of a range that includes all of its last millisecond.
func through(end *int64) *int64 {
	if end == nil || *end == math.MaxInt64 {
		return nil
	}
	next := *end + 1
	return &next
}
