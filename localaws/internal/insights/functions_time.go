package insights

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func fromMillis(v value) value {
	n, ok := v.num()
	if !ok {
		return value{}
	}
	return timeValue(n)
}

func toMillis(v value) value {
	if v.kind != timestamp {
		return value{}
	}
	return numberValue(v.n)
}

// rangeTime is a time of the query's range, which may have no start or no end
// where the console asks.
func rangeTime(ms int64) value {
	if ms < -maxMillis || ms > maxMillis {
		return value{}
	}
	return numberValue(float64(ms))
}

// A timeFunction truncates a time to a period; withTime says that its first
// argument is the time, else it is the event's.
type timeFunction struct{ withTime, up bool }

var timeFunctions = map[string]*timeFunction{
	"bin":       {},
	"datefloor": {withTime: true},
	"dateceil":  {withTime: true, up: true},
}

// A period is a number of milliseconds, counted from origin, or, for what differs
// in length, of months. Most is the largest number that the unit takes.
type period struct{ millis, months, origin, most int64 }

const dayMillis = 24 * 3_600_000

// maxPeriod bounds the number before a unit that AWS does not cap, so that no
// length overflows.
const maxPeriod = 1_000_000

// periodUnits are the units of AWS without the s of their plurals; see
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html.
// Of the caps, 1000 for ms, 60 for s and m, 24 for h, tells
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html:
// bin(300s) is bin(60s) there.
var periodUnits = unitNames(map[string]period{
	"ms msec millisecond": {millis: 1, most: 1000},
	"s sec second":        {millis: 1000, most: 60},
	"m min minute":        {millis: 60_000, most: 60},
	"h hr hour":           {millis: 3_600_000, most: 24},
	"d day":               {millis: dayMillis, most: maxPeriod},
	"w week":              {millis: 7 * dayMillis, origin: mondayMillis, most: maxPeriod},
	"mo mon month":        {months: 1, most: maxPeriod},
	"q qtr quarter":       {months: 3, most: maxPeriod},
	"y yr year":           {months: 12, most: maxPeriod},
})

func unitNames(units map[string]period) map[string]period {
	names := make(map[string]period)
	for list, unit := range units {
		for name := range strings.FieldsSeq(list) {
			names[name] = unit
		}
	}
	return names
}

// parsePeriod reads a number and a unit. A number over the unit's cap counts as
// the cap, as AWS does it.
func parsePeriod(s string) (period, bool) {
	digits := 0
	for digits < len(s) && isDigit(s[digits]) {
		digits++
	}
	n, err := strconv.ParseInt(s[:digits], 10, 64)
	name := strings.ToLower(s[digits:])
	unit, ok := periodUnits[name]
	if single := strings.TrimSuffix(name, "s"); !ok && len(single) > 1 {
		unit, ok = periodUnits[single]
	}
	if err != nil || !ok || n < 1 || n > maxPeriod {
		return period{}, false
	}
	n = min(n, unit.most)
	return period{millis: unit.millis * n, months: unit.months * n, origin: unit.origin}, true
}

// truncation is bin, datefloor and dateceil.
type truncation struct {
	at     expr
	period period
	up     bool
}

func (e truncation) eval(r *row) value {
	n, ok := e.at.eval(r).num()
	if !ok || math.Abs(n) > maxMillis {
		return value{}
	}
	ms := int64(math.Floor(n))
	down := e.period.floor(ms)
	if e.up && float64(down) < n {
		down = e.period.next(down)
	}
	return timeValue(float64(down))
}

// mondayMillis is the first Monday: 5 January 1970. Weeks are counted from it.
const mondayMillis = 4 * dayMillis

func (p period) floor(ms int64) int64 {
	if p.months > 0 {
		t := time.UnixMilli(ms).UTC()
		months := int64(t.Year())*12 + int64(t.Month()) - 1
		return monthMillis(months - mod(months, p.months))
	}
	return ms - mod(ms-p.origin, p.millis)
}

func (p period) next(ms int64) int64 {
	if p.months > 0 {
		t := time.UnixMilli(ms).UTC()
		return monthMillis(int64(t.Year())*12 + int64(t.Month()) - 1 + p.months)
	}
	return ms + p.millis
}

func monthMillis(months int64) int64 {
	return time.Date(int(months/12), time.Month(months%12+1), 1, 0, 0, 0, 0, time.UTC).UnixMilli()
}

// mod is never negative.
func mod(a, b int64) int64 { return (a%b + b) % b }
