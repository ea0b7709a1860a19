package localaws

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// FuzzWildcard compares with regular expressions, which are linear in Go too.
func FuzzWildcard(f *testing.F) {
	for _, seed := range [][2]string{{"*", ""}, {"", ""}, {"?", "é"}, {"/api/*", "/API/x"}, {"*a*a*a*b", strings.Repeat("a", 100)}, {"a?c*", "abc"}, {"**?", "x"}, {".*", "a"}, {"*\n", "\n"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		pattern, text = strings.ToValidUTF8(pattern, ""), strings.ToValidUTF8(text, "")
		expr := regexp.QuoteMeta(strings.ToLower(pattern))
		expr = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(expr)
		want := regexp.MustCompile(`(?s)\A` + expr + `\z`).MatchString(strings.ToLower(text))
		if got := newWildcard(pattern).matches(strings.ToLower(text)); got != want {
			t.Errorf("%q on %q: %v", pattern, text, got)
		}
	})
}

// A pattern made to be slow is not: 500 characters against 4,000,000. Were every place tried for every star, go test would end it.
func TestWildcard_hostile(t *testing.T) {
	pattern := newWildcard(strings.Repeat("*a", 249) + "*b")
	text := strings.Repeat("a", 4_000_000)
	if pattern.matches(text) {
		t.Error("matches")
	}
}

func TestRuleMatcher(t *testing.T) {
	request := recordedRequest{service: "web", serviceType: "AWS::ECS::Container", host: "shop.local", method: "GET", path: "/api/orders", arn: "arn:aws:ecs:1",
		attributes: []annotation{{"tenant", "blue"}, {"http_route", "/api/orders"}, {"items", 3.0}}}
	request.fold()
	f := func(want bool, change func(r *samplingRule)) {
		t.Helper()
		rule := newDefaultRule().SamplingRule
		change(&rule)
		if m := newRuleMatcher(rule); m.matches(&request) != want {
			t.Errorf("%+v: %v", rule, !want)
		}
	}
	f(true, func(*samplingRule) {})
	f(true, func(r *samplingRule) { r.ServiceName = "WEB" })
	f(true, func(r *samplingRule) { r.ServiceType = "aws::*" })
	f(true, func(r *samplingRule) { r.Host = "shop.loca?" })
	f(true, func(r *samplingRule) { r.HTTPMethod = "get" })
	f(true, func(r *samplingRule) { r.URLPath = "/api/*" })
	f(true, func(r *samplingRule) { r.ResourceARN = "arn:*:1" })
	f(true, func(r *samplingRule) {
		r.Attributes = map[string]string{"tenant": "b*", "http.route": "/API/*", "items": "3"}
	})
	f(false, func(r *samplingRule) { r.ServiceName = "we" })
	f(false, func(r *samplingRule) { r.ServiceType = "" })
	f(false, func(r *samplingRule) { r.Host = "?shop.local" })
	f(false, func(r *samplingRule) { r.HTTPMethod = "POST" })
	f(false, func(r *samplingRule) { r.URLPath = "/api" })
	f(false, func(r *samplingRule) { r.ResourceARN = "arn" })
	f(false, func(r *samplingRule) { r.Attributes = map[string]string{"tenant": "blue", "other": "*"} })
	request = recordedRequest{}
	f(true, func(*samplingRule) {})
	f(true, func(r *samplingRule) { r.Host = "" })
	f(false, func(r *samplingRule) { r.Host = "?*" })
}

// replayRules are: never health, at most five a second of /api, half of the rest.
func replayRules() []samplingRule {
	health, api, rest := newDefaultRule().SamplingRule, newDefaultRule().SamplingRule, newDefaultRule().SamplingRule
	health.RuleName, health.URLPath, health.FixedRate, health.ReservoirSize = "health", "/health", 0, 0
	api.RuleName, api.URLPath, api.FixedRate, api.ReservoirSize = "api", "/api/*", 0, 5
	rest.FixedRate, rest.ReservoirSize = 0.5, 0
	return []samplingRule{health, api, rest}
}

func replayText(r replayResult) string {
	var b strings.Builder
	for _, rule := range append(r.Rules, r.Total) {
		fmt.Fprintf(&b, "%s: %.6g matched, %.6g borrowed, %.6g from the reservoir, %.6g by rate, %.6g dropped, %.3g%%, %.6g of %.6g failed, $%.2f\n", rule.Name,
			rule.Matched, rule.Borrowed, rule.Reservoir, rule.ByRate, rule.Dropped, rule.Kept*100, rule.FailedKept, rule.Failed, rule.Cost)
	}
	return b.String()
}

