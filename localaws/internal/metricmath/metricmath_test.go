package metricmath_test

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
)

// monday is the start of all series here; their period is a minute.
var monday = time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC)

const minute = 60

// series reads points, a minute from one to the next; - is none.
func series(id, points string) *metricmath.Series {
	s := &metricmath.Series{ID: id, Label: id, Period: minute, Metric: id}
	for i, p := range strings.Fields(points) {
		if p == "-" {
			continue
		}
		f, err := strconv.ParseFloat(p, 64)
		if err != nil {
			panic(err)
		}
		s.Times = append(s.Times, monday.Unix()+int64(i)*minute)
		s.Values = append(s.Values, f)
	}
	return s
}

// show is the reverse of series, over n minutes.
func show(s *metricmath.Series, n int) string {
	points := make([]string, n)
	for i := range points {
		points[i] = "-"
	}
	for i, t := range s.Times {
		at := (t - monday.Unix()) / minute
		if at < 0 || at >= int64(n) || (t-monday.Unix())%minute != 0 {
			return fmt.Sprintf("a point at %d", t)
		}
		points[at] = strconv.FormatFloat(s.Values[i], 'g', 6, 64)
	}
	return strings.Join(points, " ")
}

// env has the metrics in their order; e1 is the expression that they add up to.
func env(minutes int, metrics ...*metricmath.Series) *metricmath.Env {
	e := &metricmath.Env{
		Start: monday.Unix(), End: monday.Unix() + int64(minutes)*minute, Period: minute, Metrics: metrics,
		Search: func(*metricmath.Search) ([]*metricmath.Series, error) { return metrics, nil },
	}
	e.Lookup = func(id string) (metricmath.Value, error) {
		for _, m := range metrics {
			if m.ID == id {
				return metricmath.One(m), nil
			}
		}
		if id == "all" {
			return metricmath.Array(metrics...), nil
		}
		return metricmath.Value{}, fmt.Errorf("no %q", id)
	}
	return e
}

// eval is the series of an expression, one a line, and its type.
func eval(t *testing.T, e *metricmath.Env, text string) string {
	t.Helper()
	x, err := metricmath.Parse(text)
	if err != nil {
		return err.Error()
	}
	v, err := x.Eval(e)
	if err != nil {
		return err.Error()
	}
	if v.Kind == metricmath.KindScalar {
		return strconv.FormatFloat(v.Scalar, 'g', 6, 64)
	}
	lines := make([]string, len(v.Series))
	for i, s := range v.Series {
		lines[i] = show(s, int((e.End-e.Start)/minute))
	}
	if v.Kind == metricmath.KindSeries {
		return lines[0]
	}
	return "[" + strings.Join(lines, "; ") + "]"
}

