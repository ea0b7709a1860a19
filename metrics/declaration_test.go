package metrics

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// told says of one document what it makes: each metric with its dimension sets.
func told(t *testing.T, line []byte) string {
	t.Helper()
	var d struct {
		AWS struct {
			CloudWatchMetrics []struct {
				Dimensions [][]string
				Metrics    []struct {
					Name, Unit        string
					StorageResolution int
				}
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(line, &d); err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, directive := range d.AWS.CloudWatchMetrics {
		for _, m := range directive.Metrics {
			parts = append(parts, strings.TrimSpace(fmt.Sprint(m.Name, " ", directive.Dimensions, " ", m.Unit)))
		}
	}
	return strings.Join(parts, "; ")
}

func TestDeclarations(t *testing.T) {
	f := func(name, declarations string, c Config, want string) {
		t.Helper()
		list, err := ParseDeclarations([]byte(declarations))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		c.Declarations = list
		b := newBoth(t, c)
		b.export(&Metric{Name: "http.duration", Unit: "s", Scope: "lib"}, Point{
			Time: datumTime(), Value: 1, Labels: []Label{{"route", "/a"}, {"method", "GET"}, {"user", "7"}},
		})
		var got []string
		for _, line := range b.lines {
			got = append(got, told(t, line))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s: got %s, want %s", name, s, want)
		}
		if sets := strings.Count(want, "[") - strings.Count(want, "[["); strings.Contains(want, "[[") && len(b.datums) != sets {
			t.Errorf("%s: %d datums, want %d", name, len(b.datums), sets)
		}
	}
	const all = "http.duration [[method route user]] Seconds"
	f("none", ``, Config{}, all)
	f("another metric", `[{metrics: [db.*], deny: true}]`, Config{}, all)
	f("deny", `[{metrics: ["http.*"], deny: true}]`, Config{}, "")
	f("deny by label", `[{labels: [{names: [method], pattern: GET}], deny: true}]`, Config{}, "")
	f("deny by another label", `[{labels: [{names: [method, nothing], pattern: "POST;"}], deny: true}]`, Config{}, all)
	f("regular expression", `[{metrics: [/dura/], deny_attributes: [user]}]`, Config{}, "http.duration [[method route]] Seconds")
	f("allow", `[{allow_attributes: ["rout?", "m*"]}]`, Config{}, "http.duration [[method route]] Seconds")
	f("allow nothing", `[{allow_attributes: [none]}]`, Config{}, "http.duration [[]] Seconds")
	f("rename", `[{rename: {route: Route, user: method}}, {allow_attributes: [Route]}]`, Config{}, "http.duration [[Route]] Seconds")
	f("sets", "- metrics: [http.*]\n  dimensions: [[route, method], [], [method, route], [nothing]]\n", Config{}, "http.duration [[method route] []] Seconds")
	f("no set fits", `[{dimensions: [[nothing]]}]`, Config{}, "")
	f("JSON", `[{"metrics":["http.*"],"dimensions":[["route"]],"roll_up":"zero"}]`, Config{}, "http.duration [[route] []] Seconds")
	f("roll up", `[{roll_up: zero_and_single}]`, Config{}, "http.duration [[method route user] [] [method] [route] [user]] Seconds")
	f("roll up, scope", `[{roll_up: single, allow_attributes: [route, OTelLib]}]`, Config{ScopeDimension: "OTelLib"}, "http.duration [[OTelLib route]] Seconds")
	f("declared only", `[{metrics: [db.*]}]`, Config{DeclaredOnly: true}, "")
	f("unit", `[{unit: ms}]`, Config{}, all)
	f("another unit", `[{unit: ms, overwrite_unit: true}]`, Config{}, "http.duration [[method route user]] Milliseconds")
}

func TestParseDeclarations_errors(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := ParseDeclarations([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	f(`[{metric: [a]}]`, "field metric not found")
	f(`{`, "declarations")
	f(`[{metrics: ["/(/"]}]`, "declaration 1")
	f(`[{}, {labels: [{names: [a]}]}]`, "declaration 2: a condition of labels")
	f(`[{roll_up: all}]`, `roll_up "all"`)
	f(`[{resolution: 5}]`, "neither 1 nor 60")
	f(`[{dimensions: [[`+strings.Repeat("a,", 31)+`]]}]`, "31 dimensions")
	f(strings.Repeat(" ", maxDeclarationsBytes+1), "1 MiB")
	if _, err := NewEMFEncoder(Config{Declarations: []Declaration{{RollUp: "x"}}}); err == nil {
		t.Error("an encoder takes a wrong declaration")
	}
}

func FuzzParseDeclarations(f *testing.F) {
	f.Add("- metrics: [a*]\n  dimensions: [[a]]\n", "abc", "a", "b")
	f.Add(`[{"rename":{"a":"_aws"},"roll_up":"single"}]`, "m", "m", "")
	f.Fuzz(func(t *testing.T, text, metric, label, value string) {
		list, err := ParseDeclarations([]byte(text))
		if err != nil {
			return
		}
		b := newBoth(t, Config{Declarations: list})
		b.export(&Metric{Name: metric}, Point{Value: 1, Labels: []Label{{label, value}, {"other", "x"}}})
		for _, line := range b.lines {
			told(t, line)
		}
	})
}
