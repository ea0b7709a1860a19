package formerly_test

import (
	"reflect"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"go.yaml.in/yaml/v3"

	"github.com/updraft-otel/updraft/agent/internal/formerly"
)

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestConverter(t *testing.T) {
	f := func(warnings int, was, want string) {
		t.Helper()
		core, logs := observer.New(zap.WarnLevel)
		conf := confmap.NewFromStringMap(parse(t, was))
		if err := formerly.NewFactory().Create(confmap.ConverterSettings{Logger: zap.New(core)}).Convert(t.Context(), conf); err != nil {
			t.Fatal(err)
		}
		if got := conf.ToStringMap(); !reflect.DeepEqual(got, confmap.NewFromStringMap(parse(t, want)).ToStringMap()) {
			t.Errorf("%s\n got %v\nwant %s", was, got, want)
		}
		if logs.Len() != warnings {
			t.Errorf("%s: %d warnings, want %d", was, logs.Len(), warnings)
		}
	}
	same := func(text string) { t.Helper(); f(0, text, text) }

	f(1, `{exporters: {logging: {loglevel: debug}}, service: {pipelines: {traces: {receivers: [otlp], exporters: [awsxray, logging]}}}}`,
		`{exporters: {debug: {verbosity: detailed, sampling_thereafter: 500}}, service: {pipelines: {traces: {receivers: [otlp], exporters: [awsxray, debug]}}}}`)
	f(1, `{exporters: {logging/a: }, service: {pipelines: {logs: {exporters: [logging/a]}}}}`,
		`{exporters: {debug/a: {verbosity: normal, sampling_thereafter: 500}}, service: {pipelines: {logs: {exporters: [debug/a]}}}}`)
	f(1, `{exporters: {logging: {loglevel: warn, sampling_thereafter: 7}}}`, `{exporters: {debug: {verbosity: basic, sampling_thereafter: 7}}}`)
	f(1, `{exporters: {debug: , logging: {loglevel: warn, verbosity: detailed}}, service: {pipelines: {logs: {exporters: [logging, debug]}}}}`,
		`{exporters: {debug: , debug/logging: {verbosity: detailed, sampling_thereafter: 500}}, service: {pipelines: {logs: {exporters: [debug/logging, debug]}}}}`)

	f(1, `{extensions: {memory_ballast: {size_mib: 64}, pprof: }, service: {extensions: [memory_ballast, pprof]}}`,
		`{extensions: {pprof: }, service: {extensions: [pprof]}}`)

	f(1, `{service: {telemetry: {metrics: {address: "localhost:8889", level: detailed}}}}`,
		`{service: {telemetry: {metrics: {level: detailed, readers: [{pull: {exporter: {prometheus: {host: localhost, port: 8889}}}}]}}}}`)
	f(1, `{service: {telemetry: {metrics: {address: ":8888"}}}}`,
		`{service: {telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 8888}}}}]}}}}`)

	same(`{}`)
	same(`{exporters: {debug: {verbosity: detailed}, logger: }, extensions: {pprof: }, service: {telemetry: {metrics: {level: none}}}}`)
	same(`{exporters: [logging], extensions: 7, service: {telemetry: {metrics: {address: nowhere}}}}`)
}
