// Package uncopiedconverter sets uncopied for the batch processors behind which only a queue of one of our exporters
// stands: what such a queue refuses it has not changed, so that the processor need not copy each batch before it hands it
// on. print-config shows what it set.
package uncopiedconverter

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

const batch = "batch"

// queued are our exporters, which have a queue.
var queued = map[string]bool{"awsxray": true, "awsemf": true, "awscloudwatchlogs": true, "awscloudwatch": true}

// NewFactory returns the converter's factory.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(confmap.ConverterSettings) confmap.Converter { return converter{} })
}

type converter struct{}

// Convert implements confmap.Converter. What is not as a configuration should be it leaves for others to complain about.
func (converter) Convert(_ context.Context, conf *confmap.Conf) error {
	all := conf.ToStringMap()
	processors, _ := all["processors"].(map[string]any)
	exporters, _ := all["exporters"].(map[string]any)
	service, _ := all["service"].(map[string]any)
	pipelines, _ := service["pipelines"].(map[string]any)
	set := map[string]any{}
	for id, settings := range processors {
		own, isMap := settings.(map[string]any)
		_, said := own["uncopied"]
		if typeOf(id) != batch || said || settings != nil && !isMap || !beforeQueue(id, pipelines, exporters) {
			continue
		}
		set[id] = map[string]any{"uncopied": true}
	}
	if len(set) == 0 {
		return nil
	}
	return conf.Merge(confmap.NewFromStringMap(map[string]any{"processors": set}))
}

// beforeQueue tells whether a processor is in a pipeline, and in all that it is in the last before one exporter's queue.
// Of several exporters one could take what another refuses.
func beforeQueue(processor string, pipelines, exporters map[string]any) bool {
	used := false
	for _, v := range pipelines {
		pipeline, _ := v.(map[string]any)
		chain, to := texts(pipeline["processors"]), texts(pipeline["exporters"])
		for i, id := range chain {
			if id != processor {
				continue
			}
			used = true
			if i != len(chain)-1 || len(to) != 1 || !queued[typeOf(to[0])] || !answersAtOnce(exporters[to[0]]) {
				return false
			}
		}
	}
	return used
}

// answersAtOnce tells whether an exporter with these settings has a queue that takes what it is given, or refuses it.
func answersAtOnce(settings any) bool {
	own, _ := settings.(map[string]any)
	queue, said := own["sending_queue"]
	if !said || queue == nil {
		return true
	}
	keys, isMap := queue.(map[string]any)
	enabled, off := keys["enabled"]
	_, waits := keys["wait_for_result"]
	return isMap && (!off || enabled == true) && !waits
}

func texts(list any) []string {
	all, _ := list.([]any)
	var s []string
	for _, v := range all {
		if text, ok := v.(string); ok {
			s = append(s, strings.TrimSpace(text))
		}
	}
	return s
}

// typeOf is the type in a component's id: awsxray of awsxray/2.
func typeOf(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return strings.TrimSpace(kind)
}
