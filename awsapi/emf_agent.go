package awsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// DefaultEMFAgent is where a CloudWatch agent listens for documents in the embedded metric format, unless
// AWS_EMF_AGENT_ENDPOINT names another place.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Generation_CloudWatch_Agent.html
const DefaultEMFAgent = "tcp://127.0.0.1:25888"

// MaxAgentDatagram is the longest document that goes to an agent's UDP port, with its log group and stream.
const MaxAgentDatagram = MaxDatagram - 1 // its line end

// An EMFAgent sends documents in the embedded metric format to a CloudWatch agent's TCP or UDP port, a line each. Nothing
// is confirmed: what was sent without an error was handed to the network. A connection that the agent closed is noticed
// before the next send and opened again. Its methods may be called from any goroutine; sends go one after the other.
type EMFAgent struct {
	network, address string

	mu    sync.Mutex // guards what follows, and is held while sending
	conn  *agentConn
	lines []byte
	ends  []int // of the documents in lines
}

// An agentConn is a connection, and whether the agent has closed it. An agent never answers, so whoever reads from it
// learns of nothing but its end.
type agentConn struct {
	net.Conn
	ended atomic.Bool
	read  chan struct{} // closed when nobody reads any more
}

// NewEMFAgent returns a client of the agent at an endpoint like tcp://127.0.0.1:25888 or udp://agent:25888; "" is
// DefaultEMFAgent. It opens nothing yet.
func NewEMFAgent(endpoint string) (*EMFAgent, error) {
	if endpoint == "" {
		endpoint = DefaultEMFAgent
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "tcp" && u.Scheme != "udp" || !hostPort(u.Host) {
		return nil, fmt.Errorf("awsapi: %q is no address of a CloudWatch agent; it must be like %s", endpoint, DefaultEMFAgent)
	}
	return &EMFAgent{network: u.Scheme, address: u.Host}, nil
}

// PutDocuments sends n documents, doc(0) to doc(n-1), for a log group and a stream; without a stream the agent takes its
// own. It returns how many of them were sent, from the first on, and those that are too long for a datagram, which were
// left out. An error is an *[EMFAgentError]; the documents from sent on may be tried again.
func (a *EMFAgent) PutDocuments(ctx context.Context, group, stream string, n int, doc func(i int) []byte) (sent int, tooLong []int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(ctx); err != nil {
		return 0, nil, &EMFAgentError{Endpoint: a.endpoint(), err: err}
	}
	head := agentHead(group, stream)
	if a.network == "udp" {
		sent, tooLong, err = a.putDatagrams(head, n, doc)
	} else {
		sent, err = a.putLines(head, n, doc)
	}
	if err != nil {
		_ = a.drop()
		return sent, tooLong, &EMFAgentError{Endpoint: a.endpoint(), sent: true, err: err}
	}
	return sent, tooLong, nil
}

func (a *EMFAgent) putLines(head []byte, n int, doc func(i int) []byte) (sent int, err error) {
	a.lines, a.ends = a.lines[:0], a.ends[:0]
	for i := range n {
		a.lines = appendForAgent(a.lines, head, doc(i))
		a.ends = append(a.ends, len(a.lines))
	}
	written, err := a.conn.Write(a.lines)
	for sent < n && a.ends[sent] <= written {
		sent++
	}
	return sent, err
}

func (a *EMFAgent) putDatagrams(head []byte, n int, doc func(i int) []byte) (sent int, tooLong []int, err error) {
	for i := range n {
		a.lines = appendForAgent(a.lines[:0], head, doc(i))
		if len(a.lines) > MaxDatagram {
			tooLong = append(tooLong, i)
			continue
		}
		switch _, err := a.conn.Write(a.lines); {
		case errors.Is(err, syscall.EMSGSIZE):
			tooLong = append(tooLong, i)
		case err != nil:
			return i, tooLong, err
		}
	}
	return n, tooLong, nil
}

// agentHead is what tells the agent where a document belongs: members of _aws, as AWS's own libraries write them.
func agentHead(group, stream string) []byte {
	head := append([]byte(`"LogGroupName":`), quoted(group)...)
	if stream != "" {
		head = append(append(head, `,"LogStreamName":`...), quoted(stream)...)
	}
	return head
}

func quoted(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`)
	}
	return text
}

// agentOpening is how a document begins that has metrics.
const agentOpening = `{"_aws":{`

// appendForAgent appends a document with the head in its _aws, and a line end. One without metrics has none yet.
func appendForAgent(dst, head, doc []byte) []byte {
	rest, ok := bytes.CutPrefix(doc, []byte(agentOpening))
	dst = append(append(dst, agentOpening...), head...)
	switch {
	case ok && !bytes.HasPrefix(rest, []byte("}")):
		dst = append(append(dst, ','), rest...)
	case ok:
		dst = append(dst, rest...)
	default:
		dst = append(dst, '}')
		if rest = bytes.TrimPrefix(doc, []byte("{")); !bytes.HasPrefix(rest, []byte("}")) {
			dst = append(dst, ',')
		}
		dst = append(dst, rest...)
	}
	return append(dst, '\n')
}

// agentDialTimeout is how long an agent may take to accept a connection.
const agentDialTimeout = 5 * time.Second

func (a *EMFAgent) open(ctx context.Context) error {
	if a.conn != nil && a.conn.ended.Load() {
		_ = a.drop()
	}
	if a.conn == nil {
		conn, err := (&net.Dialer{Timeout: agentDialTimeout}).DialContext(ctx, a.network, a.address)
		if err != nil {
			return err
		}
		a.conn = &agentConn{Conn: conn, read: make(chan struct{})}
		go a.conn.watch()
	}
	deadline, _ := ctx.Deadline()
	return a.conn.SetWriteDeadline(deadline)
}

// watch reads until the connection ends, or the system says that nobody listens.
func (c *agentConn) watch() {
	defer close(c.read)
	_, _ = io.Copy(io.Discard, c.Conn)
	c.ended.Store(true)
}

// Close closes the connection; a later send opens it again.
func (a *EMFAgent) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.drop()
}

func (a *EMFAgent) drop() error {
	if a.conn == nil {
		return nil
	}
	err := a.conn.Close()
	<-a.conn.read
	a.conn = nil
	return err
}

func (a *EMFAgent) endpoint() string { return a.network + "://" + a.address }

// An EMFAgentError says why documents did not reach a CloudWatch agent.
type EMFAgentError struct {
	// Endpoint is the agent's.
	Endpoint string

	sent bool // a part of them may have arrived
	err  error
}

// Error says what went wrong, and what to do about it.
func (e *EMFAgentError) Error() string {
	err := e.err
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err // without the addresses
	}
	var text strings.Builder
	fmt.Fprintf(&text, "CloudWatch agent at %s: %v", e.Endpoint, err)
	if errors.Is(err, syscall.ECONNREFUSED) {
		text.WriteString("; nobody listens there: start the agent, or set AWS_EMF_AGENT_ENDPOINT")
	}
	return text.String()
}

// Unwrap returns the network's error.
func (e *EMFAgentError) Unwrap() error { return e.err }

// Retryable reports that the documents may arrive later.
func (e *EMFAgentError) Retryable() bool { return true }

// OutcomeUnknown reports whether the first document that counts as not sent may have arrived.
func (e *EMFAgentError) OutcomeUnknown() bool { return e.sent }
