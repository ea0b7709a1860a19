package localaws

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// A testClock is a clock that stands until it is moved.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func startClocked(t *testing.T) (*Server, *xray.Client, *testClock) {
	clock := &testClock{now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	srv := startTest(t, Config{NoAuth: true, Now: clock.Now})
	return srv, xray.NewFromConfig(sdkConfig(srv)), clock
}

func clientID(n int) string { return fmt.Sprintf("%024x", n) }

func statistics(rule string, client int, at time.Time, requests, sampled, borrowed int32) types.SamplingStatisticsDocument {
	return types.SamplingStatisticsDocument{RuleName: aws.String(rule), ClientID: aws.String(clientID(client)), Timestamp: aws.Time(at),
		RequestCount: requests, SampledCount: sampled, BorrowCount: borrowed}
}

func targets(t *testing.T, client *xray.Client, docs ...types.SamplingStatisticsDocument) *xray.GetSamplingTargetsOutput {
	t.Helper()
	if docs == nil {
		docs = []types.SamplingStatisticsDocument{}
	}
	out, err := client.GetSamplingTargets(t.Context(), &xray.GetSamplingTargetsInput{SamplingStatisticsDocuments: docs})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// quotas reports of one rule from many clients with as many requests a second
// each, and answers what each is granted; -1 for nothing.
func quotas(t *testing.T, client *xray.Client, clock *testClock, rule string, rates ...int32) []int32 {
	t.Helper()
	clock.move(reportInterval)
	var got []int32
	for i, rate := range rates {
		out := targets(t, client, statistics(rule, i, clock.Now(), rate*10, 0, 0))
		target := out.SamplingTargetDocuments[0]
		if *target.Interval != 10 {
			t.Errorf("interval %d", *target.Interval)
		}
		if target.ReservoirQuota == nil {
			got = append(got, -1)
			continue
		}
		if !target.ReservoirQuotaTTL.Equal(clock.Now().Add(5 * time.Minute)) {
			t.Errorf("quota ends at %v", target.ReservoirQuotaTTL)
		}
		got = append(got, *target.ReservoirQuota)
	}
	return got
}

// The quotas of a rule never add up to more than its reservoir, and after an
// interval to exactly it, as clients come, go, and need more or less.
func TestSamplingTargets_allocation(t *testing.T) {
	_, client, clock := startClocked(t)
	rule := testRule("shared", 1)
	rule.ReservoirSize = 50
	createRule(t, client, rule)
	f := func(want string, rates ...int32) {
		t.Helper()
		if got := fmt.Sprint(quotas(t, client, clock, "shared", rates...)); got != want {
			t.Errorf("%v requests a second: got %s, want %s", rates, got, want)
		}
	}
	f("[50]", 1000)
	f("[50 -1]", 1000, 1000) // the first still holds everything: the second goes on borrowing
	f("[25 25]", 1000, 1000)
	f("[25 25 -1 -1]", 1000, 1000, 1000, 1000)
	f("[13 13 12 12]", 1000, 1000, 1000, 1000)
	f("[5 15 15 15]", 5, 1000, 1000, 1000) // needs less, and leaves the rest
	f("[1 1 1 12]", 1, 1, 1, 1)
	f("[13 13 12 12]", 1, 1, 1, 1) // nobody needs it: evenly, for a burst
	clock.move(time.Minute)        // all but one have gone
	f("[50]", 1000)

	if _, err := client.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &types.SamplingRuleUpdate{
		RuleName: aws.String("shared"), ReservoirSize: aws.Int32(1)}}); err != nil {
		t.Fatal(err)
	}
	f("[1 0 0]", 9, 9, 9) // a share of nothing is an answer, not a wait
	if _, err := client.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &types.SamplingRuleUpdate{
		RuleName: aws.String("shared"), ReservoirSize: aws.Int32(0)}}); err != nil {
		t.Fatal(err)
	}
	f("[0 0 0]", 9, 9, 9)
}

