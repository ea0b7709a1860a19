package samplingproxy

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/updraft-otel/updraft/awsapi"
)

const (
	// freshFor is how long an answer with rules is given again: short beside the
	// five minutes after which samplers ask.
	freshFor = time.Minute
	// staleFor is how long it is given where X-Ray does not answer; samplers
	// themselves give rules up after an hour.
	staleFor = time.Hour
	// maxPages bounds what is kept; X-Ray's 25 rules are a page or two.
	maxPages = 64
)

// ruleCache keeps the answers of GetSamplingRules, by request.
type ruleCache struct {
	calls singleflight.Group
	mu    sync.Mutex // guards what follows
	kept  map[string]page
}

type page struct {
	body []byte
	at   time.Time
}

func (c *ruleCache) get(request string) (page, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.kept[request]
	return p, ok
}

func (c *ruleCache) put(request string, p page) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxPages {
		clear(c.kept)
	}
	c.kept[request] = p
}

// changed forgets what is older than the last change of the account's rules.
func (c *ruleCache) changed(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for request, p := range c.kept {
		if p.at.Before(at) {
			delete(c.kept, request)
		}
	}
}

func (p *Proxy) serveRules(w http.ResponseWriter, r *http.Request, body []byte) {
	request := string(body)
	kept, ok := p.rules.get(request)
	if ok && p.now().Sub(kept.at) < freshFor {
		answer(w, kept.body)
		return
	}
	got, err, _ := p.rules.calls.Do(request, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callTimeout)
		defer cancel()
		fresh := page{at: p.now()}
		var err error
		if fresh.body, err = p.upstream.Post(ctx, RulesPath, body); err == nil {
			p.rules.put(request, fresh)
		}
		return fresh, err
	})
	fresh, _ := got.(page)
	switch {
	case err == nil:
		answer(w, fresh.body)
	case ok && p.now().Sub(kept.at) < staleFor && passes(err):
		answer(w, kept.body)
	default:
		refuse(w, err)
	}
}

// passes tells whether a failure says nothing about the request.
func passes(err error) bool {
	e := (*awsapi.Error)(nil)
	return !errors.As(err, &e) || e.Retryable()
}
