package metrics

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

func fullDocument() *Document {
	return &Document{
		Time: datumTime(), Namespace: "shop", Dimensions: [][]string{{"route", "status"}, {"route"}, {}},
		Labels: []Label{{"route", `/cart/"all"`}, {"status", "200"}, {"note", "größe\n"}},
		Properties: []Property{
			{Name: "trace_id", Value: attribute.StringValue("1-5f84c7a1-000000000000000000000001")},
			{Name: "raw", JSON: []byte(`{"a":[1,2]}`)},
		},
		Metrics: []DocumentMetric{
			{Name: "one", Value: 3},
			{Name: "list", Values: []float64{1, 2.5}, Unit: "Seconds", Resolution: HighResolution},
			{Name: "histogram", Values: []float64{-1, 4}, Counts: []float64{2, 3}, Unit: "Bytes"},
			{Name: "summary", Statistics: &Statistics{SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4}},
			{Name: "both", Values: []float64{1}, Counts: []float64{9}, Statistics: &Statistics{SampleCount: 9, Sum: 8, Minimum: 0, Maximum: 2}},
			{Name: "alone", Value: 1, Dimensions: [][]string{{"status"}}},
			{Name: "unlisted", Value: 1e300, Dimensions: [][]string{}},
			{Name: "together", Value: -1e-9, Dimensions: [][]string{{"status"}}},
		},
	}
}

func TestAppendEMF_golden(t *testing.T) {
	golden(t, "emf_full", AppendEMF(nil, fullDocument()))
	golden(t, "emf_smallest", AppendEMF(nil, &Document{Time: datumTime(), Namespace: "n", Metrics: []DocumentMetric{{Name: "m"}}}))
	golden(t, "emf_no_metric", AppendEMF(nil, &Document{Labels: []Label{{"a", "b"}}}))
	golden(t, "emf_nothing", AppendEMF(nil, &Document{}))
}

func TestAppendEMF_notANumber(t *testing.T) {
	got := AppendEMF(nil, &Document{Metrics: []DocumentMetric{{Name: "m", Value: math.NaN()}}})
	if !json.Valid(got) {
		t.Errorf("got %s", got)
	}
}

func TestAppendEMF_allocations(t *testing.T) {
	d := fullDocument()
	dst := AppendEMF(nil, d)
	var s Splitter
	line := func([]byte) {}
	s.Lines(d, line)
	if n := testing.AllocsPerRun(100, func() { dst = AppendEMF(dst[:0], d) }); n != 0 {
		t.Errorf("AppendEMF allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { s.Lines(d, line) }); n != 0 {
		t.Errorf("Lines allocates %v times", n)
	}
}

// split returns the lines of d, and what was dropped. They are the same in
// either form.
func split(t *testing.T, d *Document) ([]string, map[string]int64) {
	t.Helper()
	var s, again Splitter
	var lines, unescaped []string
	s.Lines(d, func(line []byte) { lines = append(lines, string(line)) })
	other := *d
	other.form = escaped
	again.Lines(&other, func(line []byte) { unescaped = append(unescaped, string(appendjson.Unescape(nil, line))) })
	if strings.Join(lines, "\n") != strings.Join(unescaped, "\n") {
		t.Error("the escaped document gives other lines")
	}
	return lines, s.Dropped()
}

// documentOf is what CloudWatch would read of a line.
type documentOf struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
	members map[string]json.RawMessage
}

func readLine(t *testing.T, line string) documentOf {
	t.Helper()
	var d documentOf
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		t.Fatalf("%v: %.200s", err, line)
	}
	if err := json.Unmarshal([]byte(line), &d.members); err != nil {
		t.Fatal(err)
	}
	if len(line) > MaxDocumentBytes || strings.Contains(line, "\n") {
		t.Errorf("%d bytes: %.200s", len(line), line)
	}
	return d
}