func TestFairShares(t *testing.T) {
	f := func(reservoir int32, want string, rates ...float64) {
		t.Helper()
		var clients []*samplingClient
		for _, r := range rates {
			clients = append(clients, &samplingClient{rate: r})
		}
		got := fairShares(reservoir, clients)
		sum := int32(0)
		for _, n := range got {
			sum += n
		}
		if fmt.Sprint(got) != want || sum != reservoir {
			t.Errorf("%d over %v: got %v, want %s", reservoir, rates, got, want)
		}
	}
	f(7, "[7]", 0)
	f(10, "[4 3 3]", 100, 100, 100)
	f(10, "[1 5 4]", 0.2, 100, 100)
	f(2, "[1 1 0]", 100, 100, 100)
	f(3, "[1 1 1]", 0, 0, 0)
	f(100, "[34 33 33]", 1, 1, 1)
	f(100, "[42 58]", 10, 26)
	f(math.MaxInt32, "[1073741824 1073741823]", 1e300, 1e300)
}

func TestSamplingTargets_answers(t *testing.T) {
	srv, client, clock := startClocked(t)
	now := clock.Now()
	createRule(t, client, testRule("r", 1))
	out := targets(t, client, statistics("r", 1, now, 110, 20, 10), statistics("nope", 1, now, 1, 1, 0), statistics("r", 2, now.Add(-6*time.Minute), 1, 1, 0))
	if len(out.SamplingTargetDocuments) != 1 || out.SamplingTargetDocuments[0].FixedRate != 0.1 || !out.LastRuleModification.Equal(now) {
		t.Errorf("targets: %+v", out)
	}
	if u := out.UnprocessedStatistics; len(u) != 2 || *u[0].RuleName != "nope" || *u[0].ErrorCode != "400" || !strings.Contains(*u[0].Message, "does not exist") ||
		!strings.Contains(*u[1].Message, "too old") {
		t.Errorf("unprocessed: %+v", u)
	}
	clock.move(time.Minute)
	if _, err := client.DeleteSamplingRule(t.Context(), &xray.DeleteSamplingRuleInput{RuleName: aws.String("r")}); err != nil {
		t.Fatal(err)
	}
	out = targets(t, client, statistics("r", 1, clock.Now(), 1, 1, 0))
	if len(out.UnprocessedStatistics) != 1 || !out.LastRuleModification.Equal(clock.Now()) {
		t.Errorf("after the end of the rule: %+v", out)
	}
	if n := len(srv.Refused()); n != 3 {
		t.Errorf("%d refusals are shown", n)
	}
}

func TestSamplingTargets_refusals(t *testing.T) {
	_, client, clock := startClocked(t)
	f := func(text string, change func(in *xray.GetSamplingTargetsInput)) {
		t.Helper()
		in := &xray.GetSamplingTargetsInput{
			SamplingStatisticsDocuments: []types.SamplingStatisticsDocument{statistics("Default", 1, clock.Now(), 1, 1, 0)},
			SamplingBoostStatisticsDocuments: []types.SamplingBoostStatisticsDocument{{RuleName: aws.String("Default"), ServiceName: aws.String("s"),
				Timestamp: aws.Time(clock.Now())}},
		}
		change(in)
		if _, err := client.GetSamplingTargets(t.Context(), in); !isError(err, "InvalidRequestException", text) {
			t.Errorf("got %v, want %s", err, text)
		}
	}
	doc := func(in *xray.GetSamplingTargetsInput) *types.SamplingStatisticsDocument {
		return &in.SamplingStatisticsDocuments[0]
	}
	f("less than or equal to 25", func(in *xray.GetSamplingTargetsInput) {
		in.SamplingStatisticsDocuments = slices.Repeat(in.SamplingStatisticsDocuments, 26)
	})
	f("less than or equal to 25", func(in *xray.GetSamplingTargetsInput) {
		in.SamplingBoostStatisticsDocuments = slices.Repeat(in.SamplingBoostStatisticsDocuments, 26)
	})
	f("clientID", func(in *xray.GetSamplingTargetsInput) { doc(in).ClientID = aws.String("abc") })
	f("ruleName", func(in *xray.GetSamplingTargetsInput) { doc(in).RuleName = aws.String("") })
	f("greater than or equal to 0", func(in *xray.GetSamplingTargetsInput) { doc(in).BorrowCount = -1 })
	f("serviceName", func(in *xray.GetSamplingTargetsInput) {
		in.SamplingBoostStatisticsDocuments[0].ServiceName = aws.String(strings.Repeat("s", 65))
	})
	f("greater than or equal to 0", func(in *xray.GetSamplingTargetsInput) { in.SamplingBoostStatisticsDocuments[0].AnomalyCount = -1 })
}

