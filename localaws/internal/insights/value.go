package insights

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// kind is the type of a value.
type kind uint8

const (
	null kind = iota
	text
	number
	boolean
	timestamp // n is milliseconds since 1970
	structure // any is a map or a list, from jsonParse
)

// A value is what an expression gives. Texts that look like numbers count as
// numbers where one is wanted, as in AWS: fields of parse are texts.
type value struct {
	kind kind
	n    float64
	s    string // text; of a number, how it was written, if it was
	any  any
}

func textValue(s string) value    { return value{kind: text, s: s} }
func timeValue(ms float64) value  { return value{kind: timestamp, n: ms} }
func numberValue(n float64) value { return number1(n, "") }

// number1 is a number; one that cannot be written is no value.
func number1(n float64, written string) value {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return value{}
	}
	return value{kind: number, n: n, s: written}
}

func boolValue(b bool) value {
	if b {
		return value{kind: boolean, n: 1}
	}
	return value{kind: boolean}
}

// plain is the value where maps and lists are none: in functions, comparisons,
// stats, sort and dedup. See "Structure types" in
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
func (v value) plain() value {
	if v.kind == structure {
		return value{}
	}
	return v
}

// num is the value as a number.
func (v value) num() (float64, bool) {
	switch v.kind {
	case number, boolean, timestamp:
		return v.n, true
	case text:
		return parseNumber(v.s)
	}
	return 0, false
}

// parseNumber reads decimal numbers only: no hexadecimal, infinity or NaN.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s, "xXpPnN_iI") {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// truth is whether a filter lets the value pass.
func (v value) truth() bool {
	switch v.kind {
	case number, boolean:
		return v.n != 0
	case text:
		n, ok := parseNumber(v.s)
		return strings.EqualFold(v.s, "true") || ok && n != 0
	}
	return false
}

// String is the value as rows show it.
func (v value) String() string {
	switch v.kind {
	case text:
		return v.s
	case number, boolean:
		if v.s != "" {
			return v.s
		}
		return formatNumber(v.n)
	case timestamp:
		return formatTime(v.n)
	case structure:
		b, err := json.Marshal(v.any)
		if err != nil { // it came from JSON
			return ""
		}
		return string(b)
	}
	return ""
}

// shownDecimals is how many decimals results of AWS have, e.g. 122.0703.
const shownDecimals = 4

func formatNumber(n float64) string {
	const scale = 1e4
	if n == math.Trunc(n) || math.Abs(n) > 1e15/scale {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	s := strconv.FormatFloat(math.Round(n*scale)/scale, 'f', shownDecimals, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// timeLayout is how results show timestamps, in UTC.
const timeLayout = "2006-01-02 15:04:05.000"

// maxMillis bounds times that a calendar can show: the year 9999.
const maxMillis = 253_402_300_799_999

func formatTime(ms float64) string {
	if math.Abs(ms) > maxMillis {
		return formatNumber(ms)
	}
	return time.UnixMilli(int64(ms)).UTC().Format(timeLayout)
}

// size is what the value costs in memory, about.
func (v value) size() int {
	const overhead = 64
	if v.kind == structure {
		return overhead + len(v.String())*4
	}
	return overhead + len(v.s)
}

// equal is the operator =. Texts are equal as texts; a number equals a text that
// reads as that number.
func equal(a, b value) bool {
	if a.kind == null || b.kind == null {
		return false
	}
	if a.kind == text && b.kind == text {
		return a.s == b.s
	}
	if a.kind == boolean && b.kind == text || a.kind == text && b.kind == boolean {
		word := a.s + b.s
		if strings.EqualFold(word, "true") || strings.EqualFold(word, "false") {
			return strings.EqualFold(word, "true") == (a.n+b.n != 0)
		}
	}
	x, ok := a.num()
	y, ok2 := b.num()
	if ok && ok2 {
		return x == y
	}
	return a.String() == b.String()
}

// less is the operator <; ordered says that the two can be compared.
func less(a, b value) (result, ordered bool) {
	if a.kind == null || b.kind == null {
		return false, false
	}
	x, ok := a.num()
	y, ok2 := b.num()
	if ok && ok2 {
		return x < y, true
	}
	return a.String() < b.String(), true
}
