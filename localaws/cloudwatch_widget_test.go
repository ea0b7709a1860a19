package localaws_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"github.com/updraft-otel/updraft/localaws"
)

func widgetImage(t *testing.T, c *cloudwatch.Client, widget string) (image.Image, error) {
	t.Helper()
	out, err := c.GetMetricWidgetImage(t.Context(), &cloudwatch.GetMetricWidgetImageInput{MetricWidget: &widget})
	if err != nil {
		return nil, err
	}
	img, err := png.Decode(bytes.NewReader(out.MetricWidgetImage))
	if err != nil {
		t.Errorf("%s: no PNG: %v", widget, err)
	}
	return img, nil
}

// colored is how many pixels have a colour, such as #ff0000.
func colored(img image.Image, hex string) int {
	n := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, _ := img.At(x, y).RGBA(); fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8) == hex {
				n++
			}
		}
	}
	return n
}

// putLatencies puts ten minutes of two services.
func putLatencies(t *testing.T, c *cloudwatch.Client) {
	t.Helper()
	for i := range 10 {
		ago := time.Duration(i) * time.Minute
		putMetrics(t, c, "Shop", datum("Latency", ago, float64(50+10*i), "Service", "web"), datum("Latency", ago, float64(20+i), "Service", "api"))
	}
}

func TestGetMetricWidgetImage(t *testing.T) {
	c := cloudwatchClient(startAt(t, localaws.Config{}))
	putLatencies(t, c)
	f := func(width, height int, colors, widget string) {
		t.Helper()
		img, err := widgetImage(t, c, widget)
		if err != nil {
			t.Errorf("%s: %v", widget, err)
			return
		}
		if b := img.Bounds(); b.Dx() != width || b.Dy() != height {
			t.Errorf("%s: %v", widget, b)
		}
		for hex := range strings.FieldsSeq(colors) {
			want := !strings.HasPrefix(hex, "!")
			if n := colored(img, strings.TrimPrefix(hex, "!")); n > 20 != want {
				t.Errorf("%s: %d pixels of %s", widget, n, hex)
			}
		}
	}
	const first, second = "#1f77b4", "#ff7f0e"
	f(600, 400, first+" !"+second, `{"metrics": [["Shop", "Latency", "Service", "web"]], "period": 60, "start": "-PT15M"}`)
	f(600, 400, first+" "+second, `{"metrics": [["Shop", "Latency", "Service", "web"], [".", ".", ".", "api"]], "period": 60, "start": "-PT15M"}`)
	f(600, 400, first+" "+second, `{"metrics": [["Shop", "Latency", "Service", "web"], ["...", "api", {"stat": "p99"}]], "period": 60, "start": "-PT15M"}`)
	f(300, 200, "#ff0000 #00ff00", `{"metrics": [
		["Shop", "Latency", "Service", "web", {"id": "web", "visible": false}],
		["...", "api", {"color": "#ff0000", "label": "max ${MAX}", "yAxis": "right"}],
		[{"expression": "web * 2", "label": "twice", "color": "#0f0"}]
	], "period": 60, "start": "2026-11-23T11:45:00Z", "end": "2026-11-23T12:00:00.000Z", "width": 300, "height": 200, "title": "Both",
		"stat": "Maximum", "timezone": "+0130", "legend": {"position": "hidden"}, "yAxis": {"left": {"min": 0, "max": 400, "label": "ms"}, "right": {"min": 0}}}`)
	f(600, 400, "!"+first+" #00ffff", `{"metrics": [["Shop", "Nothing"]], "annotations": {
		"horizontal": [{"value": 5, "label": "limit", "color": "#00ffff", "fill": "above"}, [{"value": 1, "label": "from"}, {"value": 2, "label": "to"}], {"value": 3, "visible": false}],
		"vertical": [{"value": "2026-11-23T11:00:00Z", "label": "deployed", "fill": "after"}]}, "legend": {"position": "hidden"}}`)
	f(600, 400, first+" "+second, `{"metrics": [[{"expression": "SEARCH('{Shop,Service} Latency', 'Sum', 60)", "id": "s"}]], "start": "-PT15M", "stacked": true, "legend": {"position": "right"}}`)
	f(400, 150, first, `{"metrics": [["Shop", "Latency", "Service", "web"]], "view": "singleValue", "width": 400, "height": 150, "region": "us-east-1"}`)
}

