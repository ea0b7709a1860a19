package awsapi

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Limits of what fits a datagram to the X-Ray daemon.
const (
	// MaxDatagram is the most bytes of a UDP datagram over IPv4: 65,535 less 20 of IP's header and 8 of UDP's.
	// https://www.rfc-editor.org/rfc/rfc768
	MaxDatagram = 65_507
	// MaxDaemonSegmentBytes is the longest document that fits a datagram.
	MaxDaemonSegmentBytes = MaxDatagram - len(daemonHeader)
	// MaxDaemonOTLPBytes is the longest OTLP request that fits a datagram, which carries it in base64.
	MaxDaemonOTLPBytes = (MaxDatagram - len(daemonHeader) - len(prefixSampled)) / 4 * 3
)

// daemonHeader stands before every document.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
const daemonHeader = `{"format":"json","version":1}` + "\n"

// What stands before an OTLP request, as AWS's OpenTelemetry distributions send it to the daemon that Lambda runs
// beside a function (OtlpUdpSpanExporter of aws-otel-java-instrumentation).
const (
	prefixSampled   = "T1S"
	prefixUnsampled = "T1U"
)

// How long the daemon's name is trusted: it may be a container that moved.
const daemonResolveEvery = 30 * time.Second

// refusalWait is how long a batch waits for the system to say that nobody listens. On one host it knows at once.
const refusalWait = time.Millisecond

// A Daemon sends to an X-Ray daemon's UDP port. Nothing is confirmed: what was sent without an error was handed to the
// network. That nobody listens is noticed where the system says so, which it does on one host and mostly within one
// network. Its methods may be called from any goroutine; sends go one after the other.
type Daemon struct {
	address string
	named   bool // by a host name
	now     func() time.Time

	mu     sync.Mutex // guards what follows, and is held while sending
	conn   net.Conn
	dialed time.Time
	failed int // how many sends failed so far
	packet []byte
}

// NewDaemon returns a client of the daemon that listens for UDP on address, "host:port"; see [ParseDaemonAddress]. It
// opens nothing yet.
func NewDaemon(address string) (*Daemon, error) {
	if !hostPort(address) {
		return nil, fmt.Errorf("awsapi: %q is no address of an X-Ray daemon; it must be like %s", address, DefaultDaemonAddress)
	}
	host, _, _ := net.SplitHostPort(address)
	_, err := netip.ParseAddr(host)
	return &Daemon{address: address, named: err != nil, now: time.Now}, nil
}

// PutSegments sends n segment documents, doc(0) to doc(n-1), a datagram each, and returns those that are too long for
// one, each at most [MaxDaemonSegmentBytes] where the system allows. An error is a *[DaemonError] and concerns all.
func (d *Daemon) PutSegments(ctx context.Context, n int, doc func(i int) []byte) (tooLong []int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	for i := range n {
		d.packet = append(append(d.packet[:0], daemonHeader...), doc(i)...)
		switch err := d.write(); {
		case errors.Is(err, syscall.EMSGSIZE):
			tooLong = append(tooLong, i)
		case err != nil:
			return nil, err
		}
	}
	return tooLong, d.settle(ctx)
}

// PutOTLP sends an OTLP request of sampled spans, or of recorded ones that are not, as one datagram to the daemon that
// Lambda runs; others do not take it. One over [MaxDaemonOTLPBytes] gives a *[DaemonError] that is Splittable.
func (d *Daemon) PutOTLP(ctx context.Context, request []byte, sampled bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.open(ctx); err != nil {
		return err
	}
	prefix := prefixUnsampled
	if sampled {
		prefix = prefixSampled
	}
	d.packet = append(append(d.packet[:0], daemonHeader...), prefix...)
	d.packet = base64.StdEncoding.AppendEncode(d.packet, request)
	if err := d.write(); err != nil {
		return err
	}
	return d.settle(ctx)
}

// Close closes the socket; a later send opens it again.
func (d *Daemon) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.drop()
}

func (d *Daemon) drop() error {
	if d.conn == nil {
		return nil
	}
	err := d.conn.Close()
	d.conn = nil
	return err
}

// open makes the socket; one to a name is made anew now and then, since names move.
func (d *Daemon) open(ctx context.Context) error {
	if d.conn != nil && d.named && d.now().Sub(d.dialed) >= daemonResolveEvery {
		_ = d.drop()
	}
	if d.conn == nil {
		address, err := d.resolve(ctx)
		if err != nil {
			return &DaemonError{Address: d.address, err: err}
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "udp", address)
		if err != nil {
			d.failed++
			return &DaemonError{Address: d.address, err: err}
		}
		d.conn, d.dialed = conn, d.now()
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = d.conn.SetWriteDeadline(deadline)
	}
	return nil
}

// resolve picks an address of the daemon's name, the next one after a failure: "localhost" is two on most hosts, and the
// daemon listens on the one of IPv4 unless told otherwise.
func (d *Daemon) resolve(ctx context.Context) (string, error) {
	if !d.named {
		return d.address, nil
	}
	host, port, _ := net.SplitHostPort(d.address)
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fmt.Errorf("%q has no address", host)
	}
	slices.SortStableFunc(found, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	return net.JoinHostPort(found[d.failed%len(found)].Unmap().String(), port), nil
}

func (d *Daemon) write() error {
	if len(d.packet) > MaxDatagram {
		return &DaemonError{Address: d.address, err: syscall.EMSGSIZE}
	}
	_, err := d.conn.Write(d.packet)
	if err == nil {
		return nil
	}
	return d.fail(err)
}

// fail makes an error of err and has the next send begin with a new socket.
func (d *Daemon) fail(err error) error {
	if !errors.Is(err, syscall.EMSGSIZE) {
		_ = d.drop()
		d.failed++
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err // without the addresses
	}
	return &DaemonError{Address: d.address, sent: true, err: err}
}

// settle waits a moment for the system's word that nobody took what was sent. A daemon answers nothing.
func (d *Daemon) settle(ctx context.Context) error {
	_ = d.conn.SetReadDeadline(time.Now().Add(refusalWait))
	var answer [1]byte
	_, err := d.conn.Read(answer[:])
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil {
		return nil
	}
	return d.fail(err)
}

// A DaemonError is a batch that may not have reached the daemon.
type DaemonError struct {
	// Address is the daemon's.
	Address string

	sent bool // a part of it may have arrived
	err  error
}

// Error says what went wrong, and what to do about it.
func (e *DaemonError) Error() string {
	text := fmt.Sprintf("X-Ray daemon at %s: %v", e.Address, e.err)
	switch {
	case errors.Is(e.err, syscall.ECONNREFUSED):
		text += "; nobody listens there: start the daemon or the agent, or set AWS_XRAY_DAEMON_ADDRESS"
	case errors.Is(e.err, syscall.EMSGSIZE):
		text = fmt.Sprintf("X-Ray daemon at %s: the spans do not fit a datagram", e.Address)
	}
	return text
}

// Unwrap returns the network's error.
func (e *DaemonError) Unwrap() error { return e.err }

// Retryable reports whether the same batch may arrive later: unless it is too long.
func (e *DaemonError) Retryable() bool { return !errors.Is(e.err, syscall.EMSGSIZE) }

// Splittable reports whether the halves of the batch may fit.
func (e *DaemonError) Splittable() bool { return errors.Is(e.err, syscall.EMSGSIZE) }

// OutcomeUnknown reports whether some of the batch may have arrived.
func (e *DaemonError) OutcomeUnknown() bool { return e.sent && e.Retryable() }
