package updraft

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/outbox"
)

// metricWorkers is the most calls that carry metrics at a time; the outbox uses
// as few as keep up.
const metricWorkers = 8

// metricDataHead is more than a call has besides its datums: the namespace and
// the names of its members.
const metricDataHead = 512

// metricsQueue is the road of metric datums.
func (b *builder) metricsQueue(ctx context.Context) (*outbox.Queue, error) {
	client, endpoint, err := b.awsClient(ctx, awsapi.CloudWatch)
	if err != nil {
		return nil, err
	}
	return b.queue("metrics", ExporterCloudWatch, endpoint, outbox.Config{
		Limits:  outbox.Limits{Items: awsapi.MaxMetricData, Bytes: awsapi.MaxMetricDataBytes - metricDataHead},
		Linger:  metricLinger,
		Workers: metricWorkers,
		Send:    metricRoad{client}.send,
	})
}

// A metricRoad is the road of metric datums.
type metricRoad struct{ client *awsapi.Client }

// maxNamed is how many datums of a batch are left out because CloudWatch named
// them, a few at a time; where there are more the outbox looks for them by
// halves.
const maxNamed = 64

// send sends one batch. CloudWatch takes all of a call or nothing; when it
// refuses one and says for which datums, the others are sent without them. Only
// when those are taken is it sure that the named ones are at fault.
func (m metricRoad) send(ctx context.Context, batch *outbox.Batch) error {
	good := make([]int, batch.Len())
	for i := range good {
		good[i] = i
	}
	first := m.put(ctx, batch, good)
	var refused []outbox.ItemError
	for err := first; len(refused) < maxNamed; {
		named := namedDatums(err)
		var kept []int
		for i, at := range good {
			if reason, ok := named[i]; ok {
				refused = append(refused, outbox.ItemError{Index: at, Err: refusal(reason)})
			} else {
				kept = append(kept, at)
			}
		}
		if len(kept) == len(good) || len(kept) == 0 {
			return first
		}
		good = kept
		switch err = m.put(ctx, batch, good); {
		case err == nil:
			return &outbox.PartialError{Failed: refused}
		case !splittable(err):
			return err // what is named is found again by the next attempt
		}
	}
	return first
}

func (m metricRoad) put(ctx context.Context, batch *outbox.Batch, which []int) error {
	return m.client.PutMetricData(ctx, batch.Key(), len(which), func(i int) []byte { return batch.Body(which[i]) })
}

func splittable(err error) bool {
	var refused *awsapi.Error
	return errors.As(err, &refused) && refused.Splittable()
}

// namedDatums returns which datums of a call an error names, as
// MetricData.member.1 and so on, each with what it says of it. AWS's text has
// all violations, and is cut where it is long.
func namedDatums(err error) map[int]string {
	var refused *awsapi.Error
	if !errors.As(err, &refused) || !refused.Splittable() {
		return nil
	}
	named := map[int]string{}
	for sentence := range strings.SplitAfterSeq(refused.Message, ". ") {
		_, rest, _ := strings.Cut(sentence, "MetricData.member.")
		number, _, whole := strings.Cut(rest, ".")
		if at, err := strconv.Atoi(number); err == nil && whole && at > 0 {
			named[at-1] = "metric datum refused: " + refused.Code + ": " + strings.TrimSpace(sentence)
		}
	}
	return named
}