func TestGetMetricWidgetImage_refused(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := cloudwatchClient(srv)
	f := func(rule, text, widget string) {
		t.Helper()
		_, err := widgetImage(t, c, widget)
		wantError(t, err, "ValidationError", text)
		refusedBy(t, srv, rule)
	}
	with := func(members string) string { return `{"metrics": [["Shop", "Latency"]], ` + members + `}` }
	f("cloudwatch.widget.json", "not valid JSON", `{"metrics": [`)
	f("cloudwatch.widget.json", "not valid JSON", `[]`)
	f("cloudwatch.widget.json", "not valid JSON", with(`"width": "wide"`))
	f("cloudwatch.widget", "metrics must have 1 to 100 items, not 0", `{}`)
	f("cloudwatch.widget", "not 101", `{"metrics": [`+strings.Repeat(`["Shop", "Latency"],`, 100)+`["Shop", "Latency"]]}`)
	f("cloudwatch.widget", "metrics[0]: is no array", `{"metrics": ["Shop"]}`)
	f("cloudwatch.widget", "metrics[0]: a metric has a namespace", `{"metrics": [["Shop"]]}`)
	f("cloudwatch.widget", "metrics[0]: a metric has", `{"metrics": [["Shop", "Latency", "Service"]]}`)
	f("cloudwatch.widget", `metrics[0]: "." has nothing`, `{"metrics": [[".", "Latency"]]}`)
	f("cloudwatch.widget", `metrics[0]: "..." has nothing`, `{"metrics": [["...", "Latency"]]}`)
	f("cloudwatch.widget", "item 1 is no text", `{"metrics": [["Shop", 1]]}`)
	f("cloudwatch.widget", "an expression stands alone", `{"metrics": [["Shop", "Latency", {"expression": "m1"}]]}`)
	f("cloudwatch.widget", "yAxis must be left or right", `{"metrics": [["Shop", "Latency", {"yAxis": "top"}]]}`)
	f("cloudwatch.widget", "is not like #1f77b4", `{"metrics": [["Shop", "Latency", {"color": "red"}]]}`)
	f("cloudwatch.widget", "width and height", with(`"width": 2001`))
	f("cloudwatch.widget", "start: ", with(`"start": "-PT"`))
	f("cloudwatch.widget", "start: ", with(`"start": "-P3H"`))
	f("cloudwatch.widget", "end: ", with(`"end": "tomorrow"`))
	f("cloudwatch.widget", "end must be after start", with(`"start": "-PT1H", "end": "-P1D"`))
	f("cloudwatch.widget", "legend.position", with(`"legend": {"position": "top"}`))
	f("cloudwatch.widget", "annotations.horizontal[0]: fill must be above, below or none", with(`"annotations": {"horizontal": [{"value": 1, "fill": "after"}]}`))
	f("cloudwatch.widget", "annotations.horizontal[0]: value must be a number", with(`"annotations": {"horizontal": [{"label": "x"}]}`))
	f("cloudwatch.widget", "annotations.horizontal[0]: a band is an array of two", with(`"annotations": {"horizontal": [[{"value": 1}]]}`))
	f("cloudwatch.widget", "annotations.vertical[0]: value must be a time", with(`"annotations": {"vertical": [{"value": 5}]}`))
	f("cloudwatch.widget.unsupported", "localaws does not support view pie", with(`"view": "pie"`))
	f("cloudwatch.widget.unsupported", "localaws does not support annotations.alarms", with(`"annotations": {"alarms": ["arn"]}`))
	f("cloudwatch.widget.unsupported", "localaws does not support region eu-west-1", with(`"region": "eu-west-1"`))
	f("cloudwatch.query.stat", "not a valid statistic", with(`"stat": "p101"`))
	f("cloudwatch.query.period", "multiple of 60", with(`"period": 61`))
	f("cloudwatch.query.zone", "Timezone", with(`"timezone": "UTC"`))
	f("cloudwatch.expression", "Unknown identifier", `{"metrics": [[{"expression": "nope"}]]}`)
	f("cloudwatch.expression.unsupported", "does not support it", `{"metrics": [[{"expression": "SELECT AVG(x) FROM y"}]]}`)
	f("cloudwatch.widget.size", "102400 bytes", with(`"title": "`+strings.Repeat("t", 100<<10)+`"`))
}

// The older protocol has the image in base64, or alone.
func TestGetMetricWidgetImage_query(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	ask := func(format string) (*http.Response, []byte) {
		t.Helper()
		form := url.Values{"Action": {"GetMetricWidgetImage"}, "Version": {"2010-08-01"}, "MetricWidget": {`{"metrics": [["Shop", "Latency"]]}`}, "OutputFormat": {format}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL(), strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, body
	}
	resp, body := ask("image/png")
	if _, err := png.Decode(bytes.NewReader(body)); err != nil || resp.Header.Get("Content-Type") != "image/png" {
		t.Errorf("alone: %v, %s", err, resp.Header.Get("Content-Type"))
	}
	resp, body = ask("png")
	var out struct {
		Image string `xml:"GetMetricWidgetImageResult>MetricWidgetImage"`
	}
	if err := xml.Unmarshal(body, &out); err != nil || resp.Header.Get("Content-Type") != "text/xml" {
		t.Fatalf("%v, %s", err, body)
	}
	if _, err := png.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(out.Image))); err != nil {
		t.Errorf("in XML: %v", err)
	}
	if resp, body = ask("gif"); resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "ValidationError") {
		t.Errorf("gif: %s %s", resp.Status, body)
	}
}
