package sampling

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// What no X-Ray says is left out, said once, and the rest decides.
func TestHostileRules(t *testing.T) {
	var said []string
	service := &scripted{rules: append(all(0, 1),
		Rule{Name: "negative", FixedRate: -1}, Rule{Name: "much", FixedRate: 1.01}, Rule{Name: "nan", FixedRate: math.NaN()},
		Rule{Name: "reservoir", ReservoirSize: -5}, Rule{Name: ""}, Rule{Name: strings.Repeat("n", 33)},
		Rule{Name: "long", URLPath: strings.Repeat("*a", 1000)}, Rule{Name: "Default", FixedRate: 0},
		Rule{Name: "attributes", Attributes: map[string]string{"1": "", "2": "", "3": "", "4": "", "5": "", "6": ""}},
		Rule{Name: "boost", Boost: &Boost{MaxRate: 5}},
		Rule{Name: "huge", Priority: 1, ReservoirSize: math.MaxInt64, URLPath: "/huge"},
	)}
	inTime(t, service, Config{Notify: func(m string) { said = append(said, m) }, PollingInterval: time.Minute}, func(t *testing.T, s *Sampler) {
		if got := offer(s, 10, never); got != 10 {
			t.Errorf("%d of 10 sampled, want all", got)
		}
		if r := s.Report(); len(r.Rules) != 3 || r.LastError == "" {
			t.Errorf("%+v, want two rules and what decides else", r)
		}
		sleep(10 * time.Minute)
		if len(said) != 1 || len(said[0]) > 500 {
			t.Errorf("said %q, want a short line once", said)
		}
	})
}

func TestHostileRules_tooMany(t *testing.T) {
	rules := make([]Rule, 100_000)
	for i := range rules {
		rules[i] = Rule{Name: fmt.Sprint(i), FixedRate: 1}
	}
	inTime(t, &scripted{rules: rules}, Config{}, func(t *testing.T, s *Sampler) {
		if r := s.Report(); r.Source != SourceFallback || !strings.Contains(r.LastError, "100000 sampling rules") {
			t.Errorf("%+v, want the local rules in force", r)
		}
	})
	inTime(t, &scripted{}, Config{}, func(t *testing.T, s *Sampler) {
		if r := s.Report(); r.Source != SourceFallback || !strings.Contains(r.LastError, "no sampling rules") {
			t.Errorf("%+v, want the local rules in force where the service says none", r)
		}
	})
}

func TestHostileTargets(t *testing.T) {
	f := func(name string, target Target, want int) {
		t.Helper()
		rules := all(10, 0.5)
		rules[0].Boost = &Boost{MaxRate: 1}
		service := &scripted{rules: rules, target: func(Statistics) *Target { return &target }}
		inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
			offer(s, 1, never)
			sleep(11 * time.Second)
			if got := offer(s, 10, never); got != want {
				t.Errorf("%s: %d of 10 sampled, want %d", name, got, want)
			}
		})
	}
	number := func(n int64) *int64 { return &n }
	rate := func(r float64) *float64 { return &r }
	future := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	f("nothing said", Target{}, 1)
	f("rate of NaN", Target{FixedRate: rate(math.NaN())}, 1)
	f("rate of 2", Target{FixedRate: rate(2)}, 1)
	f("rate below 0", Target{FixedRate: rate(-1)}, 1)
	f("quota below 0", Target{Quota: number(-1), QuotaUntil: future}, 1)
	f("quota without end", Target{Quota: number(math.MaxInt64), QuotaUntil: future}, 10)
	f("quota of the past", Target{Quota: number(10)}, 1)
	f("boost of NaN", Target{BoostRate: math.NaN(), BoostUntil: future}, 1)
	f("boost of 2", Target{BoostRate: 2, BoostUntil: future}, 1)
	f("boost below the rate", Target{BoostRate: 0.1, BoostUntil: future}, 1)
	f("boost of the past", Target{BoostRate: 1}, 1)
	f("boost", Target{BoostRate: 1, BoostUntil: future}, 10)
	f("rate", Target{FixedRate: rate(1)}, 10)
}
