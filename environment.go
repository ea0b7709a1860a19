package updraft

import (
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/updraft-otel/updraft/metrics"
	"github.com/updraft-otel/updraft/otlp"
	"github.com/updraft-otel/updraft/sampling"
)

// environment is what the process's environment variables say, read in this
// file alone. The OpenTelemetry and AWS SDKs read those of their own.
type environment struct {
	disabled       bool
	serviceName    string
	traces         string
	metrics        string
	logs           string
	propagators    string
	sampler        string
	samplerArg     string
	adaptive       string // of AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG
	configFile     string
	traceDelay     time.Duration
	logDelay       time.Duration
	metricInterval time.Duration
	headers        map[string]string // of OTEL_EXPORTER_OTLP_LOGS_HEADERS
	sigV4Service   string            // of AWS_SIGV4_SERVICE
	daemonAddress  string            // of AWS_XRAY_DAEMON_ADDRESS
	lambda         bool              // inside a Lambda function
	spoolDir       string            // of UPDRAFT_SPOOL_DIR
	logRaw         bool              // of UPDRAFT_LOG_RAW
	signals        signalsEnvironment
	runtimeMetrics bool   // of UPDRAFT_RUNTIME_METRICS
	declarations   string // of UPDRAFT_METRIC_DECLARATIONS
	emf            string // of UPDRAFT_EMF
	awsEMF         metrics.EMFEnvironment
	debug          bool
}

// readEnvironment returns what is set, and an error that names each variable
// whose value makes no sense; such a variable counts as not set.
func readEnvironment() (environment, []error) {
	var errs []error
	flag := func(name string) bool {
		v := os.Getenv(name)
		return strings.EqualFold(v, "true") || name == envDebug && v == "1"
	}
	millis := func(name string) time.Duration {
		v := os.Getenv(name)
		if v == "" {
			return 0
		}
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 || n > int64(time.Hour/time.Millisecond) {
			errs = append(errs, fmt.Errorf("%s=%q: want milliseconds, up to an hour", name, v))
			return 0
		}
		return time.Duration(n) * time.Millisecond
	}
	e := environment{
		disabled:       flag("OTEL_SDK_DISABLED"),
		serviceName:    os.Getenv("OTEL_SERVICE_NAME"),
		traces:         os.Getenv("OTEL_TRACES_EXPORTER"),
		metrics:        os.Getenv("OTEL_METRICS_EXPORTER"),
		logs:           os.Getenv("OTEL_LOGS_EXPORTER"),
		propagators:    os.Getenv("OTEL_PROPAGATORS"),
		sampler:        os.Getenv("OTEL_TRACES_SAMPLER"),
		samplerArg:     os.Getenv("OTEL_TRACES_SAMPLER_ARG"),
		adaptive:       os.Getenv(envAdaptive),
		configFile:     os.Getenv("OTEL_CONFIG_FILE"),
		traceDelay:     millis("OTEL_BSP_SCHEDULE_DELAY"),
		logDelay:       millis("OTEL_BLRP_SCHEDULE_DELAY"),
		metricInterval: millis("OTEL_METRIC_EXPORT_INTERVAL"),
		headers:        parseHeaders(os.Getenv("OTEL_EXPORTER_OTLP_LOGS_HEADERS")),
		sigV4Service:   os.Getenv("AWS_SIGV4_SERVICE"),
		daemonAddress:  os.Getenv("AWS_XRAY_DAEMON_ADDRESS"),
		lambda:         os.Getenv("AWS_LAMBDA_FUNCTION_NAME") != "",
		spoolDir:       os.Getenv(envSpoolDir),
		logRaw:         flag(envLogRaw),
		runtimeMetrics: flag(envRuntimeMetrics),
		declarations:   os.Getenv(envDeclarations),
		emf:            os.Getenv(envEMF),
		debug:          flag(envDebug),
		signals:        readSignalsEnvironment(flag),
	}
	var err error
	if e.awsEMF, err = metrics.ReadEMFEnvironment(os.Getenv); err != nil {
		errs = append(errs, err)
	}
	if e.configFile != "" {
		errs = append(errs, fmt.Errorf("OTEL_CONFIG_FILE=%q is not read by this version: set the variables or updraft.Config", e.configFile))
	}
	return e, errs
}

// signalsEnvironment is what the variables of AWS's distributions say of
// Application Signals.
type signalsEnvironment struct {
	enabled           bool
	endpoint          string
	paths             string // of OTEL_AWS_HTTP_OPERATION_PATHS, separated by commas
	function          string // the Lambda function this is
	remoteEnvironment string // of Lambda functions that are invoked
	runtime           bool   // of OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED
}

