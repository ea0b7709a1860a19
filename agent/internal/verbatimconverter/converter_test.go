package verbatimconverter

import (
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"
)

func TestConvert(t *testing.T) {
	f := func(name, text string, want any) {
		t.Helper()
		var m map[string]any
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		conf := confmap.NewFromStringMap(m)
		if err := NewFactory().Create(confmap.ConverterSettings{}).Convert(t.Context(), conf); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := conf.Get("receivers::awsxray::verbatim"); got != want {
			t.Errorf("%s: verbatim is %v, want %v", name, got, want)
		}
	}
	f("the daemon's job", `
receivers: {awsxray: , otlp: }
service: {pipelines: {traces: {receivers: [otlp, awsxray], processors: [memory_limiter, batch/traces], exporters: [awsxray/2]}}}`, true)
	f("with settings", `
receivers: {awsxray: {endpoint: "0.0.0.0:2000"}}
service: {pipelines: {traces: {receivers: [awsxray], exporters: [awsxray]}}}`, true)
	f("as said", `
receivers: {awsxray: {verbatim: false}}
service: {pipelines: {traces: {receivers: [awsxray], exporters: [awsxray]}}}`, false)
	f("a processor looks", `
receivers: {awsxray: }
service: {pipelines: {traces: {receivers: [awsxray], processors: [batch, attributes], exporters: [awsxray]}}}`, nil)
	f("another exporter", `
receivers: {awsxray: }
service: {pipelines: {traces: {receivers: [awsxray], exporters: [awsxray, otlp]}}}`, nil)
	f("in another pipeline", `
receivers: {awsxray: }
service: {pipelines: {traces: {receivers: [awsxray], exporters: [awsxray]}, traces/2: {receivers: [awsxray], exporters: [debug]}}}`, nil)
	f("unused", `
receivers: {awsxray: }
service: {pipelines: {traces: {receivers: [otlp], exporters: [awsxray]}}}`, nil)
	f("no configuration", `receivers: 1`, nil)
}
