package updraft

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/logs"
	"github.com/updraft-otel/updraft/metrics"
	"github.com/updraft-otel/updraft/outbox"
)

// The EMF road: metrics as log events, of which CloudWatch makes metrics. They
// go to CloudWatch Logs, to standard output where something reads it that takes
// it there, as Lambda does, or to a CloudWatch agent.

// Where the exporter awsemf sends, as Config.EMF takes it beside an address.
const (
	emfToLogs   = "logs"
	emfToStdout = "stdout"
)

// emfExporter makes the exporter "awsemf".
func (b *builder) emfExporter(ctx context.Context) (metricExporter, error) {
	config, err := b.cloudWatchConfig()
	if err != nil {
		return nil, err
	}
	switch to := b.emfDestination(); {
	case to == emfToStdout:
		config.Queue = b.lineQueue("metrics", ExporterEMF, emfToStdout)
	case to == emfToLogs:
		config.Key = b.emfKey(config.Namespace)
		config.Queue, err = b.logsQueue(ctx, "metrics", ExporterEMF, awsapi.FormatEMF)
	case strings.Contains(to, "://"):
		config.Key = b.emfKey(config.Namespace)
		config.Queue, err = b.emfAgentQueue(to)
	default:
		err = fmt.Errorf("EMF to %q: want %s, %s, or an agent's address as tcp://127.0.0.1:25888", to, emfToLogs, emfToStdout)
	}
	if err != nil {
		return nil, err
	}
	b.share(metrics.Output{Queue: config.Queue, Key: config.Key, Format: metrics.Documents})
	return metrics.NewEMFExporter(config)
}

// emfDestination is where documents go: what AWS's libraries for them read
// counts too. In a Lambda function that is standard output, which Lambda itself
// takes to CloudWatch Logs, unless the headers name a log group.
func (b *builder) emfDestination() string {
	byDefault := emfToLogs
	if b.env.lambda && (b.env.headers[headerLogGroup] == "" || b.env.headers[headerLogStream] == "") {
		byDefault = emfToStdout
	}
	aws := b.env.awsEMF
	variable, value := envEMF, b.env.emf
	switch {
	case value != "":
	case aws.Place == metrics.EMFStdout:
		variable, value = "AWS_EMF_ENVIRONMENT", emfToStdout
	case aws.AgentEndpoint != "":
		variable, value = "AWS_EMF_AGENT_ENDPOINT", aws.AgentEndpoint
	case aws.Place == metrics.EMFAgent:
		variable, value = "AWS_EMF_ENVIRONMENT", awsapi.DefaultEMFAgent
	}
	return b.choices.pick("emf", b.config.EMF, variable, value, byDefault)
}

// emfKey names the log group and stream of documents for the queue.
func (b *builder) emfKey(namespace string) string {
	pick := func(setting, header, variable, value, byDefault string) string {
		if named := b.env.headers[header]; named != "" {
			variable, value = "OTEL_EXPORTER_OTLP_LOGS_HEADERS", named
		}
		return b.choices.pick(setting, "", variable, value, byDefault)
	}
	group := pick("emf log group", headerLogGroup, "AWS_EMF_LOG_GROUP_NAME", b.env.awsEMF.LogGroup, "/metrics/"+namespace)
	stream := pick("emf log stream", headerLogStream, "AWS_EMF_LOG_STREAM_NAME", b.env.awsEMF.LogStream, hostAndProcess())
	return logs.Key(logs.CleanGroup(group), logs.CleanStream(stream))
}

// emfAgentQueue is the road to a CloudWatch agent.
func (b *builder) emfAgentQueue(endpoint string) (*outbox.Queue, error) {
	agent, err := awsapi.NewEMFAgent(endpoint)
	if err != nil {
		return nil, err
	}
	queue, err := b.queue("metrics", ExporterEMF, endpoint, outbox.Config{
		Limits:  outbox.Limits{Bytes: awsapi.MaxLogBatchBytes, ItemBytes: awsapi.MaxLogEventBytes, Overhead: 1}, // a line end
		Linger:  metricLinger,
		Workers: 1, // there is one connection
		Send: func(ctx context.Context, batch *outbox.Batch) error {
			group, stream := logs.SplitKey(batch.Key())
			sent, tooLong, err := agent.PutDocuments(ctx, group, stream, batch.Len(), batch.Body)
			return unsentDocuments(batch.Len(), sent, tooLong, err)
		},
	})
	if err == nil {
		b.closers = append(b.closers, agent)
	}
	return queue, err
}

// unsentDocuments says of n documents which were too long for the agent, and
// that all from sent on are to be tried again because of err.
func unsentDocuments(n, sent int, tooLong []int, err error) error {
	if err != nil && sent == 0 && len(tooLong) == 0 {
		return err
	}
	var partial outbox.PartialError
	for _, i := range tooLong {
		partial.Failed = append(partial.Failed, outbox.ItemError{Index: i, Err: refusal("metric document is too long for a datagram: use tcp://")})
	}
	for i := sent; i < n && err != nil; i++ {
		if !slices.Contains(tooLong, i) {
			partial.Failed = append(partial.Failed, outbox.ItemError{Index: i, Err: err})
		}
	}
	if len(partial.Failed) == 0 {
		return nil
	}
	return &partial
}
