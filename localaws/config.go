package localaws

import (
	"log/slog"
	"time"
)

// DefaultListen is the address `updraft local` and `updraft demo` listen on.
const DefaultListen = "127.0.0.1:4580"

// DefaultListenUDP is the X-Ray daemon's address, where its SDKs send segments.
const DefaultListenUDP = "127.0.0.1:2000"

// The credentials that a server accepts, and the region it says it is in.
// SigV4 signatures are verified with them for any region in the credential scope.
const (
	AccessKeyID     = "local"
	SecretAccessKey = "local"
	Region          = "us-east-1"
	AccountID       = "000000000000"
)

// The bearer tokens that a server takes by default.
const (
	LogsBearerToken    = "ACWLlocal" // for /v1/logs
	MetricsBearerToken = "local"     // for /v1/metrics
)

// Config says how a [Server] runs. The zero value is a server in memory on a
// free loopback port, which is what a test wants.
type Config struct {
	// Listen is the TCP address to listen on; default "127.0.0.1:0", a free port.
	Listen string

	// DataDir keeps what was accepted across restarts; default "", memory only.
	// A directory has one owner at a time.
	DataDir string

	// NoAuth turns the verification of SigV4 signatures off.
	NoAuth bool

	// LogsBearerToken is the token that /v1/logs takes instead of a signature, for
	// log groups where PutBearerTokenAuthentication turned tokens on; default
	// [LogsBearerToken].
	LogsBearerToken string

	// MetricsBearerToken is the API key that /v1/metrics takes instead of a
	// signature; default [MetricsBearerToken].
	MetricsBearerToken string

	// ListenUDP is the address for what is sent to the X-Ray daemon; default: none.
	// `updraft local` opens [DefaultListenUDP]; "127.0.0.1:0" is a free port.
	// Segments come by UDP; by TCP the same port answers GetSamplingRules and
	// GetSamplingTargets without a signature, as the daemon does.
	ListenUDP string

	// NoTransactionSearch answers the OTLP endpoint as AWS does in an account
	// where Transaction Search is off: it refuses everything.
	NoTransactionSearch bool

	// StrictTraceTime refuses trace ids whose time is over 30 days old or in the
	// future. One page of AWS says that X-Ray does so, another that the time is
	// not looked at; by default it is not.
	StrictTraceTime bool

	// SamplingRulesPerPage is how many rules one answer of GetSamplingRules holds;
	// the next page is behind NextToken. Default 0: all on one page, as AWS does
	// not say how many it answers and its own SDKs ask for one page only.
	SamplingRulesPerPage int

	// MaxBytes bounds the memory for accepted data, in bytes; default 512 MiB.
	// Half of it is for traces, three eighths for logs, one eighth for metrics, half of it for
	// those by OTLP;
	// a store that is over its share evicts its oldest data, and counts it.
	MaxBytes int64

	// Logger is told what the operator should know; default: nothing is logged.
	Logger *slog.Logger

	// Now is the clock; default [time.Now].
	Now func() time.Time
}

// defaultMaxBytes is the memory for accepted data where the Config is silent.
const defaultMaxBytes = 512 << 20

// withDefaults fills in what the Config leaves open.
func (cfg Config) withDefaults() Config {
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = defaultMaxBytes
	}
	if cfg.LogsBearerToken == "" {
		cfg.LogsBearerToken = LogsBearerToken
	}
	if cfg.MetricsBearerToken == "" {
		cfg.MetricsBearerToken = MetricsBearerToken
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}
