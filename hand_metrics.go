package updraft

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/updraft-otel/updraft/metrics"
)

// Metrics by hand: those of Telemetry.Metrics leave with the exporters' own, the
// documents of Telemetry.EMF where awsemf sends, or as log lines.

// Metrics returns a recorder of metrics put by hand, as
//
//	tel.Metrics().Put("Orders", 1, metrics.Count, metrics.D("Service", "shop"))
//
// They go where those of OpenTelemetry go. Where metrics are off, Put does nothing.
func (t *Telemetry) Metrics() *metrics.Recorder { return t.recorder }

// EMF returns a maker of log lines in CloudWatch's embedded metric format: one
// for a request, with what was measured and what it was about.
//
//	m := tel.EMF().With(metrics.D("Service", "shop"))
//	defer m.Close()
//	m.Put("Latency", 12.5, metrics.Milliseconds)
//
// Where they go stands in docs/metrics.md. Where logs and metrics are off, it
// does nothing.
func (t *Telemetry) EMF() *metrics.EMF { return t.emf }

// A sharedQueue is a queue that others flush and shut down.
type sharedQueue struct{ queue metrics.Queue }

func (q sharedQueue) Put(key string, at time.Time, body []byte) error {
	return q.queue.Put(key, at, body)
}
func (sharedQueue) Flush(context.Context) error    { return nil }
func (sharedQueue) Shutdown(context.Context) error { return nil }

// A sharedExporter is an exporter that others flush and shut down.
type sharedExporter struct{ sdkmetric.Exporter }

func (sharedExporter) ForceFlush(context.Context) error { return nil }
func (sharedExporter) Shutdown(context.Context) error   { return nil }

// share has what is put by hand go where an exporter sends.
func (b *builder) share(o metrics.Output) {
	if o.Queue != nil {
		o.Queue = sharedQueue{o.Queue}
	}
	if o.Exporter != nil {
		o.Exporter, o.Resource = sharedExporter{o.Exporter}, b.resource
	}
	b.handOutputs = append(b.handOutputs, o)
}

// handNamespace is the namespace of metrics by hand: the exporters'.
func (b *builder) handNamespace() string {
	return firstOf(b.config.MetricNamespace, b.config.MetricSettings.Namespace, b.env.headers[headerMetricNamespace], b.env.awsEMF.Namespace,
		defaultNamespace(attributeOf(b.resource, "service.namespace"), b.service))
}

// complainOnce says a line on stderr; who calls it says each thing once.
func complainOnce(message string) { fmt.Fprintf(os.Stderr, "updraft: %s\n", message) }

// buildHandMetrics makes the recorder and the maker of documents.
func (b *builder) buildHandMetrics(context.Context) error {
	return errors.Join(b.buildRecorder(), b.buildEMF())
}

func (b *builder) buildRecorder() error {
	if len(b.handOutputs) == 0 {
		return nil
	}
	recorder, err := metrics.NewRecorder(metrics.RecorderConfig{
		Outputs: b.handOutputs, Namespace: b.handNamespace(), Dimensions: b.config.MetricSettings.Dimensions, Notify: complainOnce,
	})
	if err != nil {
		return fmt.Errorf("metrics by hand: %w", err)
	}
	b.recorder = recorder
	b.handDropped("metrics", recorder.Dropped)
	return nil
}

// handDropped adds what was not taken to the report of a signal's first exporter.
func (b *builder) handDropped(signal string, dropped func() map[string]int64) {
	for _, o := range b.outlets {
		if o.signal != signal {
			continue
		}
		others := o.dropped
		o.dropped = func() map[string]int64 {
			all := map[string]int64{}
			for _, one := range []func() map[string]int64{others, dropped} {
				if one == nil {
					continue
				}
				for reason, n := range one() {
					all[reason] += n
				}
			}
			return all
		}
		return
	}
}

// buildEMF makes documents go where awsemf sends; else where the settings of that
// exporter say; else into the application's log stream.
func (b *builder) buildEMF() error {
	config := metrics.EMFConfig{Namespace: b.handNamespace(), NoMetrics: b.env.awsEMF.NoMetrics, Notify: complainOnce}
	signal := "metrics"
	if shared := b.sharedDocuments(); shared != nil {
		config.Queue, config.Key = shared.Queue, shared.Key
	} else if to := b.handDestination(); to == emfToStdout {
		config.Queue = b.lineQueue("metrics", ExporterEMF, emfToStdout)
	} else if strings.Contains(to, "://") {
		queue, err := b.emfAgentQueue(to)
		if err != nil {
			return err
		}
		b.signals = append(b.signals, queueSignal{queue})
		config.Queue, config.Key = sharedQueue{queue}, b.emfKey(config.Namespace)
	} else if b.logWriter != nil {
		config.Queue, signal = metrics.Lines(b.logWriter), "logs"
	} else {
		return nil
	}
	emf, err := metrics.NewEMF(config)
	if err != nil {
		return err
	}
	b.emf = emf
	b.handDropped(signal, emf.Dropped)
	return nil
}

// handDestination is what the settings of awsemf say, where they say something;
// and standard output in Lambda, unless metrics are off.
func (b *builder) handDestination() string {
	aws := b.env.awsEMF
	said := firstOf(b.config.EMF, b.env.emf, aws.AgentEndpoint, string(aws.Place)) != ""
	if said || b.env.lambda && firstOf(b.config.Metrics, b.env.metrics) != ExporterNone {
		return b.emfDestination()
	}
	return emfToLogs
}

// sharedDocuments is the output of the exporter awsemf, if there is one.
func (b *builder) sharedDocuments() *metrics.Output {
	for i := range b.handOutputs {
		if b.handOutputs[i].Format == metrics.Documents {
			return &b.handOutputs[i]
		}
	}
	return nil
}

// A queueSignal is a queue that no provider stands before.
type queueSignal struct{ queue metrics.Queue }

func (s queueSignal) ForceFlush(ctx context.Context) error { return s.queue.Flush(ctx) }
func (s queueSignal) Shutdown(ctx context.Context) error   { return s.queue.Shutdown(ctx) }

// flushHandMetrics hands over what was put; the signals see to its delivery.
func (t *Telemetry) flushHandMetrics(ctx context.Context) error { return t.recorder.Flush(ctx) }

// stopHandMetrics hands over what was put, and takes no more.
func (t *Telemetry) stopHandMetrics(ctx context.Context) error {
	return errors.Join(t.recorder.Shutdown(ctx), t.emf.Shutdown(ctx))
}
