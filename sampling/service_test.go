package sampling

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// scripted is a service in virtual time, where no socket can be: it answers as it is told to, and keeps what it was told.
// The real one, over HTTP, is localaws in that module's tests.
type scripted struct {
	mu       sync.Mutex
	rules    []Rule
	rulesErr error
	target   func(Statistics) *Target
	answer   Targets
	err      error
	delay    time.Duration
	asked    []time.Time
	reports  []time.Time
	got      []Statistics
	boosts   []BoostStatistics
	largest  int
}

func (s *scripted) Rules(ctx context.Context) ([]Rule, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Now())
	return slices.Clone(s.rules), s.rulesErr
}

func (s *scripted) Report(ctx context.Context, statistics []Statistics, boosts []BoostStatistics) (Targets, error) {
	if err := s.wait(ctx); err != nil {
		return Targets{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, time.Now())
	if s.err != nil {
		return Targets{}, s.err
	}
	s.got, s.boosts = append(s.got, statistics...), append(s.boosts, boosts...)
	s.largest = max(s.largest, len(statistics), len(boosts))
	answer := s.answer
	for _, one := range statistics {
		if s.target != nil {
			if t := s.target(one); t != nil {
				t.Rule = one.Rule
				answer.Targets = append(answer.Targets, *t)
			}
		}
	}
	return answer, nil
}

func (s *scripted) wait(ctx context.Context) error {
	s.mu.Lock()
	delay := s.delay
	s.mu.Unlock()
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *scripted) set(change func(*scripted)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// inTime starts a sampler of the service in virtual time, and lets do use it when it has got its rules.
func inTime(t *testing.T, service *scripted, c Config, do func(t *testing.T, s *Sampler)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c.Service = service
		if c.Random == nil {
			c.Random = func() float64 { return 0 }
		}
		s, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		do(t, s)
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// sleep passes virtual time.
func sleep(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// never is an id that no rate below 1 samples, so that the reservoir is seen alone.
var never = trace.TraceID{0: 1, 8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}

// offer decides about n new traces and returns how many are sampled.
func offer(s *Sampler, n int, id trace.TraceID) (sampled int) {
	for range n {
		result := s.ShouldSample(sdktrace.SamplingParameters{ParentContext: context.Background(), TraceID: id})
		if result.Decision == sdktrace.RecordAndSample {
			sampled++
		}
	}
	return sampled
}

func all(reservoir int64, rate float64) []Rule {
	return []Rule{{Name: "Default", Priority: 10000, ReservoirSize: reservoir, FixedRate: rate}}
}

func TestReservoir_overTime(t *testing.T) {
	quota := int64(7)
	service := &scripted{rules: all(50, 0)}
	inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
		expect := func(what string, want int) {
			t.Helper()
			if got := offer(s, 100, never); got != want {
				t.Errorf("%v, %s: %d of 100 sampled, want %d", time.Since(service.asked[0]), what, got, want)
			}
		}
		for range 9 {
			expect("borrowed", 1)
			sleep(time.Second)
		}
		expires := time.Now().Add(90 * time.Second)
		service.set(func(s *scripted) {
			s.target = func(Statistics) *Target { return &Target{Quota: &quota, QuotaUntil: expires} }
		})
		sleep(time.Second + 10*time.Millisecond) // the first report is sent ten seconds after the rules came
		expect("with a quota", 7)
		expect("the quota is taken", 0)
		sleep(time.Second)
		expect("the next second", 7)
		service.set(func(s *scripted) { s.err = errors.New("gone") })
		sleep(60 * time.Second)
		expect("the service is gone, the quota holds", 7)
		sleep(30 * time.Second)
		expect("the quota has expired", 1)

		if n := service.got[0]; n.Requests != 900 || n.Sampled != 9 || n.Borrowed != 9 || len(n.Client) != 24 {
			t.Errorf("the first report: %+v, want 900 requests, nine sampled, all borrowed", n)
		}
		r := s.Report()
		if total := r.Rules[0]; total.Borrowed != 10 || total.Sampled != 31 || total.Requests != 1400 {
			t.Errorf("%+v, want what was decided", total)
		}
	})
}

// What the service did not take is in the next report, and nothing is in two.
func TestReport_nothingIsLost(t *testing.T) {
	service := &scripted{rules: append(all(0, 0), Rule{Name: "kept", Priority: 1, URLPath: "/kept", FixedRate: 1})}
	inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
		offer(s, 10, never)
		service.set(func(s *scripted) { s.err = errors.New("down") })
		sleep(11 * time.Second)
		offer(s, 5, never)
		sleep(30 * time.Second)
		service.set(func(s *scripted) { s.err = nil })
		sleep(2 * time.Minute)
		offer(s, 3, never)
		service.set(func(s *scripted) { s.answer.Unprocessed = []Unprocessed{{Rule: "Default", Again: true}} })
		sleep(10 * time.Second)
		service.set(func(s *scripted) { s.answer.Unprocessed = nil })
		sleep(10 * time.Second)
		var requests []int64
		for _, n := range service.got {
			requests = append(requests, n.Requests)
		}
		if want := []int64{15, 3, 3}; !slices.Equal(requests, want) {
			t.Errorf("reports of %v requests, want %v: the second time unprocessed, and again", requests, want)
		}
		if report := s.Report(); report.Failures == 0 || report.LastError != "" {
			t.Errorf("%+v, want failures that are over", report)
		}
	})
}

