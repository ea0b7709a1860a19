package sampling

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"
)

func TestFallback(t *testing.T) {
	service := &scripted{rulesErr: errors.New("connection refused")}
	var said []string
	inTime(t, service, Config{Notify: func(m string) { said = append(said, m) }}, func(t *testing.T, s *Sampler) {
		low := trace.TraceID{0: 1}
		binary.BigEndian.PutUint64(low[8:], 1<<59) // 1/32, below 5 %
		high := low
		binary.BigEndian.PutUint64(high[8:], 1<<60) // 1/16
		if got := offer(s, 10, high); got != 1 {
			t.Errorf("%d sampled before there are rules, want one a second", got)
		}
		if got := offer(s, 10, low); got != 10 {
			t.Errorf("%d sampled of ids below 5 %%, want all", got)
		}
		if s.Report().Source != SourceFallback {
			t.Errorf("source %q", s.Report().Source)
		}
		sleep(30 * time.Minute)
		if len(said) != 1 || !strings.Contains(said[0], "connection refused") {
			t.Errorf("said %q, want it once", said)
		}
		if n := len(service.asked); n < 6 || n > 40 {
			t.Errorf("asked %d times in half an hour, want retries, ever rarer", n)
		}

		service.set(func(s *scripted) { s.rulesErr, s.rules = nil, all(0, 0) })
		sleep(6 * time.Minute)
		if len(said) != 2 || offer(s, 10, high) != 0 {
			t.Errorf("said %q, want the recovery, and the rules in force", said)
		}
		service.set(func(s *scripted) { s.rulesErr = errors.New("gone") })
		sleep(54 * time.Minute)
		if s.Report().Source != SourceService {
			t.Error("rules of less than an hour ago are in force no more")
		}
		sleep(7 * time.Minute)
		if s.Report().Source != SourceFallback || offer(s, 10, high) != 1 {
			t.Error("rules older than an hour are in force")
		}
		if len(said) != 3 {
			t.Errorf("said %q", said)
		}
	})
}

func TestFallback_localRules(t *testing.T) {
	service := &scripted{rulesErr: errors.New("gone")}
	inTime(t, service, Config{Rules: []Rule{{FixedRate: 1}}}, func(t *testing.T, s *Sampler) {
		if got := offer(s, 10, never); got != 10 {
			t.Errorf("%d of 10 sampled, want what the local rules say", got)
		}
	})
}

// A service that never answers holds up neither decisions nor Shutdown.
func TestSlowService(t *testing.T) {
	service := &scripted{rules: all(0, 1), delay: 1000 * time.Hour}
	inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
		offer(s, 100, never)
		sleep(time.Minute)
		if e := s.Report().LastError; !strings.Contains(e, "deadline") {
			t.Errorf("last error %q", e)
		}
		service.set(func(s *scripted) { s.delay = 0 })
		sleep(6 * time.Minute)
		if r := s.Report(); r.Source != SourceService || r.LastError != "" {
			t.Errorf("%+v, want the service's rules", r)
		}
		service.set(func(s *scripted) { s.delay = 1000 * time.Hour })
		sleep(10 * time.Second)
	})
}

func TestStart_twiceAndNever(t *testing.T) {
	inTime(t, &scripted{rules: all(0, 1)}, Config{}, func(t *testing.T, s *Sampler) {
		if err := s.Start(t.Context()); err == nil {
			t.Error("a sampler was started twice")
		}
	})
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Start(t.Context()), s.Shutdown(t.Context())); err != nil {
		t.Error(err)
	}
	synctest.Test(t, func(t *testing.T) { // the context alone ends it, too
		ctx, cancel := context.WithCancel(t.Context())
		s, _ := New(Config{Service: &scripted{rules: all(0, 1)}})
		if err := s.Start(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		<-s.done
	})
}