func TestSplitter_metrics(t *testing.T) {
	d := fullDocument()
	d.Metrics = nil
	for i := range 250 {
		d.Metrics = append(d.Metrics, DocumentMetric{Name: fmt.Sprint("m", i), Value: float64(i)})
	}
	d.Metrics = append(d.Metrics, DocumentMetric{Name: "m0", Value: 1000})
	lines, dropped := split(t, d)
	var total []string
	for _, line := range lines {
		doc := readLine(t, line)
		list := doc.AWS.CloudWatchMetrics[0].Metrics
		if len(list) > MaxDocumentMetrics {
			t.Errorf("%d metrics", len(list))
		}
		for _, m := range list {
			total = append(total, m.Name+"="+string(doc.members[m.Name]))
		}
	}
	if len(lines) != 3 || len(total) != 251 || total[250] != "m0=1000" || len(dropped) != 0 {
		t.Errorf("%d lines, %d metrics, dropped %v", len(lines), len(total), dropped)
	}
}

func TestSplitter_sameName(t *testing.T) {
	d := &Document{Time: datumTime(), Metrics: []DocumentMetric{{Name: "m", Value: 1}, {Name: "other"}, {Name: "m", Value: 2}, {Name: "m", Value: 3}}}
	lines, _ := split(t, d)
	if len(lines) != 3 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		if got := string(readLine(t, line).members["m"]); got != fmt.Sprint(i+1) {
			t.Errorf("line %d has %s", i, got)
		}
	}
}

func TestSplitter_values(t *testing.T) {
	d := &Document{Time: datumTime(), Metrics: []DocumentMetric{{Name: "counted"}, {Name: "plain"}}}
	for i := range 250 {
		d.Metrics[0].Values = append(d.Metrics[0].Values, float64(i))
		d.Metrics[0].Counts = append(d.Metrics[0].Counts, 2)
		d.Metrics[1].Values = append(d.Metrics[1].Values, float64(i))
	}
	lines, _ := split(t, d)
	count, plain := 0.0, 0
	for _, line := range lines {
		doc := readLine(t, line)
		var counted struct {
			Values        []float64
			Count, Min    float64
			Counts, Other []float64
		}
		var list []float64
		if json.Unmarshal(doc.members["counted"], &counted) != nil || json.Unmarshal(doc.members["plain"], &list) != nil {
			t.Fatal(line)
		}
		if len(list) > MaxDocumentValues || len(counted.Values) > MaxDocumentValues || counted.Min != counted.Values[0] {
			t.Error(line)
		}
		count += counted.Count
		plain += len(list)
	}
	if len(lines) != 3 || count != 500 || plain != 250 {
		t.Errorf("%d lines, %v counted, %d plain", len(lines), count, plain)
	}
}

func TestSplitter_repairs(t *testing.T) {
	f := func(name string, d *Document, want string, dropped map[string]int64) {
		t.Helper()
		lines, got := split(t, d)
		if s := strings.Join(lines, "\n"); s != want {
			t.Errorf("%s: got %s, want %s", name, s, want)
		}
		if !maps.Equal(got, dropped) {
			t.Errorf("%s: dropped %v, want %v", name, got, dropped)
		}
	}
	at := datumTime()
	head := func(dimensions, metrics string) string {
		return fmt.Sprintf(`{"_aws":{"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[%s],"Metrics":[%s]}],"Timestamp":%d}`, dimensions, metrics, at.UnixMilli())
	}
	m := []DocumentMetric{{Name: "m", Value: 1}}
	f("nothing", &Document{Time: at}, "", nil)
	f("properties alone", &Document{Properties: []Property{{Name: "a", Value: attribute.IntValue(1)}}}, `{"a":1}`, nil)
	f("unknown dimension", &Document{Time: at, Namespace: "n", Dimensions: [][]string{{"a", "b"}}, Labels: []Label{{"a", "x"}}, Metrics: m},
		head(`["a"]`, `{"Name":"m"}`)+`,"a":"x","m":1}`, map[string]int64{DropNameTaken: 1})
	f("names taken", &Document{
		Time: at, Namespace: "n", Dimensions: [][]string{{"a"}}, Labels: []Label{{"a", "x"}, {"m", "y"}, {"_aws", "z"}, {"a", "again"}},
		Properties: []Property{{Name: "a"}, {Name: "m"}, {Name: "_aws"}, {Name: "p"}}, Metrics: m,
	}, head(`["a"]`, `{"Name":"m"}`)+`,"a":"x","p":null,"m":1}`, map[string]int64{DropNameTaken: 6})
	f("numbers", &Document{Time: at, Namespace: "n", Metrics: []DocumentMetric{
		{Name: "nan", Value: math.NaN()}, {Name: "huge", Values: []float64{1, math.Ldexp(1, 400)}}, {Name: "m", Value: 1},
		{Name: "inf", Statistics: &Statistics{Sum: math.Inf(1)}}, {Name: ""}, {Name: "_aws"},
	}}, head(`[]`, `{"Name":"m"}`)+`,"m":1}`, map[string]int64{DropNotFinite: 2, DropOutOfRange: 1, DropNoName: 2})
}

