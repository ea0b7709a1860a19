package localaws

import (
	"cmp"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// What the console reads and changes of sampling. A change is the AWS call itself,
// with its body, its checks and its refusals; only the signature is not asked for.

func consoleSamplingRoutes() []consoleRoute {
	return []consoleRoute{{"sampling", func(s *Server, _ *http.Request) (any, error) { return s.samplingView(), nil }}}
}

// consoleWrites are the only routes that take a POST. Their path ends with the
// operation, and their body is its input.
func consoleWrites() []consoleRoute {
	return []consoleRoute{
		{"sampling/CreateSamplingRule", func(s *Server, r *http.Request) (any, error) {
			return consoleCall(s, r, "CreateSamplingRule", createSamplingRule)
		}},
		{"sampling/UpdateSamplingRule", func(s *Server, r *http.Request) (any, error) {
			return consoleCall(s, r, "UpdateSamplingRule", updateSamplingRule)
		}},
		{"sampling/DeleteSamplingRule", func(s *Server, r *http.Request) (any, error) {
			return consoleCall(s, r, "DeleteSamplingRule", deleteSamplingRule)
		}},
		{"sampling/simulate", consoleSimulate},
	}
}

// maxConsoleBody bounds what the console sends: 26 rules are far less.
const maxConsoleBody = 1 << 20

// writing wraps what changes something. Another page's script cannot send JSON
// here, nor anything that a browser marks as its own.
func writing(handle func(r *http.Request) (any, error)) http.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(w http.ResponseWriter, r *http.Request) {
		if err := protection.Check(r); err != nil {
			answerConsole(w, nil, &consoleError{http.StatusForbidden, "another page may not change anything here"})
			return
		}
		if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "application/json" {
			answerConsole(w, nil, &consoleError{http.StatusUnsupportedMediaType, "send application/json"})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxConsoleBody)
		out, err := handle(r)
		answerConsole(w, out, err)
	}
}

// consoleCall makes an AWS call for the console.
func consoleCall[In, Out any](s *Server, r *http.Request, name string, do func(c *call, in *In) (*Out, error)) (any, error) {
	s.requests.Add(1)
	defer s.changes.Add(1)
	body, err := wire.ReadBody(r.Body, maxConsoleBody)
	if err != nil {
		return nil, badRequest("%v", err)
	}
	in := new(In)
	if err := json.Unmarshal(body, in); err != nil {
		return nil, badRequest("%v", err)
	}
	out, err := do(&call{srv: s, now: s.cfg.Now(), op: &operation{service: serviceXRay, name: name}, body: body}, in)
	return out, consoleAnswer(err)
}

// consoleAnswer is AWS's error as the console shows it.
func consoleAnswer(err error) error {
	var e *wire.Error
	if errors.As(err, &e) {
		return badRequest("%s: %s", e.Code, e.Message)
	}
	return err
}

type consoleSampling struct {
	Rules []consoleRule `json:"rules"` // in the order they are tried
	Limit int           `json:"limit"` // of rules besides Default
	Price tracePrice    `json:"price"`
}

// A consoleRule is a rule and its use, since the server started.
type consoleRule struct {
	Rule     samplingRule    `json:"rule"`
	Modified float64         `json:"modified"`
	Matched  int64           `json:"matched"`
	Sampled  int64           `json:"sampled"`
	Borrowed int64           `json:"borrowed"`
	LastSeen float64         `json:"lastSeen"` // 0 for never
	Quota    int32           `json:"quota"`    // that clients hold, together
	Clients  []consoleClient `json:"clients"`
	Boost    *consoleBoost   `json:"boost"`
	Windows  []consoleWindow `json:"windows"` // of ten seconds, oldest first
}

type consoleClient struct {
	ID       string  `json:"id"`
	Rate     float64 `json:"rate"` // requests a second
	Quota    int32   `json:"quota"`
	LastSeen float64 `json:"lastSeen"`
}

type consoleBoost struct {
	Rate  float64 `json:"rate"`
	Until float64 `json:"until"`
}

type consoleWindow struct {
	Start    float64 `json:"start"`
	Matched  int64   `json:"matched"`
	Sampled  int64   `json:"sampled"`
	Borrowed int64   `json:"borrowed"`
}

func (s *Server) samplingView() consoleSampling {
	out := consoleSampling{Rules: []consoleRule{}, Limit: maxSamplingRules, Price: recordedPrice}
	now := s.cfg.Now()
	for _, record := range s.sampling.list() {
		out.Rules = append(out.Rules, s.sampling.view(record, now))
	}
	return out
}

func (s *samplingStore) view(record samplingRecord, now time.Time) consoleRule {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := consoleRule{Rule: record.SamplingRule, Modified: epochMillis(record.ModifiedAt.Time), Clients: []consoleClient{}, Windows: []consoleWindow{}}
	u := s.use[record.SamplingRule.RuleName]
	if u == nil {
		return out
	}
	out.Matched, out.Sampled, out.Borrowed = u.total.requests, u.total.sampled, u.total.borrowed
	if !u.last.IsZero() {
		out.LastSeen = epochMillis(u.last)
	}
	for id, c := range u.clients {
		if now.Sub(c.last) <= clientWindow {
			out.Quota += c.quota
			out.Clients = append(out.Clients, consoleClient{id, c.rate, c.quota, epochMillis(c.last)})
		}
	}
	slices.SortFunc(out.Clients, func(a, b consoleClient) int { return cmp.Compare(a.ID, b.ID) })
	if b := u.boost.active(now); b != nil {
		out.Boost = &consoleBoost{b.BoostRate, epochMillis(b.BoostRateTTL.Time)}
	}
	for _, w := range u.windows {
		out.Windows = append(out.Windows, consoleWindow{epochMillis(w.start), w.requests, w.sampled, w.borrowed})
	}
	return out
}
