package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

// A sink takes the place of X-Ray and CloudWatch Logs. It reads of each call what it holds, waits, and answers as AWS.
type sink struct {
	server *httptest.Server
	delay  time.Duration // added to each call
	fault  func(call int64) int

	calls, refused   atomic.Int64
	documents        atomic.Int64 // that arrived, also again
	spans            atomic.Int64 // of a load that arrived, each once
	events, logBytes atomic.Int64
	seen             [maxSpans / 64]atomic.Uint64 // a bit a span
}

// maxSpans is how many spans of a load are told apart; a multiple of 64.
const maxSpans = 1 << 26

// newSink starts one. fault, if there is one, is asked for the status of each call, 0 being the true one.
func newSink(delay time.Duration, fault func(call int64) int) *sink {
	s := &sink{delay: delay, fault: fault}
	s.server = httptest.NewServer(s)
	return s
}

func (s *sink) close() { s.server.Close() }

// every fails each nth call with a status.
func every(n int64, status int, next func(int64) int) func(int64) int {
	return func(call int64) int {
		if call%n == 0 {
			return status
		}
		if next != nil {
			return next(call)
		}
		return 0
	}
}

// faulty throttles every fifth call, and fails every hundredth.
func faulty() func(int64) int {
	const throttled, failed = 5, 101
	return every(failed, http.StatusServiceUnavailable, every(throttled, http.StatusTooManyRequests, nil))
}

// ServeHTTP answers a call.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := s.calls.Add(1)
	body := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(body)
	body.Reset()
	if _, err := io.Copy(body, r.Body); err != nil {
		return
	}
	pause(r.Context(), s.delay)
	if s.fault != nil {
		if status := s.fault(call); status != 0 {
			s.refused.Add(1)
			refuse(w, status)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/TraceSegments":
		s.segments(body.Bytes())
		_, _ = io.WriteString(w, `{"UnprocessedTraceSegments":[]}`)
	case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutLogEvents"):
		s.logBytes.Add(int64(body.Len()))
		s.events.Add(int64(bytes.Count(body.Bytes(), []byte(`"timestamp":`))))
		_, _ = io.WriteString(w, `{"nextSequenceToken":"1"}`) // without it, the collector's exporter sends again
	default:
		_, _ = io.WriteString(w, `{}`)
	}
}

// refuse answers as X-Ray does when it throttles or fails.
func refuse(w http.ResponseWriter, status int) {
	name := "ThrottledException"
	if status != http.StatusTooManyRequests {
		name = "ServiceUnavailable"
	}
	w.Header().Set("X-Amzn-Errortype", name)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"made up by the benchmark"}`)
}

// segmentID precedes the number of a span of a load, in a document within JSON.
var segmentID = []byte(`\"id\":\"` + spanMark)

// segments notes the documents of a call.
func (s *sink) segments(body []byte) {
	s.documents.Add(int64(bytes.Count(body, []byte(`\"trace_id\":`))))
	for {
		at := bytes.Index(body, segmentID)
		if at < 0 || len(body) < at+len(segmentID)+8 {
			return
		}
		body = body[at+len(segmentID):]
		var n [4]byte
		if _, err := hex.Decode(n[:], body[:8]); err == nil {
			s.mark(uint32(n[0])<<24 | uint32(n[1])<<16 | uint32(n[2])<<8 | uint32(n[3]))
		}
	}
}

func (s *sink) mark(n uint32) {
	n %= maxSpans
	if bit := uint64(1) << (n % 64); s.seen[n/64].Or(bit)&bit == 0 {
		s.spans.Add(1)
	}
}

// wait returns when n spans have arrived, or none did for so long.
func (s *sink) wait(ctx context.Context, n int64, still time.Duration) (arrived int64) {
	last, since := s.spans.Load(), time.Now()
	for last < n && time.Since(since) < still && ctx.Err() == nil {
		pause(ctx, 5*time.Millisecond)
		if now := s.spans.Load(); now != last {
			last, since = now, time.Now()
		}
	}
	return last
}
