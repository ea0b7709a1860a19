// Package verbatimconverter sets verbatim for the awsxray receivers whose
// documents nothing in the configuration looks into: what comes by UDP then goes
// to X-Ray byte for byte. print-config shows what it set.
package verbatimconverter

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

const xray = "awsxray"

// blind are the processors that do not look into spans.
var blind = map[string]bool{"batch": true, "memory_limiter": true}

// NewFactory returns the converter's factory.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return converter{} })
}

type converter struct{}

// Convert implements confmap.Converter. What is not as a configuration should be
// it leaves for others to complain about.
func (converter) Convert(_ context.Context, conf *confmap.Conf) error {
	all := conf.ToStringMap()
	receivers, _ := all["receivers"].(map[string]any)
	service, _ := all["service"].(map[string]any)
	pipelines, _ := service["pipelines"].(map[string]any)
	set := map[string]any{}
	for id, settings := range receivers {
		own, isMap := settings.(map[string]any)
		_, said := own["verbatim"]
		if typeOf(id) != xray || said || settings != nil && !isMap || !onlyBlind(id, pipelines) {
			continue
		}
		set[id] = map[string]any{"verbatim": true}
	}
	if len(set) == 0 {
		return nil
	}
	return conf.Merge(confmap.NewFromStringMap(map[string]any{"receivers": set}))
}

// onlyBlind tells whether a receiver is in a pipeline, and in none that looks
// into spans.
func onlyBlind(receiver string, pipelines map[string]any) bool {
	used := false
	for id, v := range pipelines {
		pipeline, _ := v.(map[string]any)
		if typeOf(id) != "traces" || !contains(pipeline["receivers"], func(r string) bool { return r == receiver }) {
			continue
		}
		used = true
		if contains(pipeline["processors"], func(p string) bool { return !blind[typeOf(p)] }) ||
			contains(pipeline["exporters"], func(e string) bool { return typeOf(e) != xray }) {
			return false
		}
	}
	return used
}

func contains(list any, is func(string) bool) bool {
	all, _ := list.([]any)
	for _, v := range all {
		if s, ok := v.(string); ok && is(s) {
			return true
		}
	}
	return false
}

// typeOf is the type in a component's id: awsxray of awsxray/2.
func typeOf(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return strings.TrimSpace(kind)
}
