package insights

import (
	"reflect"
	"strings"
	"testing"
)

func TestShape(t *testing.T) {
	f := func(query string, columns []string, want Shape) {
		t.Helper()
		q, err := Parse(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			return
		}
		if got := q.Shape(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", query, got, want)
		}
		if got := q.Columns(); !reflect.DeepEqual(got, columns) {
			t.Errorf("%s: columns %q, want %q", query, got, columns)
		}
	}
	f("filter a = 1", []string{"@timestamp", "@message"}, Shape{})
	f("fields a, b as c | display c", []string{"c"}, Shape{})
	f("stats count(*) by bin(5m)", []string{"bin(5m)", "count(*)"}, Shape{Stats: true, Time: "bin(5m)", Values: []string{"count(*)"}})
	f("stats avg(ms) as m, max(ms) by level, datefloor(@timestamp, 1h) as t | sort m",
		[]string{"level", "t", "m", "max(ms)"}, Shape{Stats: true, Time: "t", By: []string{"level"}, Values: []string{"m", "max(ms)"}})
	f("stats count(*) as n by a, bin(1m) as t | stats sum(n) as s by a", []string{"a", "s"}, Shape{Stats: true, By: []string{"a"}, Values: []string{"s"}})
	f("stats count(*) as n, sum(a) as s by bin(1m) as t | display n", []string{"n"}, Shape{Stats: true, Values: []string{"n"}})
}

// Words names all that the parser knows, and nothing else.
func TestWords(t *testing.T) {
	have := map[string]string{}
	for _, w := range Words() {
		name := strings.ToLower(w.Name)
		if have[name] != "" || w.Usage == "" || w.Means == "" {
			t.Errorf("%+v", w)
		}
		have[name] = w.Kind
	}
	want := map[string]string{}
	for name := range functions {
		want[name] = "function"
	}
	for name := range timeFunctions {
		want[name] = "function"
	}
	for name := range aggregations {
		want[name] = "aggregation"
	}
	for _, name := range []string{"fields", "filter", "parse", "stats", "sort", "limit", "display", "dedup", "unnest"} {
		want[name] = "command"
	}
	for _, name := range []string{"and", "or", "not", "like", "in", "as", "into", "by", "asc", "desc"} {
		want[name] = "keyword"
	}
	if !reflect.DeepEqual(have, want) {
		t.Errorf("words are %v, the parser knows %v", have, want)
	}
}