// The examples of AWS's page, with the results that it gives or that follow from
// its words.
func TestEval_documentation(t *testing.T) {
	compared := env(4, series("metric1", "30 20 0 0"), series("metric2", "20 - 20 -"))
	f := func(e *metricmath.Env, text, want string) {
		t.Helper()
		if got := eval(t, e, text); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
	f(compared, "(metric1 < metric2)", "0 0 1 0")
	f(compared, "(metric1 >= 30)", "1 0 0 0")
	f(compared, "(metric1 > 15 AND metric2 > 15)", "1 0 0 0")
	f(compared, "metric1 > 15 && metric2 > 15", "1 0 0 0")
	f(compared, "metric1 == 0 || metric2 == 20", "1 0 1 1")

	conditions := env(5, series("metric1", "1 1 0 0 -"), series("metric2", "30 - 0 0 30"), series("metric3", "0 0 20 - 20"))
	f(conditions, "IF(metric1, metric2, metric3)", "30 0 20 - -")
	f(conditions, "IF(metric1, 5, metric3)", "5 5 20 - -")
	f(conditions, "IF(metric1, metric2, 5)", "30 0 5 5 -")
	f(conditions, "IF(metric1, metric2)", "30 0 - - -")
	f(conditions, "IF(metric1<400, 10, 2)", "10 10 10 10 -")
	f(conditions, "IF(1, metric2, metric3)", "30 - 0 0 30")
	f(conditions, "IF(0, metric2, metric3)", "0 0 20 - 20")
	f(conditions, "IF(0, metric2)", "- - - - -")

	two := env(4, series("m1", "1 2 3 4"), series("m2", "10 - 30 0"))
	f(two, "PERIOD(m1)/60", "1")
	f(two, "5 * m1", "5 10 15 20")
	f(two, "m1 - m2", "-9 2 -27 4")
	f(two, "SUM(100/[m1, m2])", "110 50 36.6667 25") // 100/0 is dropped
	f(two, "AVG([m1,m2]/m1)", "5.5 0.5 5.5 0.5")     // what is missing is 0
	f(two, "METRICS()*100", "[100 200 300 400; 1000 - 3000 0]")
	f(two, "-5*m1", "-5 -10 -15 -20")
	f(two, "-m1", "-1 -2 -3 -4")
	f(two, "SUM(-[m1, m2])", "-11 -2 -33 -4")
	f(two, "m1/m2", "0.1 - 0.1 -")
	f(two, "ABS(m1-m2)", "9 2 27 4")
	f(two, "MIN(ABS([m1, m2]))", "1 2 3 0")
	f(two, "SUM([m1,m2])/AVG(m2)", "0.825 0.15 2.475 0.3")
	f(two, "AVG(METRICS())", "5.5 1 16.5 2")
	f(two, "SUM(CEIL(METRICS()/3))", "5 1 11 2")
	f(two, "FLOOR(m1/3)", "0 0 1 1")
	f(two, "SUM(m2) / DATAPOINT_COUNT(m2) * m1", "13.3333 26.6667 40 53.3333")
	f(two, "DATAPOINT_COUNT(METRICS())", "2 1 2 2")
	f(two, "DIFF(m2)", "- - 20 -30")
	f(two, "DIFF_TIME(METRICS())", "[- 60 60 60; - - 120 60]")
	f(two, "RATE(m2)", "- - 0.166667 -0.5")
	f(two, "RUNNING_SUM([m1,m2])", "[1 3 6 10; 10 - 40 40]")
	f(two, "FILL(m2,10)", "10 10 30 0")
	f(two, "FILL(METRICS(), 0)", "[1 2 3 4; 10 0 30 0]")
	f(two, "FILL(METRICS(), m1)", "[1 2 3 4; 10 2 30 0]")
	f(two, "FILL(m2, MIN(m1))", "10 1 30 0")
	f(two, "FILL(m2, REPEAT)", "10 10 30 0")
	f(two, "FILL(METRICS(), LINEAR)", "[1 2 3 4; 10 20 30 0]")
	f(two, "IF(FIRST(SORT(METRICS(), AVG, DESC))>9, 1, 0)", "1 - 1 0")
	f(two, "LOG(METRICS())", "[0 0.693147 1.09861 1.38629; 2.30259 - 3.4012 -]")
	f(two, "LOG10(m2)", "1 - 1.47712 -")
	f(two, "MAX(m1)/m1", "4 2 1.33333 1")
	f(two, "m1/METRIC_COUNT(METRICS())", "0.5 1 1.5 2")
	f(two, "m1-MIN(m1)", "0 1 2 3")
	f(two, "m1/PERIOD(m1)*60", "1 2 3 4")
	f(two, "SLICE(SORT(METRICS(), SUM, DESC), 0, 1)", "[10 - 30 0]")
	f(two, "SLICE(SORT(METRICS(), AVG, ASC), 1)", "[10 - 30 0]")
	f(two, "SORT(METRICS(), AVG, DESC, 1)", "[10 - 30 0]")
	f(two, "SORT(METRICS(), MAX, ASC)", "[1 2 3 4; 10 - 30 0]")
	f(two, "m1/STDDEV(m1)", "0.894427 1.78885 2.68328 3.57771")
	f(two, "STDDEV(METRICS())", "4.5 0 13.5 2")
	f(two, "TIME_SERIES(MAX(m1))", "4 4 4 4")
	f(two, "TIME_SERIES(10)", "10 10 10 10")
	f(two, "SUM(SEARCH(' {Shop} Errors ', 'Sum', 300))", "11 2 33 4")

	named := env(2, series("errors4xx", "1 2"), series("errors5xx", "3 4"), series("requests", "10 20"))
	f(named, `SUM(METRICS("errors"))`, "4 6")
	f(named, `SUM([METRICS("4xx"), METRICS('5xx')])`, "4 6")
	f(named, `SUM(METRICS("errors"))/SUM(METRICS("requests"))*100`, "40 30")

	days := env(3, series("m1", "1 2 3"), series("gone", "- - -"))
	f(days, "MINUTE(m1)", "30 31 32")
	f(days, "HOUR(m1)", "10 10 10")
	f(days, "DAY(m1)", "1 1 1")
	f(days, "DATE(m1)", "23 23 23")
	f(days, "MONTH(m1)", "11 11 11")
	f(days, "YEAR(m1)", "2026 2026 2026")
	f(days, "EPOCH(m1)-EPOCH(gone)", "0 0 0")
	f(days, "IF(DAY(m1)<6,m1)", "1 2 3")
	f(days, "IF(MONTH(m1) == 4,m1)", "- - -")
	f(days, "REMOVE_EMPTY(METRICS())", "[1 2 3]")
	f(days, "LAST(METRICS())", "- - -")
	f(days, "FILL(gone, 7)", "7 7 7")
	f(days, "FILL(gone, REPEAT)", "- - -")
}

func TestEval_operators(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := eval(t, env(2, series("m1", "1 2")), text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	f("1 + 2 * 3", "7")
	f("(1 + 2) * 3", "9")
	f("2 ^ 3 ^ 2", "512")
	f("-2 ^ 2", "-4")
	f("2 ^ -1", "0.5")
	f("8 / 4 / 2", "1")
	f("1 - -1", "2")
	f("1 + 1 == 2 AND 3 > 2 OR 0", "1")
	f("0 OR 0 AND 1", "0")
	f("1 < 2 == 1", "1")
	f(".5 + 0.25", "0.75")
	f("MAX(m1) - 2 > 0", "0")
	f("m1 / 0", "- -")
	f("m1 + AVG(IF(0, m1))", "- -") // the average of nothing is no number
}

func TestParse_refuses(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		got := eval(t, env(2, series("m1", "1 2"), series("m2", "3 4")), text)
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", text, got, want)
		}
	}
	f("", "the end of the expression")
	f("m1 +", "the end of the expression")
	f("(m1", `Expected ")"`)
	f("m1 m2", `Unexpected "m2"`)
	f("M1", "ids begin with a small letter")
	f("1e3", "is no number")
	f("1.2.3", "is no number")
	f("m1 % 2", `Unexpected character '%'`)
	f("avg(m1)", `Unknown function "avg"`)
	f("NOPE(m1)", `Unknown function "NOPE"`)
	f("FILL(m1)", "takes 2 arguments")
	f("[]", "An array is empty")
	f("[m1, 2]", "not numbers")
	f("[m1] + [m2]", "two arrays")
	f("METRICS() > 2", "no arrays")
	f("PERIOD(m1*2)", "must be a metric")
	f("PERIOD(2)", "of type S, expected TS")
	f("ABS(2)", "of type S, expected TS or TS[]")
	f("METRIC_COUNT(m1)", "of type TS, expected TS[]")
	f("SORT(METRICS(), STDDEV, ASC)", "Unknown identifier")
	f("SORT(METRICS(), AVG, REPEAT)", "must be ASC, DESC")
	f("FILL(m1, ASC)", "must be REPEAT, LINEAR")
	f("IF(1, 2, 3)", "of type S, expected TS")
	f("IF(METRICS(), 2, 3)", "of type TS[], expected S or TS")
	f(`"text"`, "A string cannot stand here")
	f("REPEAT", "cannot stand here")
	f("METRICS(m1)", "must be a string")
	f(`METRICS("m1`, "A string has no end")
	f("TIME_SERIES(m1)", "of type TS, expected S")
	f("SEARCH('', 'Sum')", "a metric schema, a search term, or both")
	f(strings.Repeat("(", 1000)+"1"+strings.Repeat(")", 1000), "nested too deeply")
	f(strings.Repeat("-", 1000)+"1", "nested too deeply")
}

