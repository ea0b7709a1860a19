package samplingproxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/updraft-otel/updraft/awsapi"
)

// What X-Ray takes of a document. A report with more it would refuse as a whole, and with it what other samplers report.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingStatisticsDocument.html
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingBoostStatisticsDocument.html
const (
	maxRuleName    = 32
	maxServiceName = 64
	clientIDLength = 24
	maxCount       = math.MaxInt32
)

// check tells what X-Ray would not take.
func (r *report) check() error {
	for _, d := range r.SamplingStatisticsDocuments {
		switch {
		case !isName(d.RuleName, maxRuleName):
			return fmt.Errorf("a statistics document's RuleName has %d characters; it must have 1 to %d", utf8.RuneCountInString(d.RuleName), maxRuleName)
		case len(d.ClientID) > clientIDLength:
			return fmt.Errorf("a statistics document's ClientID has %d characters; it must have %d", len(d.ClientID), clientIDLength)
		case !areCounts(d.RequestCount, d.SampledCount, d.BorrowCount):
			return fmt.Errorf("a count of a statistics document is negative or more than %d", maxCount)
		}
	}
	for _, b := range r.SamplingBoostStatisticsDocuments {
		switch {
		case !isName(b.RuleName, maxRuleName), !isName(b.ServiceName, maxServiceName):
			return fmt.Errorf("a boost statistics document's RuleName must have 1 to %d characters, its ServiceName 1 to %d", maxRuleName, maxServiceName)
		case !areCounts(b.AnomalyCount, b.TotalCount, b.SampledAnomalyCount):
			return fmt.Errorf("a count of a boost statistics document is negative or more than %d", maxCount)
		}
	}
	return nil
}

func isName(name string, most int) bool {
	n := utf8.RuneCountInString(name)
	return n > 0 && n <= most
}

func areCounts(counts ...int64) bool {
	for _, n := range counts {
		if n < 0 || n > maxCount {
			return false
		}
	}
	return true
}

// report tells X-Ray what is due, if something of what is asked for is. Who comes while another reports waits for that one's
// report and shares its failure: one after the other would each wait for an X-Ray that does not answer. What it did not take
// is in the next one.
func (p *Proxy) report(ctx context.Context, asked *report) error {
	for range 2 {
		if !p.targets.isDue(asked, p.now()) {
			return nil
		}
		if _, err, _ := p.targets.reporting.Do("", func() (any, error) { return nil, p.reportDue(ctx) }); err != nil {
			return err
		}
	}
	return nil
}

func (p *Proxy) reportDue(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	for {
		batch := p.targets.take(p.now())
		if len(batch.SamplingStatisticsDocuments)+len(batch.SamplingBoostStatisticsDocuments) == 0 {
			return nil
		}
		if err := p.deliver(ctx, &batch); err != nil {
			return err
		}
	}
}

// deliver sends a batch. Where X-Ray refuses it for what may be one of its documents it goes in halves, so that what is wrong
// costs itself alone.
func (p *Proxy) deliver(ctx context.Context, batch *report) error {
	err := p.send(ctx, batch)
	if err == nil {
		return nil
	}
	refused := (*awsapi.Error)(nil)
	if !errors.As(err, &refused) || !refused.Splittable() {
		p.targets.giveBack(batch)
		return err
	}
	if len(batch.SamplingStatisticsDocuments)+len(batch.SamplingBoostStatisticsDocuments) == 1 {
		p.targets.refuse(batch, refused)
		return nil
	}
	first, second := batch.halves()
	return errors.Join(p.deliver(ctx, &first), p.deliver(ctx, &second))
}

// halves divides documents of both kinds, or one kind from the other.
func (r *report) halves() (first, second report) {
	documents, boosts := r.SamplingStatisticsDocuments, r.SamplingBoostStatisticsDocuments
	if len(documents) > 0 && len(boosts) > 0 {
		return report{documents, nil}, report{[]statistics{}, boosts}
	}
	d, b := len(documents)/2, len(boosts)/2
	return report{documents[:d], boosts[:b]}, report{documents[d:], boosts[b:]}
}

// refuse remembers what X-Ray said of a batch's only document, for the samplers that ask about its rule.
func (t *targets) refuse(batch *report, why *awsapi.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range batch.SamplingStatisticsDocuments {
		if s := t.rules[d.RuleName]; s != nil {
			s.refused = &unprocessed{RuleName: d.RuleName, ErrorCode: why.Code, Message: why.Message}
		}
	}
}

func (p *Proxy) send(ctx context.Context, batch *report) error {
	body, err := json.Marshal(batch)
	if err != nil {
		return err
	}
	text, err := p.upstream.Post(ctx, TargetsPath, body)
	if err != nil {
		return err
	}
	var got assignment
	if err := json.Unmarshal(text, &got); err != nil {
		return fmt.Errorf("its answer is not GetSamplingTargets': %w", err)
	}
	p.targets.learn(&got, p.now())
	p.rules.changed(time.Unix(int64(got.LastRuleModification)+1, 0))
	return nil
}
