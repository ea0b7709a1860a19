package bench

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/metrics"
)

// emfRounds is how many requests are compared for each of the settings.
const emfRounds = 20

// An emfTwin is our encoder with the settings of a collector's exporter.
type emfTwin struct {
	encoder *metrics.EMFEncoder
	reader  metricReader
}

func newEMFTwin(tb testing.TB, c *awsemfexporter.Config, compat bool) *emfTwin {
	tb.Helper()
	ours := configOf(c)
	ours.Compat = compat
	e, err := metrics.NewEMFEncoder(ours)
	if err != nil {
		tb.Fatal(err)
	}
	return &emfTwin{encoder: e, reader: metricReader{add: e.Add, compat: compat, namespace: c.Namespace}}
}

func (e *emfTwin) export(md pmetric.Metrics) []string {
	var list []string
	e.reader.read(md)
	e.encoder.Lines(func(_ string, _ time.Time, line []byte) { list = append(list, string(line)) })
	return list
}

// TestEMFCompat holds our documents under Compat against those of the
// collector's own exporter, for generated metrics: as JSON, whatever the order
// of documents, directives, dimension sets and their names.
func TestEMFCompat(t *testing.T) {
	f := func(name string, set func(*awsemfexporter.Config)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			peer := newEMFCollector(t, set)
			twin := newEMFTwin(t, peer.config, true)
			g := newEMFGenerator(uint64(len(name)))
			g.prometheus = peer.config.Namespace == "" // else theirs mixes receivers in one document
			documents, seen := 0, map[string]int{}
			for range emfRounds {
				md := g.round()
				ours := twin.export(md)
				theirs := peer.export(t, md)
				documents += len(ours)
				compareEMF(t, theirs, ours, seen)
				if t.Failed() {
					return
				}
			}
			t.Logf("%d documents; differences %v", documents, seen)
		})
	}
	f("defaults", func(*awsemfexporter.Config) {})
	f("no roll-up", func(c *awsemfexporter.Config) { c.DimensionRollupOption = "NoDimensionRollup" })
	f("namespace, first totals, details", func(c *awsemfexporter.Config) {
		c.Namespace, c.RetainInitialValueOfDeltaMetric, c.DetailedMetrics = "mine", true, true
	})
	f("JSON", func(c *awsemfexporter.Config) {
		c.DimensionRollupOption, c.ParseJSONEncodedAttributeValues = "NoDimensionRollup", []string{"json"}
		c.MetricDeclarations = []*awsemfexporter.MetricDeclaration{{MetricNameSelectors: []string{"."}, Dimensions: [][]string{{"method"}}}}
	})
	f("declarations", func(c *awsemfexporter.Config) {
		c.DimensionRollupOption, c.MetricDeclarations = "NoDimensionRollup", emfDeclarations()
	})
	f("declarations with label matchers", func(c *awsemfexporter.Config) {
		c.DimensionRollupOption, c.MetricDeclarations = "NoDimensionRollup", emfDeclarations()
		for i, d := range c.MetricDeclarations {
			d.LabelMatchers = []*awsemfexporter.LabelMatcher{
				{LabelNames: []string{"route", "status"}, Regex: []string{"^/pay;2", "^;$", "/cart"}[i%3]},
				{LabelNames: []string{"method"}, Separator: "-", Regex: "^GET$"},
			}
		}
	})
	f("declarations with roll-ups", func(c *awsemfexporter.Config) { c.MetricDeclarations = emfDeclarations() })
	f("declarations with single roll-ups", func(c *awsemfexporter.Config) {
		c.DimensionRollupOption, c.MetricDeclarations = "SingleDimensionRollupOnly", emfDeclarations()
	})
	f("resource attributes", func(c *awsemfexporter.Config) { c.ResourceToTelemetrySettings.Enabled = true })
	f("resource attributes but the service's", func(c *awsemfexporter.Config) {
		c.DimensionRollupOption = "NoDimensionRollup"
		c.ResourceToTelemetrySettings.Enabled, c.ResourceToTelemetrySettings.ExcludeServiceAttributes = true, true
	})
	f("version 0", func(c *awsemfexporter.Config) {
		c.DimensionRollupOption, c.MetricDeclarations, c.Version = "NoDimensionRollup", emfDeclarations(), "0"
	})
	f("descriptors", func(c *awsemfexporter.Config) {
		c.MetricDescriptors = []awsemfexporter.MetricDescriptor{
			{MetricName: "r0s0.metric_0", Unit: "Bytes"}, {MetricName: "r0s1.metric_1", Unit: "Count", Overwrite: true},
		}
	})
}

// emfDeclarations match metrics by one, by two and by none of their selectors,
// some with the same dimension sets as others, or with sets that no point has.
func emfDeclarations() []*awsemfexporter.MetricDeclaration {
	return []*awsemfexporter.MetricDeclaration{
		{MetricNameSelectors: []string{"metric_[0-3]$", "^nothing$"}, Dimensions: [][]string{{"route"}, {"route", "method"}, {"method", "route"}, {"OTelLib"}, {}}},
		{MetricNameSelectors: []string{"metric_[2-6]$"}, Dimensions: [][]string{{"status", "route"}, {"route"}, {"nowhere"}}},
		{MetricNameSelectors: []string{"metric_[78]$"}, Dimensions: [][]string{{"route"}}},
		{MetricNameSelectors: []string{"^r1.*metric_9$"}, Dimensions: [][]string{{"nowhere"}}},
		{MetricNameSelectors: []string{"metric_10$"}},
	}
}

