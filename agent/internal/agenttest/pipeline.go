package agenttest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"

	"github.com/updraft-otel/updraft/agent/processor/batch"
	"github.com/updraft-otel/updraft/agent/receiver/otlp"
)

// Factories are the OTLP receiver, batch, file_storage and these exporters.
func Factories(exporters ...exporter.Factory) (f otelcol.Factories, err error) {
	f = otelcol.Factories{
		Telemetry:  otelconftelemetry.NewFactory(),
		Receivers:  map[component.Type]receiver.Factory{otlp.NewFactory().Type(): otlp.NewFactory()},
		Processors: map[component.Type]processor.Factory{batch.NewFactory().Type(): batch.NewFactory()},
		Extensions: map[component.Type]extension.Factory{filestorage.NewFactory().Type(): filestorage.NewFactory()},
	}
	f.Exporters, err = otelcol.MakeFactoryMap(exporters...)
	return f, err
}

// A Pipeline is an agent that takes OTLP over gRPC and has one exporter.
type Pipeline struct {
	Exporter exporter.Factory
	// Signal is traces, metrics or logs.
	Signal string
	// Keys are the exporter's, as YAML, beside the region.
	Keys string
	// Batch puts the processor batch in front.
	Batch bool
	// Listen is where the receiver listens.
	Listen string
	// Storage is a directory for file_storage, where there is one.
	Storage string
}

// Start runs it until the test ends or Stop.
func (p Pipeline) Start(t testing.TB) *Agent {
	t.Helper()
	return Start(t, func() (otelcol.Factories, error) { return Factories(p.Exporter) }, p.yaml())
}

func (p Pipeline) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "receivers: {otlp: {protocols: {grpc: {endpoint: %q}}}}\nprocessors: {batch: }\n", p.Listen)
	fmt.Fprintf(&b, "exporters:\n  %s:\n    region: us-east-1\n", p.Exporter.Type())
	for line := range strings.Lines(strings.TrimSpace(p.Keys)) {
		b.WriteString("    " + line)
	}
	b.WriteString("\n")
	processors, extensions := "", ""
	if p.Batch {
		processors = "batch"
	}
	if p.Storage != "" {
		extensions = "file_storage"
		fmt.Fprintf(&b, "extensions: {file_storage: {directory: %q}}\n", p.Storage)
	}
	fmt.Fprintf(&b, `service:
  extensions: [%s]
  telemetry: {metrics: {level: none}}
  pipelines:
    %s: {receivers: [otlp], processors: [%s], exporters: [%s]}
`, extensions, p.Signal, processors, p.Exporter.Type())
	return b.String()
}
