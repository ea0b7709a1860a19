package logs

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// Raw mode makes the body alone the event, on all ways from a record to a line.
func TestRaw(t *testing.T) {
	f := func(name string, body attribute.Value, want ...string) {
		t.Helper()
		for way, options := range map[string]func(q *queue) (sdklog.LoggerProviderOption, error){
			"processor": func(q *queue) (sdklog.LoggerProviderOption, error) {
				p, err := NewProcessor(Config{Queue: q, Group: "g", Stream: "s", Raw: true})
				return sdklog.WithProcessor(p), err
			},
			"exporter": func(q *queue) (sdklog.LoggerProviderOption, error) {
				e, err := NewExporter(Config{Queue: q, Group: "g", Stream: "s", Raw: true})
				return sdklog.WithProcessor(sdklog.NewSimpleProcessor(e)), err
			},
		} {
			q := new(queue)
			option, err := options(q)
			if err != nil {
				t.Fatal(err)
			}
			var r log.Record
			r.SetBody(body)
			r.SetSeverity(log.SeverityInfo)
			r.SetTimestamp(eventTime())
			r.AddAttributes(attribute.Int("a", 1))
			sdklog.NewLoggerProvider(option, sdklog.WithResource(shop())).Logger("test").Emit(inSpan(t.Context()), r)
			if !slices.Equal(q.lines, want) {
				t.Errorf("%s, %s: %.300q, want %.300q", name, way, q.lines, want)
			}
		}
		if body.Type() != attribute.STRING {
			return
		}
		q := new(queue)
		h, err := NewLineHandler(LineHandlerConfig{Config: Config{Queue: q, Group: "g", Stream: "s", Raw: true}, Attributes: shop()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		slog.New(h).With("a", 1).InfoContext(inSpan(t.Context()), body.AsString(), "b", 2)
		if body.AsString() != "" && !slices.Equal(q.lines, want) {
			t.Errorf("%s, line handler: %.300q, want %.300q", name, q.lines, want)
		}
	}
	f("text", attribute.StringValue("plain \"text\"\nof two lines"), "plain \"text\"\nof two lines")
	f("embedded metrics", attribute.StringValue(`{"_aws":{}}`), `{"_aws":{}}`)
	f("no UTF-8", attribute.StringValue("a\xffb"), "a\uFFFDb")
	f("map", attribute.MapValue(attribute.Int("b", 1), attribute.String("a", "x\n")), `{"a":"x\n","b":1}`)
	f("number", attribute.Float64Value(1.5), "1.5")
	f("slice", attribute.StringSliceValue([]string{"a"}), `["a"]`)
	f("at the limit", attribute.StringValue(strings.Repeat("x", MaxEventBytes)), strings.Repeat("x", MaxEventBytes))
	head := strings.Repeat("x", MaxEventBytes-len(ContinuationMark)-1)
	f("over the limit", attribute.StringValue(head+"é"+strings.Repeat("y", 100)), head+ContinuationMark, "é"+strings.Repeat("y", 100))
}

// What cannot be an event by its body alone is written whole.
func TestRaw_whole(t *testing.T) {
	f := func(name string, body attribute.Value, want string) {
		t.Helper()
		q := new(queue)
		p, err := NewProcessor(Config{Queue: q, Group: "g", Stream: "s", Raw: true})
		if err != nil {
			t.Fatal(err)
		}
		var r log.Record
		r.SetBody(body)
		r.AddAttributes(attribute.Int("a", 1))
		sdklog.NewLoggerProvider(sdklog.WithProcessor(p)).Logger("test").Emit(t.Context(), r)
		if line := checkLine(t, []byte(q.lines[0])); line["attributes"] == nil || !strings.Contains(q.lines[0], want) {
			t.Errorf("%s: %.200s, want %s", name, q.lines[0], want)
		}
	}
	f("none", attribute.Value{}, `"attributes":{"a":1}`)
	f("empty", attribute.StringValue(""), `"body":""`)
	f("long", attribute.MapValue(attribute.String("k", strings.Repeat("x", 2<<20))), `"truncated_bytes":`)

	_, err := NewLineHandler(LineHandlerConfig{Config: Config{Queue: nowhere{}, Group: "g", Stream: "s", Raw: true}, Text: true}, nil)
	if err == nil {
		t.Error("text and raw lines at once: no error")
	}
}