// Variables of Application Signals. The former names, with APP_SIGNALS, are read
// as well.
const (
	envSignals         = "OTEL_AWS_APPLICATION_SIGNALS_ENABLED"
	envSignalsEndpoint = "OTEL_AWS_APPLICATION_SIGNALS_EXPORTER_ENDPOINT"
)

func readSignalsEnvironment(flag func(string) bool) signalsEnvironment {
	return signalsEnvironment{
		enabled: flag(envSignals) || os.Getenv(envSignals) == "" && flag("OTEL_AWS_APP_SIGNALS_ENABLED"),
		endpoint: firstOf(os.Getenv(envSignalsEndpoint),
			os.Getenv("OTEL_AWS_APP_SIGNALS_EXPORTER_ENDPOINT")),
		paths:             os.Getenv("OTEL_AWS_HTTP_OPERATION_PATHS"),
		function:          os.Getenv("AWS_LAMBDA_FUNCTION_NAME"),
		remoteEnvironment: os.Getenv("LAMBDA_APPLICATION_SIGNALS_REMOTE_ENVIRONMENT"),
		runtime:           flag("OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED"),
	}
}

// Variables of our own.
const (
	envDebug          = "UPDRAFT_DEBUG"
	envSpoolDir       = "UPDRAFT_SPOOL_DIR"
	envLogRaw         = "UPDRAFT_LOG_RAW"
	envRuntimeMetrics = "UPDRAFT_RUNTIME_METRICS"
	envDeclarations   = "UPDRAFT_METRIC_DECLARATIONS"
	envEMF            = "UPDRAFT_EMF"
)

// envAdaptive has a configuration of adaptive sampling, or the path of a file
// with one, as AWS's distributions of OpenTelemetry read it.
const envAdaptive = "AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG"

// readDeclarations reads the value of envDeclarations: what has no line end, no
// brace and no bracket is a path.
func readDeclarations(value string) ([]metrics.Declaration, error) {
	text := []byte(value)
	if !strings.ContainsAny(value, "\n{[") {
		var err error
		if text, err = os.ReadFile(value); err != nil {
			return nil, err
		}
	}
	return metrics.ParseDeclarations(text)
}

// readAdaptive reads the value of envAdaptive: what has no line end, no brace
// and no version is a path.
func readAdaptive(value string) (*sampling.Adaptive, error) {
	if strings.ContainsAny(value, "\n{") || strings.Contains(value, "version:") {
		return sampling.ParseAdaptive([]byte(value))
	}
	text, err := os.ReadFile(value)
	if err != nil {
		return nil, err
	}
	return sampling.ParseAdaptive(text)
}

// otlpEnvironment is what the OTEL_EXPORTER_OTLP_... variables say of traces,
// and its neighbours what they say of logs and metrics; read only where that
// road is chosen.
func otlpEnvironment() (otlp.Config, error)        { return otlp.TracesConfig(os.Getenv) }
func otlpLogsEnvironment() (otlp.Config, error)    { return otlp.LogsConfig(os.Getenv) }
func otlpMetricsEnvironment() (otlp.Config, error) { return otlp.MetricsConfig(os.Getenv) }

// metricSelectors are what the OTEL_EXPORTER_OTLP_METRICS_... variables say of
// temporality and of histograms; nil where they say nothing.
func metricSelectors() (sdkmetric.TemporalitySelector, sdkmetric.AggregationSelector, error) {
	return otlp.MetricsSelectors(os.Getenv)
}

// parseHeaders reads key=value pairs separated by commas, the values
// percent-encoded, as the OTLP exporter specification has it.
func parseHeaders(s string) map[string]string {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(s, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			continue
		}
		if decoded, err := url.PathUnescape(strings.TrimSpace(value)); err == nil {
			headers[strings.ToLower(strings.TrimSpace(key))] = decoded
		}
	}
	return headers
}

// A Choice is one setting, what it became, and why.
type Choice struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`
	Source  string `json:"source"` // "argument", a variable's name, or "default"
}

// choices collects what was chosen, for the report.
type choices []Choice

// pick resolves one setting: argument over environment over default.
func (c *choices) pick(setting, argument, variable, fromEnv, byDefault string) string {
	value, source := byDefault, "default"
	switch {
	case argument != "":
		value, source = argument, "argument"
	case fromEnv != "":
		value, source = fromEnv, variable
	}
	c.add(setting, value, source)
	return value
}

func (c *choices) add(setting, value, source string) {
	*c = append(*c, Choice{Setting: setting, Value: value, Source: source})
}
