// Package formerly lets configurations run that say what the collector no longer knows: the exporter logging, the
// extension memory_ballast, and the address of the agent's own metrics. It writes them as they are said today, and says
// so in the log; print-config shows the outcome. What has no form of today it leaves for the collector to refuse.
package formerly

import (
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.uber.org/zap"
)

// NewFactory returns the converter's factory.
func NewFactory() confmap.ConverterFactory {
	return confmap.NewConverterFactory(func(set confmap.ConverterSettings) confmap.Converter {
		if set.Logger == nil {
			set.Logger = zap.NewNop()
		}
		return converter{set.Logger}
	})
}

type converter struct{ logger *zap.Logger }

// Convert implements confmap.Converter.
func (c converter) Convert(_ context.Context, conf *confmap.Conf) error {
	for _, step := range []func(*confmap.Conf) error{c.logging, c.ballast, c.address} {
		if err := step(conf); err != nil {
			return err
		}
	}
	return nil
}

const (
	formerLogging = "logging"
	debug         = "debug"
)

// What the logging exporter did by itself, which debug does otherwise.
// https://github.com/open-telemetry/opentelemetry-collector/blob/v0.110.0/exporter/loggingexporter/README.md
const (
	loggingVerbosity  = "normal"
	loggingThereafter = 500
)

// logging makes debug exporters of logging ones, which were renamed in v0.86.0 and removed in v0.111.0.
func (c converter) logging(conf *confmap.Conf) error {
	exporters, _ := conf.Get("exporters").(map[string]any)
	renamed := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(exporters)) {
		kind, name, named := strings.Cut(id, "/")
		if strings.TrimSpace(kind) != formerLogging {
			continue
		}
		renamed[id] = debugID(exporters, name, named)
		c.logger.Warn("The exporter logging is named debug today; it runs as that", zap.String("exporter", id), zap.String("as", renamed[id]))
		settings, isMap := exporters[id].(map[string]any)
		if exporters[id] != nil && !isMap {
			return nil // the collector says what is wrong with it
		}
		conf.Delete("exporters::" + id)
		if err := conf.Merge(confmap.NewFromStringMap(map[string]any{"exporters": map[string]any{renamed[id]: debugSettings(settings)}})); err != nil {
			return err
		}
	}
	if len(renamed) == 0 {
		return nil
	}
	return inPipelines(conf, "exporters", func(id string) string {
		if today := renamed[id]; today != "" {
			return today
		}
		return id
	})
}

// debugID is a free name for a former logging exporter.
func debugID(exporters map[string]any, name string, named bool) string {
	id := debug
	if named {
		id += "/" + name
	}
	for {
		if _, taken := exporters[id]; !taken {
			return id
		}
		id = debug + "/" + formerLogging + strings.TrimPrefix(id, debug)
	}
}

// debugSettings are a logging exporter's settings as debug has them.
func debugSettings(former map[string]any) map[string]any {
	today := map[string]any{"verbosity": loggingVerbosity, "sampling_thereafter": loggingThereafter}
	maps.Copy(today, former)
	level, ok := today["loglevel"].(string)
	if !ok {
		return today
	}
	delete(today, "loglevel")
	if _, said := former["verbosity"]; said {
		return today
	}
	switch strings.ToLower(level) {
	case "debug":
		today["verbosity"] = "detailed"
	case "info", "":
		today["verbosity"] = "normal"
	default:
		today["verbosity"] = "basic"
	}
	return today
}

// ballast leaves the extension memory_ballast out, which was removed in v0.109.0: the runtime does by GOMEMLIMIT, and the
// processor memory_limiter, what it was for.
// https://opentelemetry.io/blog/2024/go-memory-limiter
func (c converter) ballast(conf *confmap.Conf) error {
	isBallast := func(id string) bool {
		kind, _, _ := strings.Cut(id, "/")
		return strings.TrimSpace(kind) == "memory_ballast"
	}
	extensions, _ := conf.Get("extensions").(map[string]any)
	found := false
	for id := range extensions {
		if isBallast(id) {
			conf.Delete("extensions::" + id)
			found = true
		}
	}
	if !found {
		return nil
	}
	c.logger.Warn("The extension memory_ballast is left out: set GOMEMLIMIT to what the agent may use instead, and have memory_limiter first among the processors")
	kept, listed := without(conf.Get("service::extensions"), isBallast)
	if !listed {
		return nil
	}
	return conf.Merge(confmap.NewFromStringMap(map[string]any{"service": map[string]any{"extensions": kept}}))
}

// address makes a reader of the address of the agent's own metrics, which the collector ignored since v0.123.0 and refuses
// today.
// https://opentelemetry.io/docs/collector/internal-telemetry/#configure-internal-metrics
func (c converter) address(conf *confmap.Conf) error {
	const key = "service::telemetry::metrics::address"
	address, ok := conf.Get(key).(string)
	if !ok || conf.IsSet("service::telemetry::metrics::readers") {
		return nil
	}
	host, port, err := net.SplitHostPort(address)
	number, notNumber := strconv.Atoi(port)
	if err != nil || notNumber != nil {
		return nil
	}
	c.logger.Warn("service::telemetry::metrics::address is said by a reader today; it runs as that", zap.String("address", address))
	conf.Delete(key)
	if host == "" {
		host = "0.0.0.0"
	}
	reader := map[string]any{"pull": map[string]any{"exporter": map[string]any{"prometheus": map[string]any{"host": host, "port": number}}}}
	return conf.Merge(confmap.NewFromStringMap(map[string]any{"service": map[string]any{"telemetry": map[string]any{"metrics": map[string]any{
		"readers": []any{reader}}}}}))
}

// inPipelines renames in the lists of that kind of all pipelines.
func inPipelines(conf *confmap.Conf, kind string, rename func(string) string) error {
	pipelines, _ := conf.Get("service::pipelines").(map[string]any)
	changed := map[string]any{}
	for id, v := range pipelines {
		pipeline, _ := v.(map[string]any)
		list, ok := pipeline[kind].([]any)
		if !ok {
			continue
		}
		today := slices.Clone(list)
		for i, v := range today {
			if name, ok := v.(string); ok {
				today[i] = rename(name)
			}
		}
		changed[id] = map[string]any{kind: today}
	}
	if len(changed) == 0 {
		return nil
	}
	return conf.Merge(confmap.NewFromStringMap(map[string]any{"service": map[string]any{"pipelines": changed}}))
}

// without is a list without some of its names.
func without(list any, drop func(string) bool) (kept []any, ok bool) {
	all, ok := list.([]any)
	kept = []any{}
	for _, v := range all {
		if name, isName := v.(string); !isName || !drop(name) {
			kept = append(kept, v)
		}
	}
	return kept, ok
}