func TestSplitter_dimensions(t *testing.T) {
	d := &Document{Time: datumTime(), Dimensions: [][]string{nil}, Metrics: []DocumentMetric{{Name: "m"}}}
	for i := range 40 {
		d.Labels = append(d.Labels, Label{fmt.Sprint("k", i), "v"})
		d.Dimensions[0] = append(d.Dimensions[0], fmt.Sprint("k", i))
	}
	lines, dropped := split(t, d)
	if got := readLine(t, lines[0]).AWS.CloudWatchMetrics[0].Dimensions[0]; len(got) != MaxDimensions || dropped[DropDimensionLimit] != 10 {
		t.Errorf("%d dimensions, dropped %v", len(got), dropped)
	}
}

func TestSplitter_bytes(t *testing.T) {
	d := fullDocument()
	d.Labels = append(d.Labels, Label{"text", strings.Repeat("x", MaxDocumentBytes/2)})
	for i := range 90 {
		d.Metrics = append(d.Metrics, DocumentMetric{Name: strings.Repeat("long", 3000) + fmt.Sprint(i), Value: 1})
	}
	d.Properties = append(d.Properties, Property{Name: "quotes", Value: attribute.StringValue(strings.Repeat(`"\`, MaxDocumentBytes/20))})
	lines, dropped := split(t, d)
	n := 0
	for _, line := range lines {
		for _, directive := range readLine(t, line).AWS.CloudWatchMetrics {
			n += len(directive.Metrics)
		}
	}
	if n != 97 || dropped[DropOutOfRange] != 1 || len(lines) < 4 {
		t.Errorf("%d lines, %d metrics, dropped %v", len(lines), n, dropped)
	}
	d = fullDocument()
	d.Properties[0].Value = attribute.StringValue(strings.Repeat("x", MaxDocumentBytes))
	d.Labels[2].Value = strings.Repeat("y", MaxDocumentBytes)
	d.Metrics = append(d.Metrics, DocumentMetric{Name: strings.Repeat("z", MaxDocumentBytes)})
	lines, dropped = split(t, d)
	for _, line := range lines {
		readLine(t, line)
	}
	if dropped[DropTooLarge] < 4 || len(lines) == 0 {
		t.Errorf("%d lines, dropped %v", len(lines), dropped)
	}
}

func FuzzSplitter(f *testing.F) {
	f.Add("n", "route", "/cart", "m", 1.5, uint8(3))
	f.Add("", "_aws", "\xff", "route", math.Inf(1), uint8(200))
	f.Fuzz(func(t *testing.T, namespace, label, value, name string, number float64, n uint8) {
		d := &Document{Time: datumTime(), Namespace: namespace, Dimensions: [][]string{{label}, {name}}, Labels: []Label{{label, value}, {name, value}}}
		for i := range int(n) {
			d.Metrics = append(d.Metrics, DocumentMetric{Name: name[:len(name)*i/255], Value: number, Values: make([]float64, i)})
		}
		lines, _ := split(t, d)
		for _, line := range lines {
			if !json.Valid([]byte(line)) || strings.ContainsRune(line, '\n') {
				t.Errorf("%q", line)
			}
		}
	})
}
