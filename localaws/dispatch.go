package localaws

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/updraft-otel/updraft/localaws/internal/sigv4"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// maxRequest bounds a request body, compressed or not: 50 documents of 64 KB,
// each character escaped, have room.
const maxRequest = 16 << 20

// handler is everything on the port: the console under /console/, AWS elsewhere.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/console/", s.console())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !browsing(r):
			s.serveAWS(w, r)
		case r.URL.Path == "/":
			http.Redirect(w, r, "/console/", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	return mux
}

// browsing tells a browser's request, which is no AWS call gone wrong: X-Ray and
// Logs are POSTed to, and a GET of CloudWatch's names its
// action, or is for PromQL.
func browsing(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, promqlPrefix) && (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Authorization") == "" &&
		!r.URL.Query().Has("Action") && !r.URL.Query().Has("X-Amz-Signature")
}

// serveAWS takes one AWS call from the wire and back.
func (s *Server) serveAWS(w http.ResponseWriter, r *http.Request) { s.serveCall(w, r, !s.cfg.NoAuth) }

// serveCall takes a call that has to be signed, or not.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, signed bool) {
	s.requests.Add(1)
	defer s.changes.Add(1)
	raw, err := wire.ReadBody(r.Body, maxRequest)
	if err != nil && !errors.Is(err, wire.ErrTooLarge) {
		return // the client has gone
	}
	tooLarge := err != nil
	rt := s.table.route(r, raw)
	op := rt.op
	if op == nil {
		op = &operation{service: rt.service, name: rt.name}
	}
	c := &call{srv: s, requestID: newRequestID(), now: s.cfg.Now(), op: op, protocol: rt.protocol, body: raw, header: r.Header, request: r}
	if tooLarge {
		err = c.refuse(&ruleTooLarge, "body", len(raw), nil)
	} else {
		err = s.admit(c, rt, r, signed)
	}
	if err != nil {
		c.answerError(w, err)
		return
	}
	fault := s.faults.decide(c, r.Header)
	if fault != nil {
		fault.wait(r.Context())
		if e := fault.err(op.service); e != nil && !fault.AfterCall {
			c.answerError(w, e)
			return
		}
	}
	out, err := op.run(c, rt.input(r, c.body))
	live, streams := out.(*liveTail)
	switch {
	case streams && fault != nil && fault.AfterCall:
		live.set.remove(live)
		cut(w)
	case streams && err == nil:
		live.serve(r.Context(), w)
	case fault != nil && fault.AfterCall:
		cut(w)
	case err != nil:
		c.answerError(w, err)
	default:
		c.answer(w, out)
	}
}

// admit checks everything that AWS checks before it looks into the body, the
// signature if there has to be one, and decompresses that.
func (s *Server) admit(c *call, rt route, r *http.Request, signed bool) error {
	if rt.op == nil {
		return c.refuseUnknown(rt.name)
	}
	if signed && c.takesBearer() {
		if err := c.admitBearer(); err != nil {
			return err
		}
	} else if signed {
		if err := s.verifier.Verify(r, c.body, string(c.op.service), c.now); err != nil {
			return c.refuseSignature(err)
		}
	}
	body, err := wire.Decompress(r.Header.Get("Content-Encoding"), c.body, maxRequest)
	if errors.Is(err, wire.ErrTooLarge) {
		return c.refuse(&ruleTooLarge, "body", len(c.body), nil)
	}
	if err != nil {
		return c.malformed(err)
	}
	c.body = body
	return nil
}

// refuseUnknown is the answer to an operation that nobody knows, in the form and
// with the status of its protocol.
func (c *call) refuseUnknown(name string) error {
	err := c.refuse(&ruleUnknownOperation, "operation", name, c.body)
	var e *wire.Error
	if errors.As(err, &e) && (c.protocol == wire.RestJSON || c.protocol == wire.CBOR || c.protocol == wire.Prometheus) {
		e.Status = http.StatusNotFound
	}
	return err
}

// refuseSignature is AWS's answer to a signature: 403, where the JSON protocols
// of Logs and CloudWatch say 400.
func (c *call) refuseSignature(err error) error {
	var bad *sigv4.Error
	if !errors.As(err, &bad) {
		return err
	}
	refusal := c.refuse(signatureRule(bad.Reason), "Authorization", bad.Message, nil)
	var e *wire.Error
	if errors.As(refusal, &e) && c.protocol != wire.JSON10 && c.protocol != wire.JSON11 && c.protocol != wire.CBOR {
		e.Status = http.StatusForbidden
	}
	if c.op.name == otlpLogsOperation { // as otlpLogsPage says
		refusal = withStatus(refusal, http.StatusUnauthorized)
	}
	return refusal
}

func signatureRule(r sigv4.Reason) *Rule {
	switch r {
	case sigv4.Missing:
		return &ruleNoSignature
	case sigv4.Incomplete:
		return &ruleIncompleteSignature
	case sigv4.UnknownKey:
		return &ruleUnknownKey
	case sigv4.Skew:
		return &ruleSkew
	case sigv4.Scope:
		return &ruleScope
	default:
		return &ruleBadSignature
	}
}

// A rawAnswer is an output that may go out as it is, in no protocol; without a
// content type it does not.
type rawAnswer interface {
	raw() (contentType string, body []byte)
}

// answer sends what an operation gave back.
func (c *call) answer(w http.ResponseWriter, out any) {
	if r, ok := out.(rawAnswer); ok {
		if contentType, body := r.raw(); contentType != "" {
			c.reply = map[string]string{"Content-Type": contentType}
			c.write(w, http.StatusOK, body)
			return
		}
	}
	body, err := wire.Encode(c.protocol, c.op.name, c.requestID, out)
	if err != nil {
		c.answerError(w, err)
		return
	}
	c.write(w, http.StatusOK, body)
}

// answerError sends an error. One that is not AWS's is our own fault, and says so.
func (c *call) answerError(w http.ResponseWriter, err error) {
	var e *wire.Error
	if !errors.As(err, &e) {
		c.srv.cfg.Logger.Error("a call has failed inside localaws", "operation", c.op.name, "error", err)
		e = newError(c.op.service, "InternalFailure", fmt.Sprintf("localaws: %v", err))
	}
	c.write(w, e.Status, wire.EncodeError(c.protocol, c.requestID, e, w.Header()))
}

func (c *call) write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", c.protocol.ContentType())
	h.Set("X-Amzn-Requestid", c.requestID)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if c.protocol == wire.CBOR {
		h.Set("Smithy-Protocol", "rpc-v2-cbor")
	}
	for name, value := range c.reply {
		h.Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is no error of ours
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// newRequestID is a random UUID.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
