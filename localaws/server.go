package localaws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/sigv4"
)

// Version is what the console and the Server header say.
const Version = "0.1.0"

// A Server is a running double. Start makes one.
type Server struct {
	cfg      Config
	verifier sigv4.Verifier
	table    table
	http     *http.Server
	udp      net.PacketConn // nil without Config.ListenUDP
	proxy    *http.Server   // the same
	url      string
	host     string // host:port as listened on

	traces   *traceStore
	logs     *logStore
	queries  *queryStore
	metrics  *metricStore
	alarms   *alarmStore
	otlp     *otlpMetrics
	sampling *samplingStore
	journal  *journal
	refused  *refusedRing
	faults   *faults
	tails    liveTails

	changes  atomic.Int64 // grows with every call, for the console's events
	requests atomic.Int64

	ctx       context.Context // ends with Close; what waits, waits on it too
	cancel    context.CancelFunc
	serving   sync.WaitGroup
	closeOnce sync.Once
	closeErr  error
}

// ErrDaemonAddress is in the chain of Start's error when nothing but
// [Config.ListenUDP] is in the way: without it, the server would run.
var ErrDaemonAddress = errors.New("X-Ray daemon's address")

// Start listens and serves until ctx ends or Close is called. What an earlier
// server kept in DataDir is there before the first request is taken.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	s := newServer(cfg)
	var err error
	if s.journal, err = openJournal(cfg.DataDir, s.restore, s.worthKeeping); err != nil {
		return nil, err
	}
	s.alarms.resume(cfg.Now())
	lc := net.ListenConfig{}
	listener, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %q: %w; choose another address", cfg.Listen, err), s.journal.close())
	}
	if err := s.listenDaemon(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrDaemonAddress, err), listener.Close(), s.journal.close())
	}
	s.host = listener.Addr().String()
	s.url = "http://" + reachable(listener.Addr())
	s.serve(listener)
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	context.AfterFunc(s.ctx, func() { stop() })
	return s, nil
}

// Shares of Config.MaxBytes, in eighths.
const (
	traceShare  = 4
	logShare    = 3
	metricShare = 1 // one half by PutMetricData and EMF, the other by OTLP
)

func newServer(cfg Config) *Server {
	eighth := cfg.MaxBytes / 8
	s := &Server{
		cfg:      cfg,
		verifier: sigv4.Verifier{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey},
		table:    newTable(xrayOperations(), otlpOperations(), otlpLogsOperations(), logsOperations(), cloudwatchOperations(), otlpMetricsOperations(), promqlOperations()),
		traces:   newTraceStore(eighth * traceShare),
		logs:     newLogStore(eighth * logShare),
		metrics:  newMetricStore(eighth * metricShare / 2),
		otlp:     newOTLPMetrics(eighth * metricShare / 2),
		sampling: newSamplingStore(),
		refused:  &refusedRing{},
		faults:   newFaults(),
	}
	s.logs.now = cfg.Now
	s.queries = newQueryStore(s.logs)
	s.alarms = newAlarmStore(s.metrics)
	s.alarms.journal = func(kind string, at time.Time, payload []byte) error { return s.journal.append(kind, at, payload) }
	s.alarms.failed = func(err error) { cfg.Logger.Error("an alarm could not be evaluated or kept", "error", err) }
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Timeouts of the listener: long enough for a debugger's pause, short enough
// that a client that has gone is noticed.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	closeTimeout  = 3 * time.Second
)

func (s *Server) serve(listener net.Listener) {
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
	}
	s.serving.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Logger.Error("the listener has failed; restart the server", "error", err)
		}
	})
}

// Close stops listening, lets requests under way finish for a moment, and
// closes the data directory. It may be called more than once.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		s.cancel()
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		if err := s.http.Shutdown(ctx); err != nil {
			_ = s.http.Close()
		}
		if s.proxy != nil {
			if err := s.proxy.Shutdown(ctx); err != nil {
				_ = s.proxy.Close()
			}
		}
		s.queries.close()
		s.closeUDP()
		s.serving.Wait()
		s.closeErr = s.journal.close()
	})
	return s.closeErr
}

// URL is the server's address, "http://127.0.0.1:4580": what goes into
// AWS_ENDPOINT_URL, and under /console/ what goes into a browser.
func (s *Server) URL() string { return s.url }

// Env is the environment that points any AWS SDK or the AWS CLI at the server.
func (s *Server) Env() []string {
	env := []string{
		"AWS_ENDPOINT_URL=" + s.url,
		"AWS_ACCESS_KEY_ID=" + AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + SecretAccessKey,
		"AWS_REGION=" + Region,
		"AWS_DEFAULT_REGION=" + Region, // what AWS CLI 1 and boto3 read
		"AWS_EC2_METADATA_DISABLED=true",
	}
	if s.udp != nil {
		env = append(env, "AWS_XRAY_DAEMON_ADDRESS="+s.UDPAddr())
	}
	return env
}

// reachable is an address that a client on this machine can dial.
func reachable(addr net.Addr) string {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil || !at.Addr().IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(at.Port()))
}

// restore hands what the journal kept to the store it belongs to.
func (s *Server) restore(kind string, payload []byte) error {
	switch kind {
	case kindSegments:
		return s.traces.restore(kind, payload)
	case kindLogsControl, kindLogEvents:
		return s.logs.restore(kind, payload)
	case kindMetricData:
		return s.metrics.restore(kind, payload)
	case kindAlarms, kindAlarmStates:
		return s.alarms.restore(kind, payload)
	case kindOTLPMetrics:
		return s.otlp.restore(payload)
	case kindSampling:
		return s.sampling.restore(payload)
	}
	return fmt.Errorf("data directory holds %q, which this version does not know; use a newer one", kind)
}

// What a byte of memory takes in the journal, at most: a segment comes twice
// when it was in progress first, and a datum is much longer as text.
const (
	journalPerTrace  = 2
	journalPerLog    = 2
	journalPerMetric = 16

	keepAlarmStates = 32 << 20 // in bytes; the newest state of an alarm is among them
)

// worthKeeping is how many bytes of a kind the journal keeps. As long as a store
// has evicted nothing, that is everything; groups and streams always are.
func (s *Server) worthKeeping(kind string) int64 {
	eighth := s.cfg.MaxBytes / 8
	switch {
	case kind == kindSegments && s.traces.counts().evicted > 0:
		return eighth * traceShare * journalPerTrace
	case kind == kindLogEvents && s.logs.counts().evicted > 0:
		return eighth * logShare * journalPerLog
	case kind == kindMetricData && s.metrics.counts().evicted > 0:
		return eighth * metricShare / 2 * journalPerMetric
	case kind == kindAlarmStates:
		return keepAlarmStates
	case kind == kindOTLPMetrics && s.otlp.store.Counts().Evicted > 0:
		return eighth * metricShare / 2 * journalPerMetric
	}
	return 0
}
