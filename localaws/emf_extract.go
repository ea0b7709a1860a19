package localaws

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// Names of the metrics that tell of mistakes in the embedded metric format:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
const (
	emfNamespace        = "AWS/Logs"
	emfParsingErrors    = "EMFParsingErrors"
	emfValidationErrors = "EMFValidationErrors"
	emfDimension        = "LogGroupName"
)

// An emfRun extracts the metrics of one call's events.
type emfRun struct {
	c       *call
	group   *logGroup
	batches []*metricBatch
	parsing int // events that are no JSON
	invalid int // events and directives that break a rule
	noted   int
}

// extractEMF makes metrics of the events of a group that are in the embedded
// metric format, and counts what is wrong with them.
func (c *call) extractEMF(g *logGroup, events []inputLogEvent) error {
	run := &emfRun{c: c, group: g}
	for i := range events {
		if looksLikeEMF(*events[i].Message) {
			run.event(i, *events[i].Message)
		}
	}
	run.count(emfParsingErrors, run.parsing)
	run.count(emfValidationErrors, run.invalid)
	for _, b := range run.batches {
		payload, err := json.Marshal(b)
		if err != nil {
			return err
		}
		if err := c.srv.journal.append(kindMetricData, c.now, payload); err != nil {
			return err
		}
		c.srv.addMetrics(b, c.now)
	}
	return nil
}

func (r *emfRun) event(i int, message string) {
	e, err := parseEMF(message, r.c.now)
	switch {
	case err != nil:
		r.fail(i, message, err)
		return
	case e == nil:
		return
	case r.group.class != classStandard:
		r.note(i, message, &emfTrouble{&ruleEMFClass, "logGroupName", r.group.class})
		return
	}
	for k := range e.list {
		b, err := e.directive(k)
		if err != nil {
			r.fail(i, message, err)
			continue
		}
		r.add(b)
	}
}

// add keeps one batch for each namespace.
func (r *emfRun) add(b *metricBatch) {
	if len(b.Data) == 0 {
		return
	}
	for _, known := range r.batches {
		if known.Namespace == b.Namespace {
			known.Data = append(known.Data, b.Data...)
			return
		}
	}
	r.batches = append(r.batches, b)
}

func (r *emfRun) fail(i int, message string, err error) {
	var trouble *emfTrouble
	if !errors.As(err, &trouble) {
		return
	}
	if trouble.rule == &ruleEMFJSON {
		r.parsing++
	} else {
		r.invalid++
	}
	r.note(i, message, trouble)
}

func (r *emfRun) note(i int, message string, trouble *emfTrouble) {
	if r.noted++; r.noted <= maxViolations { // a whole batch would push out all else
		r.c.note(trouble.rule, fmt.Sprintf("logEvents[%d].%s", i, trouble.field), trouble.value, []byte(message))
	}
}

// count adds a data point to one of CloudWatch Logs' own metrics.
func (r *emfRun) count(name string, n int) {
	if n == 0 {
		return
	}
	value, dimension, unit := number(n), emfDimension, "Count"
	r.add(&metricBatch{Namespace: emfNamespace, Data: []metricDatum{{
		MetricName: &name, Dimensions: []metricDimension{{&dimension, &r.group.name}},
		Timestamp: wire.TimePtr(r.c.now), Value: &value, Unit: &unit,
	}}})
}
