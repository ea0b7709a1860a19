package samplingproxy

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A Proxy answers samplers. Its methods may be called from any goroutine.
type Proxy struct {
	upstream Upstream
	now      func() time.Time
	rules    ruleCache
	targets  targets
}

// New returns a proxy to upstream. A nil clock is time.Now.
func New(upstream Upstream, now func() time.Time) *Proxy {
	if now == nil {
		now = time.Now
	}
	const clientID = 12 // bytes: 24 hexadecimal digits
	var id [clientID]byte
	_, _ = rand.Read(id[:]) // never fails
	p := &Proxy{upstream: upstream, now: now}
	p.rules.kept = map[string]page{}
	p.targets.client = hex.EncodeToString(id[:])
	p.targets.rules = map[string]*ruleState{}
	p.targets.boosts = map[boostKey]*boost{}
	return p
}

// Serves tells whether a path is one of the proxy's.
func Serves(path string) bool {
	switch path {
	case RulesPath, TargetsPath, SegmentsPath, RecordsPath:
		return true
	}
	return false
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !Serves(r.URL.Path):
		fail(w, http.StatusForbidden, "AccessDeniedException",
			"this port makes only the calls "+RulesPath+", "+TargetsPath+", "+SegmentsPath+" and "+RecordsPath+"; call X-Ray itself for others")
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		fail(w, http.StatusMethodNotAllowed, "InvalidRequestException", "use POST")
		return
	}
	most := int64(maxBody)
	if r.URL.Path == RulesPath || r.URL.Path == TargetsPath {
		most = maxAsked
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		tooLarge := (*http.MaxBytesError)(nil)
		switch {
		case errors.Is(err, ErrBusy):
			fail(w, http.StatusServiceUnavailable, "ThrottlingException", err.Error())
		case errors.As(err, &tooLarge):
			fail(w, http.StatusRequestEntityTooLarge, "InvalidRequestException", fmt.Sprintf("the request has more than %d KiB", most>>10))
		}
		return // else the client is gone
	}
	switch r.URL.Path {
	case RulesPath:
		p.serveRules(w, r, body)
	case TargetsPath:
		p.serveTargets(w, r, body)
	default:
		p.pass(w, r, body)
	}
}

// pass makes the call as it is.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, body []byte) {
	text, err := p.upstream.Post(r.Context(), r.URL.Path, body)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, text)
}
