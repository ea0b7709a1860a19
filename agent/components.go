package agent

import (
	"errors"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/kafkaexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/bearertokenauthextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/pprofextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/sigv4authextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/attributesprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/cumulativetodeltaprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/filterprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/groupbytraceprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/metricstransformprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/probabilisticsamplerprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/resourceprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/spanprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/kafkareceiver"
	"github.com/updraft-otel/updraft/agent/extension/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/debugexporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/zpagesextension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"

	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatch"
	"github.com/updraft-otel/updraft/agent/exporter/awscloudwatchlogs"
	"github.com/updraft-otel/updraft/agent/exporter/awsemf"
	"github.com/updraft-otel/updraft/agent/exporter/awsxray"
	"github.com/updraft-otel/updraft/agent/exporter/loadbalancing"
	"github.com/updraft-otel/updraft/agent/extension/awsproxy"
	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/processor/batch"
	"github.com/updraft-otel/updraft/agent/processor/resourcedetection"
	"github.com/updraft-otel/updraft/agent/receiver/awsecscontainermetrics"
	xrayreceiver "github.com/updraft-otel/updraft/agent/receiver/awsxray"
	"github.com/updraft-otel/updraft/agent/receiver/otlp"
	"github.com/updraft-otel/updraft/agent/receiver/statsd"
)

// The Go modules that components come from, for the components command.
const (
	ours    = "github.com/updraft-otel/updraft/agent v" + Version
	core    = "go.opentelemetry.io/collector/"
	contrib = "github.com/open-telemetry/opentelemetry-collector-contrib/"
	release = " v0.159.0"
)

// A part is a component and the Go module it comes from.
type part[F component.Factory] struct {
	factory F
	module  string
}

// Components is everything that this distribution has.
func Components() (otelcol.Factories, error) {
	f := otelcol.Factories{Telemetry: otelconftelemetry.NewFactory()}
	var errs [5]error
	f.Receivers, f.ReceiverModules, errs[0] = maps(receivers())
	f.Processors, f.ProcessorModules, errs[1] = maps(processors())
	f.Exporters, f.ExporterModules, errs[2] = maps(exporters())
	f.Extensions, f.ExtensionModules, errs[3] = maps(extensions())
	f.Connectors, f.ConnectorModules, errs[4] = maps(connectors())
	return f, errors.Join(errs[:]...)
}

func receivers() []part[receiver.Factory] {
	return []part[receiver.Factory]{
		{otlp.NewFactory(), ours},
		{xrayreceiver.NewFactory(), ours},
		{awsecscontainermetrics.NewFactory(), contrib + "receiver/awsecscontainermetricsreceiver v0.156.0"},
		{contain.Receiver(kafkareceiver.NewFactory()), contrib + "receiver/kafkareceiver" + release},
		{statsd.NewFactory(), contrib + "receiver/statsdreceiver" + release},
	}
}

func processors() []part[processor.Factory] {
	return []part[processor.Factory]{
		{attributesprocessor.NewFactory(), contrib + "processor/attributesprocessor" + release},
		{batch.NewFactory(), ours},
		{cumulativetodeltaprocessor.NewFactory(), contrib + "processor/cumulativetodeltaprocessor" + release},
		{filterprocessor.NewFactory(), contrib + "processor/filterprocessor" + release},
		{groupbytraceprocessor.NewFactory(), contrib + "processor/groupbytraceprocessor" + release},
		{memorylimiterprocessor.NewFactory(), core + "processor/memorylimiterprocessor" + release},
		{metricstransformprocessor.NewFactory(), contrib + "processor/metricstransformprocessor" + release},
		{probabilisticsamplerprocessor.NewFactory(), contrib + "processor/probabilisticsamplerprocessor" + release},
		{resourcedetection.NewFactory(), ours},
		{resourceprocessor.NewFactory(), contrib + "processor/resourceprocessor" + release},
		{spanprocessor.NewFactory(), contrib + "processor/spanprocessor" + release},
		{tailsamplingprocessor.NewFactory(), contrib + "processor/tailsamplingprocessor" + release},
		{transformprocessor.NewFactory(), contrib + "processor/transformprocessor" + release},
	}
}

func exporters() []part[exporter.Factory] {
	return []part[exporter.Factory]{
		{awscloudwatch.NewFactory(), ours},
		{awscloudwatchlogs.NewFactory(), ours},
		{awsemf.NewFactory(), ours},
		{awsxray.NewFactory(), ours},
		{debugexporter.NewFactory(), core + "exporter/debugexporter" + release},
		{fileexporter.NewFactory(), contrib + "exporter/fileexporter" + release},
		{kafkaexporter.NewFactory(), contrib + "exporter/kafkaexporter" + release},
		{loadbalancing.NewFactory(), ours},
		{otlpexporter.NewFactory(), core + "exporter/otlpexporter" + release},
		{otlphttpexporter.NewFactory(), core + "exporter/otlphttpexporter" + release},
	}
}

func extensions() []part[extension.Factory] {
	return []part[extension.Factory]{
		{awsproxy.NewFactory(), ours},
		{bearertokenauthextension.NewFactory(), contrib + "extension/bearertokenauthextension" + release},
		{filestorage.NewFactory(), ours},
		{healthcheckextension.NewFactory(), contrib + "extension/healthcheckextension" + release},
		{pprofextension.NewFactory(), contrib + "extension/pprofextension" + release},
		{sigv4authextension.NewFactory(), contrib + "extension/sigv4authextension" + release},
		{zpagesextension.NewFactory(), core + "extension/zpagesextension" + release},
	}
}

func connectors() []part[connector.Factory] {
	return nil
}

// maps is a list as the collector wants it: by the type in configurations, former names included.
func maps[F component.Factory](parts []part[F]) (factories map[component.Type]F, modules map[component.Type]string, err error) {
	list := make([]F, 0, len(parts))
	modules = make(map[component.Type]string, len(parts))
	for _, p := range parts {
		list = append(list, p.factory)
		modules[p.factory.Type()] = p.module
	}
	factories, err = otelcol.MakeFactoryMap(list...)
	return factories, modules, err
}
