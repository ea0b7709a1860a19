package uncopiedconverter

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
		if got := conf.Get("processors::batch::uncopied"); got != want {
			t.Errorf("%s: uncopied is %v, want %v", name, got, want)
		}
	}
	f("the usual", `
processors: {batch: , memory_limiter: }
exporters: {awsxray: }
service: {pipelines: {traces: {processors: [memory_limiter, batch], exporters: [awsxray]}}}`, true)
	f("in two pipelines", `
processors: {batch: {timeout: 1s}}
exporters: {awsxray: , awsemf: {sending_queue: {queue_size: 10}}}
service: {pipelines: {traces: {processors: [batch], exporters: [awsxray]}, metrics: {processors: [batch], exporters: [awsemf]}}}`, true)
	f("as said", `
processors: {batch: {uncopied: false}}
exporters: {awsxray: }
service: {pipelines: {traces: {processors: [batch], exporters: [awsxray]}}}`, false)
	f("a processor follows", `
processors: {batch: , attributes: }
exporters: {awsxray: }
service: {pipelines: {traces: {processors: [batch, attributes], exporters: [awsxray]}}}`, nil)
	f("two exporters", `
processors: {batch: }
exporters: {awsxray: , awsxray/2: }
service: {pipelines: {traces: {processors: [batch], exporters: [awsxray, awsxray/2]}}}`, nil)
	f("another's exporter", `
processors: {batch: }
exporters: {otlp: }
service: {pipelines: {traces: {processors: [batch], exporters: [otlp]}}}`, nil)
	f("no queue", `
processors: {batch: }
exporters: {awsxray: {sending_queue: {enabled: false}}}
service: {pipelines: {traces: {processors: [batch], exporters: [awsxray]}}}`, nil)
	f("a queue that answers later", `
processors: {batch: }
exporters: {awsxray: {sending_queue: {wait_for_result: true}}}
service: {pipelines: {traces: {processors: [batch], exporters: [awsxray]}}}`, nil)
	f("unused", `
processors: {batch: }
exporters: {awsxray: }
service: {pipelines: {traces: {exporters: [awsxray]}}}`, nil)
	f("no configuration", `processors: 1`, nil)
}
