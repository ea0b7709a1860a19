package localaws

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// A Call is a request as a control function sees it: signed rightly, and about
// to be done.
type Call struct {
	Service   string // "xray", "logs", "cloudwatch"
	Operation string
	Header    http.Header
	Body      []byte // as decompressed
	N         int    // how many of this operation there have been, this one included
}

// A Fault is what happens to a call instead of its answer, or before it.
// With neither code, status nor AfterCall the call is only delayed.
type Fault struct {
	Delay      time.Duration // before anything else
	StatusCode int           // default: the code's own
	Code       string        // AWS's error code
	Message    string
	RetryAfter time.Duration // sent as Retry-After, in whole seconds
	AfterCall  bool          // do the work, then cut the connection instead of answering
}

// Throttle is the fault of a client that calls too often.
func Throttle() *Fault {
	return &Fault{StatusCode: http.StatusTooManyRequests, Code: "ThrottlingException", Message: "Rate exceeded"}
}

// Unavailable is the fault of a service that is down.
func Unavailable() *Fault {
	return &Fault{StatusCode: http.StatusServiceUnavailable, Code: "ServiceUnavailableException", Message: "Service is unavailable"}
}

// Control has fn decide the fate of every call of an operation ("" for all),
// e.g. of "PutTraceSegments"; nil lets the call pass. Of several functions the
// first fault counts. Stop takes fn away. Fn is called from many goroutines.
func (s *Server) Control(operation string, fn func(*Call) *Fault) (stop func()) {
	return s.faults.add(operation, fn)
}

// faults are the control functions, and the count of each operation.
type faults struct {
	mu       sync.Mutex
	next     int
	controls []control // in the order they came
	counts   map[string]int
}

type control struct {
	id        int
	operation string
	fn        func(*Call) *Fault
}

func newFaults() *faults { return &faults{counts: make(map[string]int)} }

func (f *faults) add(operation string, fn func(*Call) *Fault) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	id := f.next
	f.controls = append(f.controls, control{id, operation, fn})
	return func() { f.remove(id) }
}

func (f *faults) remove(id int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := make([]control, 0, len(f.controls)) // a call may be walking the old one
	for _, c := range f.controls {
		if c.id != id {
			kept = append(kept, c)
		}
	}
	f.controls = kept
}

// decide counts the call and asks the control functions about it.
func (f *faults) decide(c *call, header http.Header) *Fault {
	f.mu.Lock()
	key := string(c.op.service) + "." + c.op.name
	f.counts[key]++
	n, controls := f.counts[key], f.controls
	f.mu.Unlock()

	for _, ctl := range controls {
		if ctl.operation != "" && ctl.operation != c.op.name {
			continue
		}
		seen := &Call{Service: c.op.service.ruleName(), Operation: c.op.name, Header: header, Body: c.body, N: n}
		if fault := ctl.fn(seen); fault != nil {
			return fault
		}
	}
	return nil
}

// wait delays the call, but not beyond the client's patience or the server's life.
func (f *Fault) wait(ctx context.Context) {
	if f.Delay <= 0 {
		return
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// err is the error that the fault answers with; nil for none.
func (f *Fault) err(s service) *wire.Error {
	if f.Code == "" && f.StatusCode == 0 {
		return nil
	}
	code := f.Code
	if code == "" {
		code = http.StatusText(f.StatusCode)
	}
	e := newError(s, code, f.Message)
	if f.StatusCode != 0 {
		e.Status = f.StatusCode
	}
	if f.RetryAfter > 0 {
		seconds := int((f.RetryAfter + time.Second - 1) / time.Second)
		e.Header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	}
	return e
}
