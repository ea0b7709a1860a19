// Package agent is Updraft's OpenTelemetry Collector distribution: the collector's own core, configuration language and
// service, with exporters for AWS that lose nothing. It runs the configurations of the AWS Distro for OpenTelemetry and
// of the contrib distribution, as far as [Components] lists what they name.
//
// Command updraft-agent is [Main] and nothing else:
//
//	updraft-agent --config /etc/otel/config.yaml
//	updraft-agent validate --config file:/etc/otel/config.yaml
//	updraft-agent healthcheck
//	updraft-agent check-storage /var/lib/otelcol/file_storage/*
//
// Without a configuration it looks where it runs (ECS, EKS, Lambda, EC2 or a laptop), takes the configuration that is
// built in for that place, and says which.
//
// # Adding a component
//
// A component is a package of its own under receiver, processor, exporter, extension or connector, named after the type
// that stands in configurations, as exporter/awsxray. It has a NewFactory, like any collector component, so that it can be used
// in other distributions by the collector's builder. To become part of this one it needs
//
//  1. a line in components.go, in the list of its kind;
//  2. a Config whose every key is accepted that the component's namesake takes, and a test that says so: an unknown key is
//     an error in the collector;
//  3. one owner of queue and retry: exporters use exporterhelper with a queue, and return consumererror.NewTraces,
//     NewMetrics or NewLogs with what is worth another try;
//  4. its AWS connection from internal/awsclient, and its parallel calls from internal/pace, so that all exporters have the same
//     keys and slow down the same way;
//  5. a test that starts it from YAML as the service does (see service_test.go), with localaws in place of AWS.
//
// Packages of this module import the library's packages, never its internal ones: the agent may be built against another version
// of the library than the one beside it.
package agent