// What AWS can do and localaws cannot is an error that says so.
func TestParse_unsupported(t *testing.T) {
	for _, text := range []string{
		"ANOMALY_DETECTION_BAND(m1, 2)", "INSIGHT_RULE_METRIC('rule', 'Sum')", "SERVICE_QUOTA(m1)",
		"DB_PERF_INSIGHTS('RDS', 'db-1', 'x')", "LAMBDA('name')", "m1 + LAMBDA('x')",
		"SELECT AVG(CPUUtilization) FROM SCHEMA(\"AWS/EC2\", InstanceId)", " select 1",
	} {
		_, err := metricmath.Parse(text)
		if !errors.Is(err, metricmath.ErrUnsupported) || !strings.Contains(err.Error(), "localaws does not support it") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEval_boundsPoints(t *testing.T) {
	f := func(text string) {
		t.Helper()
		points := 1000
		e := env(100, series("m1", "1 2"))
		e.Points = &points
		x, err := metricmath.Parse(text)
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := x.Eval(e); !errors.Is(err, metricmath.ErrUnsupported) {
			t.Errorf("%s: %v", text, err)
		}
	}
	f("TIME_SERIES(1)" + strings.Repeat("+TIME_SERIES(1)", 20))
	f("SUM([" + strings.Repeat("FILL(m1, 0),", 20) + "m1])")
	e := env(100)
	e.Start = 0
	x, err := metricmath.Parse("TIME_SERIES(1)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Eval(e); !errors.Is(err, metricmath.ErrUnsupported) {
		t.Errorf("56 years of minutes: %v", err)
	}
}

func TestRefs(t *testing.T) {
	x, err := metricmath.Parse(`m2 + IF(m1 > m2, e_3) / SUM(METRICS("m4"))`)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(x.Refs()); got != "[m2 m1 e_3]" {
		t.Error(got)
	}
	if !x.Uses("METRICS") || x.Uses("SEARCH") {
		t.Error("METRICS is used, SEARCH is not")
	}
}

func FuzzEval(f *testing.F) {
	for _, seed := range []string{
		"m1+m2*3-4/5^6", "IF(m1>2 AND m2<3, FILL(m1, REPEAT), TIME_SERIES(0))", `SUM(METRICS("m"))`,
		"SLICE(SORT([m1,m2], AVG, DESC, 1), 0, 1)", "SEARCH('{A,B} NOT (a OR \"b\\\"\") c=d', 'Sum', 60)",
		"RATE(-m1)!=MAX(m2)||1", "DAY(m1)/STDDEV(m2)", "SELECT x", "[[m1],m2]", "'\\'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := metricmath.Parse(text)
		if err != nil {
			return
		}
		points := 100_000
		e := env(10, series("m1", "1 2 - 4 5"), series("m2", "- 0 -3 4 5"))
		e.Points = &points
		v, err := x.Eval(e)
		if err != nil {
			return
		}
		for _, s := range v.Series {
			if len(s.Times) != len(s.Values) {
				t.Fatalf("%d times, %d values", len(s.Times), len(s.Values))
			}
			for i, value := range s.Values {
				if math.IsNaN(value) || math.IsInf(value, 0) || i > 0 && s.Times[i] <= s.Times[i-1] {
					t.Fatalf("%q: point %d of %v %v", text, i, s.Times, s.Values)
				}
			}
		}
	})
}

func BenchmarkEval(b *testing.B) {
	x, err := metricmath.Parse("IF(m2 > 0, m1 / m2 * 100, 0)")
	if err != nil {
		b.Fatal(err)
	}
	e := env(1440, series("m1", strings.Repeat("1 ", 1440)), series("m2", strings.Repeat("2 ", 1440)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Eval(e); err != nil {
			b.Fatal(err)
		}
	}
}