func TestReplay(t *testing.T) {
	f := func(name string, requests []recordedRequest, want string) {
		t.Helper()
		if got := replayText(replay(replayRules(), requests, recordedPrice)); got != want {
			t.Errorf("%s: got\n%swant\n%s", name, got, want)
		}
	}
	f("nothing", nil, `health: 0 matched, 0 borrowed, 0 from the reservoir, 0 by rate, 0 dropped, 0%, 0 of 0 failed, $0.00
api: 0 matched, 0 borrowed, 0 from the reservoir, 0 by rate, 0 dropped, 0%, 0 of 0 failed, $0.00
Default: 0 matched, 0 borrowed, 0 from the reservoir, 0 by rate, 0 dropped, 0%, 0 of 0 failed, $0.00
Total: 0 matched, 0 borrowed, 0 from the reservoir, 0 by rate, 0 dropped, 0%, 0 of 0 failed, $0.00
`)
	// 100 s of 20 requests a second to the API, one in ten fails, one a second to
	// /health and two to others: 10 s of borrowing, 90 of quota.
	var requests []recordedRequest
	for i := range 101 {
		at := float64(1_800_000_000 + i)
		for k := range 20 {
			requests = append(requests, recordedRequest{at: at + float64(k)/100, service: "web", path: "/api/x", failed: k%10 == 0, weight: 1})
		}
		requests = append(requests, recordedRequest{at: at + 0.3, service: "web", path: "/health", weight: 1},
			recordedRequest{at: at + 0.4, service: "web", path: "/", weight: 1}, recordedRequest{at: at + 0.4, service: "web", path: "/", weight: 1})
	}
	requests = requests[:100*23+1]
	f("a steady stream", requests, `health: 100 matched, 0 borrowed, 0 from the reservoir, 0 by rate, 100 dropped, 0%, 0 of 0 failed, $0.00
api: 2001 matched, 10 borrowed, 451 from the reservoir, 0 by rate, 1540 dropped, 23%, 47 of 201 failed, $59.33
Default: 200 matched, 0 borrowed, 0 from the reservoir, 100 by rate, 100 dropped, 50%, 0 of 0 failed, $12.87
Total: 2301 matched, 10 borrowed, 451 from the reservoir, 100 by rate, 1740 dropped, 24.4%, 47 of 201 failed, $72.21
`)
	// A trace every two seconds that stands for 20 requests: 10 a second, spread.
	requests = nil
	for i := range 51 {
		requests = append(requests, recordedRequest{at: float64(1_800_000_000 + 2*i), service: "web", path: "/api/x", weight: 20, several: true})
	}
	f("kept ones stand for others", requests, `health: 0 matched, 0 borrowed, 0 from the reservoir, 0 by rate, 0 dropped, 0%, 0 of 0 failed, $0.00
api: 1020 matched, 10 borrowed, 470 from the reservoir, 0 by rate, 540 dropped, 47.1%, 0 of 0 failed, $61.71
Default: 0 matched, 0 borrowed, 0 from the reservoir, 0 by rate, 0 dropped, 0%, 0 of 0 failed, $0.00
Total: 1020 matched, 10 borrowed, 470 from the reservoir, 0 by rate, 540 dropped, 47.1%, 0 of 0 failed, $61.71
`)
}

// A boost comes two windows after the faults, lasts a minute, and waits for its
// cooldown.
func TestReplay_boost(t *testing.T) {
	maxRate, cooldown := 0.8, int32(2)
	rule := newDefaultRule().SamplingRule
	rule.RuleName, rule.FixedRate, rule.ReservoirSize = "boosted", 0.01, 0
	rule.SamplingRateBoost = &samplingRateBoost{MaxRate: &maxRate, CooldownWindowMinutes: &cooldown}
	f := func(faultsPerSecond int, want string) {
		t.Helper()
		var requests []recordedRequest
		for i := range 100 * 20 {
			fault := i%20 < faultsPerSecond
			requests = append(requests, recordedRequest{at: 1_800_000_000 + float64(i)/20, service: "web", failed: fault, fault: fault, weight: 1})
		}
		if got := replayText(replay([]samplingRule{rule}, requests, recordedPrice).only()); !strings.HasPrefix(got, want) {
			t.Errorf("%d faults a second: got\n%swant\n%s", faultsPerSecond, got, want)
		}
	}
	f(0, "boosted: 2000 matched, 0 borrowed, 0 from the reservoir, 20 by rate,")
	f(2, "boosted: 2000 matched, 0 borrowed, 0 from the reservoir, 608 by rate,") // 40 s at 1 %, a minute at 10 of 20
	f(1, "boosted: 2000 matched, 0 borrowed, 0 from the reservoir, 968 by rate,") // a minute at the most there may be
	f(20, "boosted: 2000 matched, 0 borrowed, 0 from the reservoir, 68 by rate,") // a minute at 10 of 200
}

// only is the rules without their total.
func (r replayResult) only() replayResult { r.Total = replayedRule{}; return r }

func BenchmarkReplay(b *testing.B) {
	rules := replayRules()
	for i := range 23 {
		rule := rules[1]
		rule.RuleName, rule.URLPath = fmt.Sprint("r", i), fmt.Sprintf("/v%d/*", i)
		rules = append([]samplingRule{rule}, rules...)
	}
	var requests []recordedRequest
	for i := range 10_000 {
		requests = append(requests, recordedRequest{at: 1.8e9 + float64(i)/10, service: "web", host: "shop.local", method: "get", path: "/api/orders", weight: 1})
	}
	b.ReportAllocs()
	for b.Loop() {
		replay(rules, requests, recordedPrice)
	}
}
