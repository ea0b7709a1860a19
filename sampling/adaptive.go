package sampling

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Adaptive says what an anomaly is, for this service, and how many are captured: their spans are sent although the trace
// was not sampled.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-adaptive-sampling.html#local-sdk-configuration
type Adaptive struct {
	// Conditions say what an anomaly is, any of them. Without conditions it is an HTTP status from 500 on, or an error
	// of a span that has no HTTP status.
	Conditions []AnomalyCondition
	// CapturesPerSecond is how many traces with an anomaly are captured each second; 0 is none, DefaultCaptures what
	// AWS's distributions do where nothing is said.
	CapturesPerSecond int
}

// DefaultCaptures is the traces a second with an anomaly that are captured where the configuration says no number.
const DefaultCaptures = 1

// Uses of an anomaly.
const (
	UseBoth    = "both"                 // for boosts and to be captured
	UseBoost   = "sampling-boost"       // counted for X-Ray, which may raise the rule's rate
	UseCapture = "anomaly-span-capture" // captured; "anomaly-trace-capture", as AWS's programs call it, is the same
)

const useCaptureOld = "anomaly-trace-capture"

// An AnomalyCondition is a kind of anomaly: all that it says must hold, and it must say something of the status or the
// latency.
type AnomalyCondition struct {
	// ErrorCode is a regular expression that HTTP statuses begin with.
	ErrorCode string
	// Operations are the names of the operations it is for; nil: all; empty: none. An operation is called by the
	// attribute aws.local.operation, by the span's name, by the first part of the path, as "/api", or by that behind
	// the method, as "GET /api".
	Operations []string
	// HighLatency is the latency from which it holds; 0: any.
	HighLatency time.Duration
	// Use is what the anomaly is for, one of the uses above; "" is UseBoth.
	Use string
}

// maxAdaptive bounds a configuration. It is a few lines.
const maxAdaptive = 64 << 10

// ParseAdaptive reads a configuration in YAML, or in JSON, as AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG has it.
func ParseAdaptive(text []byte) (*Adaptive, error) {
	if len(text) > maxAdaptive {
		return nil, fmt.Errorf("adaptive sampling: %d bytes, of at most %d", len(text), maxAdaptive)
	}
	var in struct {
		Version    string `yaml:"version"`
		Conditions []struct {
			ErrorCodeRegex string    `yaml:"errorCodeRegex"`
			Operations     *[]string `yaml:"operations"`
			HighLatencyMs  *float64  `yaml:"highLatencyMs"`
			Usage          string    `yaml:"usage"`
		} `yaml:"anomalyConditions"`
		Limit *struct {
			TracesPerSecond int `yaml:"anomalyTracesPerSecond"`
		} `yaml:"anomalyCaptureLimit"`
	}
	if err := decodeYAML(text, &in); err != nil {
		return nil, fmt.Errorf("adaptive sampling: %w", err)
	}
	if major, _, _ := strings.Cut(in.Version, "."); major != "1" {
		return nil, fmt.Errorf("adaptive sampling: version %q is not 1.0", in.Version)
	}
	a := &Adaptive{CapturesPerSecond: DefaultCaptures}
	if in.Limit != nil {
		a.CapturesPerSecond = in.Limit.TracesPerSecond
	}
	for i, c := range in.Conditions {
		condition := AnomalyCondition{ErrorCode: c.ErrorCodeRegex, Use: c.Usage}
		if c.Operations != nil {
			condition.Operations = append([]string{}, *c.Operations...)
		}
		if ms := c.HighLatencyMs; ms != nil {
			if !(*ms >= 0 && *ms <= float64(24*time.Hour/time.Millisecond)) {
				return nil, fmt.Errorf("adaptive sampling: anomalyConditions[%d].highLatencyMs: %v is not from 0 to a day", i, *ms)
			}
			condition.HighLatency = max(time.Duration(*ms*float64(time.Millisecond)), 1)
		}
		a.Conditions = append(a.Conditions, condition)
	}
	_, err := compileAnomalies(a)
	return a, err
}

// decodeYAML decodes one document, without fields that the configuration does not have.
func decodeYAML(text []byte, into any) error {
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	err := decoder.Decode(into)
	if err == nil {
		return nil
	}
	var mistakes *yaml.TypeError
	if errors.As(err, &mistakes) && len(mistakes.Errors) > 0 {
		return errors.New(mistakes.Errors[0])
	}
	return err
}

// maxStatus bounds HTTP statuses.
const maxStatus = 600

// anomalies is an Adaptive made ready.
type anomalies struct{ conditions []anomalyCondition }

type anomalyCondition struct {
	AnomalyCondition
	statuses       *[maxStatus]bool // nil: it says nothing of the status
	boost, capture bool
}

func compileAnomalies(a *Adaptive) (*anomalies, error) {
	if a.CapturesPerSecond < 0 {
		return nil, fmt.Errorf("adaptive sampling: %d captures a second are less than none", a.CapturesPerSecond)
	}
	compiled := &anomalies{}
	for i, c := range a.Conditions {
		ready := anomalyCondition{AnomalyCondition: c}
		switch c.Use {
		case "", UseBoth:
			ready.boost, ready.capture = true, true
		case UseBoost:
			ready.boost = true
		case UseCapture, useCaptureOld:
			ready.capture = true
		default:
			return nil, fmt.Errorf("adaptive sampling: condition %d: use %q is none of %s, %s, %s", i+1, c.Use, UseBoth, UseBoost, UseCapture)
		}
		if c.ErrorCode != "" {
			begins, err := regexp.Compile("^(?:" + c.ErrorCode + ")")
			if err != nil {
				return nil, fmt.Errorf("adaptive sampling: condition %d: error code: %w", i+1, err)
			}
			ready.statuses = new([maxStatus]bool)
			for status := range ready.statuses {
				ready.statuses[status] = status > 0 && begins.MatchString(strconv.Itoa(status))
			}
		}
		compiled.conditions = append(compiled.conditions, ready)
	}
	return compiled, nil
}

// captures tells whether an anomaly may be captured at all.
func (a *anomalies) captures() bool {
	return len(a.conditions) == 0 || slices.ContainsFunc(a.conditions, func(c anomalyCondition) bool { return c.capture })
}

// ended is what conditions ask about a span that ended.
type ended struct {
	status     int // 0: it has none
	failed     bool
	latency    time.Duration
	operations [3]string // what its operation may be called
}

// of tells what the span is an anomaly for.
func (a *anomalies) of(e *ended) (boost, capture bool) {
	for i := range a.conditions {
		c := &a.conditions[i]
		if c.holds(e) {
			boost, capture = boost || c.boost, capture || c.capture
		}
	}
	return boost, capture
}

func (c *anomalyCondition) holds(e *ended) bool {
	if c.statuses == nil && c.HighLatency <= 0 {
		return false
	}
	if c.statuses != nil && (e.status <= 0 || e.status >= maxStatus || !c.statuses[e.status]) {
		return false
	}
	if e.latency < c.HighLatency {
		return false
	}
	return c.Operations == nil || slices.ContainsFunc(e.operations[:], func(name string) bool {
		return name != "" && slices.Contains(c.Operations, name)
	})
}

// fault is an anomaly where no conditions are given.
func (e *ended) fault() bool {
	return e.status >= 500 || e.status == 0 && e.failed
}