func TestReport_calls(t *testing.T) {
	var rules []Rule
	for i := range 60 {
		rules = append(rules, Rule{Name: fmt.Sprintf("r%02d", i), Priority: int64(i), SpanName: fmt.Sprint(i), FixedRate: 1})
	}
	service := &scripted{rules: rules}
	inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
		for i := range 60 {
			s.ShouldSample(sdktrace.SamplingParameters{ParentContext: context.Background(), Name: fmt.Sprint(i)})
		}
		sleep(10 * time.Second)
		if len(service.reports) != 3 || len(service.got) != 60 || service.largest != MaxStatistics {
			t.Errorf("%d calls of at most %d with %d statistics, want 3 of at most %d with 60",
				len(service.reports), service.largest, len(service.got), MaxStatistics)
		}
	})
}

func TestReport_interval(t *testing.T) {
	f := func(interval time.Duration, want ...time.Duration) {
		t.Helper()
		service := &scripted{rules: all(0, 1), target: func(Statistics) *Target { return &Target{Interval: interval} }}
		inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
			for range 600 {
				offer(s, 1, never)
				sleep(time.Second)
			}
			for i, d := range want {
				if got := service.reports[i+1].Sub(service.reports[i]).Round(time.Second); got != d {
					t.Errorf("interval %v: report %d came %v after the one before, want %v", interval, i+1, got, d)
				}
			}
		})
	}
	f(0, 10*time.Second, 10*time.Second)
	f(2*time.Second, 2*time.Second, 2*time.Second)
	f(time.Minute, time.Minute, time.Minute)
	f(-time.Hour, 10*time.Second)
	f(time.Nanosecond, time.Second, time.Second)
	f(1000*time.Hour, 5*time.Minute)
}

func TestRules_polling(t *testing.T) {
	service := &scripted{rules: all(0, 1)}
	inTime(t, service, Config{PollingInterval: time.Minute}, func(t *testing.T, s *Sampler) {
		sleep(5 * time.Minute)
		if n := len(service.asked); n != 6 {
			t.Errorf("asked %d times in five minutes, want 6", n)
		}
	})
	// With jitter, ten processes started at once do not stay together.
	service = &scripted{rules: all(0, 1)}
	r := rand.New(rand.NewPCG(1, 2))
	inTime(t, service, Config{PollingInterval: time.Minute, Random: r.Float64}, func(t *testing.T, s *Sampler) {
		sleep(10 * time.Minute)
		gaps := map[time.Duration]bool{}
		for i := range len(service.asked) - 1 {
			gap := service.asked[i+1].Sub(service.asked[i])
			gaps[gap] = true
			if gap < time.Minute || gap > 66*time.Second {
				t.Errorf("a gap of %v, want a minute and at most a tenth more", gap)
			}
		}
		if len(gaps) < 5 {
			t.Errorf("gaps %v, want different ones", gaps)
		}
	})
}

func TestRules_modified(t *testing.T) {
	service := &scripted{rules: all(0, 0)}
	inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
		offer(s, 1, never)
		service.set(func(s *scripted) {
			s.rules = all(0, 1)
			s.answer.RulesModified = time.Now().Add(-1000 * time.Hour) // by the service's clock, whatever ours says
		})
		sleep(11 * time.Second)
		if n := len(service.asked); n != 2 || offer(s, 10, never) != 10 {
			t.Errorf("asked %d times, want the new rules after the report said that there are some", n)
		}
		sleep(time.Minute)
		if n := len(service.asked); n != 2 {
			t.Errorf("asked %d times, want no more for the same change", n)
		}
		if n := service.got[len(service.got)-1].Requests; n != 10 {
			t.Errorf("%d requests reported of the changed rule, want the 10 since its last report", n)
		}
	})
}

func TestRules_unprocessedForGood(t *testing.T) {
	var said []string
	service := &scripted{rules: all(0, 0)}
	service.answer.Unprocessed = []Unprocessed{{Rule: "Default", Reason: "400: no such rule"}}
	inTime(t, service, Config{Notify: func(m string) { said = append(said, m) }}, func(t *testing.T, s *Sampler) {
		for range 5 {
			offer(s, 1, never)
			sleep(10 * time.Second)
		}
		if len(service.asked) < 2 {
			t.Error("the rules were not asked for again")
		}
		if len(said) != 1 || !strings.Contains(said[0], "no such rule") {
			t.Errorf("said %q, want it once", said)
		}
	})
}