func TestSamplingStatisticSummaries(t *testing.T) {
	_, client, clock := startClocked(t)
	start := clock.Now()
	createRule(t, client, testRule("r", 1))
	for range 70 {
		for c := range 3 {
			targets(t, client, statistics("r", c, clock.Now().Add(time.Duration(c)*time.Second), 10, 4, 1), statistics("Default", c, clock.Now(), 1, 0, 0))
		}
		clock.move(10 * time.Second)
	}
	var all []types.SamplingStatisticSummary
	pages := 0
	for p := xray.NewGetSamplingStatisticSummariesPaginator(client, &xray.GetSamplingStatisticSummariesInput{}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.SamplingStatisticSummaries...)
	}
	if len(all) != 120 || pages != 2 {
		t.Fatalf("%d summaries on %d pages", len(all), pages)
	}
	if s := all[1]; *s.RuleName != "r" || s.RequestCount != 30 || s.SampledCount != 12 || s.BorrowCount != 3 || !s.Timestamp.Equal(start.Add(690*time.Second)) {
		t.Errorf("newest: %+v", s)
	}
}

// A boost comes when the window with the anomalies is over, has the least rate
// that would capture one a second, lasts a minute, and waits for the cooldown.
func TestSamplingTargets_boost(t *testing.T) {
	_, client, clock := startClocked(t)
	rule := testRule("r", 1)
	rule.SamplingRateBoost = &types.SamplingRateBoost{MaxRate: 0.8, CooldownWindowMinutes: 2}
	createRule(t, client, rule)
	createRule(t, client, testRule("plain", 2))
	f := func(want string, name string, found, sampled int32) {
		t.Helper()
		clock.move(10 * time.Second)
		at := aws.Time(clock.Now())
		out, err := client.GetSamplingTargets(t.Context(), &xray.GetSamplingTargetsInput{
			SamplingStatisticsDocuments: []types.SamplingStatisticsDocument{statistics(name, 1, *at, 1000, 100, 0)},
			SamplingBoostStatisticsDocuments: []types.SamplingBoostStatisticsDocument{
				{RuleName: aws.String(name), ServiceName: aws.String("web"), Timestamp: at, TotalCount: 1000, AnomalyCount: found, SampledAnomalyCount: sampled},
				{RuleName: aws.String("nope"), ServiceName: aws.String("web"), Timestamp: at},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.UnprocessedBoostStatistics) != 1 {
			t.Errorf("unprocessed: %+v", out.UnprocessedBoostStatistics)
		}
		got := "none"
		if b := out.SamplingTargetDocuments[0].SamplingBoost; b != nil {
			got = fmt.Sprintf("%.3g for %s", b.BoostRate, b.BoostRateTTL.Sub(*at))
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", clock.Now().Format(time.TimeOnly), got, want)
		}
	}
	f("none", "plain", 500, 0)
	f("none", "r", 500, 10) // captured by the base rate
	f("none", "r", 40, 4)   // not captured, but its window still fills
	f("0.25 for 1m0s", "r", 1000, 200)
	f("0.25 for 50s", "r", 0, 0)
	for range 5 {
		clock.move(10 * time.Second)
	}
	f("none", "r", 2, 0)
	f("none", "r", 2, 0) // cools down
	f("none", "r", 2, 0)
	f("none", "r", 2, 0)
	f("none", "r", 2, 0)
	f("0.8 for 1m0s", "r", 2, 0) // as far as it may
	f("none", "plain", 500, 0)
}