// compareEMF compares two lists of documents.
func compareEMF(t *testing.T, theirs, ours []string, seen map[string]int) {
	t.Helper()
	a, b := map[string]map[string]any{}, map[string]map[string]any{}
	for _, line := range theirs {
		d := readEMF(t, line)
		for _, difference := range lenientEMF(d) {
			seen[difference]++
		}
		a[identityEMF(d)] = d
	}
	for _, line := range ours {
		d := readEMF(t, line)
		b[identityEMF(d)] = d
	}
	if len(a) != len(theirs) || len(b) != len(ours) {
		t.Errorf("%d of %d, %d of %d documents have an identity of their own", len(a), len(theirs), len(b), len(ours))
	}
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		switch {
		case a[key] == nil:
			t.Errorf("only ours: %s", text(b[key]))
		case b[key] == nil:
			t.Errorf("only theirs: %s", text(a[key]))
		default:
			for _, d := range differences(a[key], b[key]) {
				if !almost(d.theirs, d.ours) {
					t.Errorf("%s: %s: theirs %.300s, ours %.300s", key, d.path, text(d.theirs), text(d.ours))
				}
			}
		}
	}
}

// almost says whether two numbers differ by rounding alone: theirs raise a
// rounded base to a power, ours two to an exact one.
func almost(theirs, ours any) bool {
	a, ok := theirs.(float64)
	b, also := ours.(float64)
	return ok && also && math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}

// readEMF reads a document, with everything in order that has none.
func readEMF(t *testing.T, line string) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	asVersion1(t, d)
	for _, one := range directivesEMF(d) {
		sets, _ := one["Dimensions"].([]any)
		for _, set := range sets {
			slices.SortFunc(set.([]any), func(x, y any) int { return strings.Compare(x.(string), y.(string)) })
		}
		sortJSON(one["Dimensions"])
		sortJSON(one["Metrics"])
	}
	if aws, ok := d["_aws"].(map[string]any); ok {
		sortJSON(aws["CloudWatchMetrics"])
	}
	return d
}

// asVersion1 makes a document in the format before _aws one in today's: it is the
// same but for the place of the directives and of the time, which is text. A
// document of which no metrics are made has the time alone. The agent's exporter
// writes it from ours in the same way.
func asVersion1(t *testing.T, d map[string]any) {
	t.Helper()
	at, ok := d["Timestamp"].(string)
	if !ok {
		return
	}
	delete(d, "Timestamp")
	if d["CloudWatchMetrics"] == nil {
		return
	}
	millis, err := strconv.ParseFloat(at, 64)
	if err != nil || d["Version"] != "0" || d["_aws"] != nil {
		t.Fatalf("%v: no document of version 0: %s", err, text(d))
	}
	d["Version"] = "1"
	d["_aws"] = map[string]any{"CloudWatchMetrics": d["CloudWatchMetrics"], "Timestamp": millis}
	delete(d, "CloudWatchMetrics")
}

func directivesEMF(d map[string]any) []map[string]any {
	aws, _ := d["_aws"].(map[string]any)
	list, _ := aws["CloudWatchMetrics"].([]any)
	var out []map[string]any
	for _, one := range list {
		out = append(out, one.(map[string]any))
	}
	return out
}

func sortJSON(v any) {
	if list, ok := v.([]any); ok {
		slices.SortFunc(list, func(x, y any) int { return strings.Compare(text(x), text(y)) })
	}
}

// identityEMF tells a document from others of a request: its labels, its time,
// and what it measures.
func identityEMF(d map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(d)) {
		switch v := d[name].(type) {
		case string:
			parts = append(parts, name+"="+v)
		case float64:
			parts = append(parts, name)
		case map[string]any:
			if name == "_aws" {
				parts = append(parts, fmt.Sprint(v["Timestamp"]))
				continue
			}
			parts = append(parts, name, fmt.Sprint(v["Count"]))
		}
	}
	return strings.Join(parts, " ")
}

// lenientEMF takes out of their document what ours leave out on purpose, and
// says what that was. docs/metrics-mapping.md lists it.
func lenientEMF(d map[string]any) []string {
	var told []string
	for _, one := range directivesEMF(d) {
		list, _ := one["Metrics"].([]any)
		for _, m := range list {
			metric := m.(map[string]any)
			unit, _ := metric["Unit"].(string)
			switch {
			case unit == "":
				delete(metric, "Unit")
				told = append(told, "an empty unit")
			case metrics.Unit(unit) != unit:
				delete(metric, "Unit")
				told = append(told, "a unit that CloudWatch does not have")
			}
		}
		sortJSON(one["Metrics"])
	}
	if aws, ok := d["_aws"].(map[string]any); ok {
		sortJSON(aws["CloudWatchMetrics"])
	}
	for _, v := range d {
		set, _ := v.(map[string]any)
		if list, ok := set["Values"].([]any); ok && len(list) == 0 {
			delete(set, "Values")
			delete(set, "Counts")
			told = append(told, "lists of no values")
		}
		low, isNumber := set["Min"].(float64)
		high, isAlso := set["Max"].(float64)
		if isNumber && isAlso && low > high {
			set["Min"], set["Max"] = high, low
			told = append(told, "a minimum above the maximum")
		}
	}
	return told
}
