package updraft

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/sampling"
	"github.com/updraft-otel/updraft/xray"
)

// Sampler names that OTEL_TRACES_SAMPLER takes besides the standard ones.
// "parentbased_" before them changes nothing: they follow the parent.
const (
	SamplerXRay  = "xray"  // by the sampling rules of the AWS account; see docs/sampling.md
	SamplerRules = "rules" // by the local rules in OTEL_TRACES_SAMPLER_ARG or Config.SamplingRules
)

// sampler is what Config asks for, else what OTEL_TRACES_SAMPLER names. What an
// X-Ray header says besides a parent is honoured in all cases. The error is for
// the report: there is always a sampler.
func (b *builder) sampler(ctx context.Context) (sdktrace.Sampler, error) {
	c, name := b.config, strings.TrimPrefix(b.env.sampler, "parentbased_")
	source := "OTEL_TRACES_SAMPLER"
	var (
		s   sdktrace.Sampler
		err error
	)
	switch {
	case c.Sampler != nil:
		s, source = c.Sampler, "argument"
		b.ruleSampler, _ = s.(*sampling.Sampler)
	case c.XRaySampling:
		s, err = b.xraySampler(ctx)
		source = "argument"
	case name == SamplerXRay:
		s, err = b.xraySampler(ctx)
	case c.SamplingRules != nil:
		s, err = b.rulesSampler(c.SamplingRules, nil)
		source = "argument"
	case name == SamplerRules:
		s, err = b.rulesSampler(sampling.ParseRules(b.env.samplerArg))
	default:
		s, err = standardSampler(b.env.sampler, b.env.samplerArg)
		if err != nil || b.env.sampler == "" {
			source = "default"
		}
	}
	b.choices.add("sampler", s.Description(), source)
	return xray.HonorHeader(s), err
}

// rulesSampler makes a sampler of local rules. Those that make no sense leave
// what X-Ray does without rules.
func (b *builder) rulesSampler(rules []sampling.Rule, err error) (sdktrace.Sampler, error) {
	variable := "SamplingRules"
	if b.config.SamplingRules == nil {
		variable = "OTEL_TRACES_SAMPLER_ARG"
	}
	if err != nil {
		err = fmt.Errorf("%s: %w; one trace a second and 5 %% of the others are sampled", variable, err)
	}
	s, err2 := b.newSampler(sampling.Config{Rules: rules})
	return s, errors.Join(err, err2)
}

// xraySampler makes the sampler of the account's rules. Where X-Ray cannot be
// asked at all, the local rules decide.
func (b *builder) xraySampler(ctx context.Context) (sdktrace.Sampler, error) {
	arg, err := b.xrayArgument()
	client, road, roadErr := b.samplingClient(ctx, arg.endpoint)
	c := sampling.Config{Rules: b.config.SamplingRules, PollingInterval: arg.polling}
	if roadErr != nil {
		roadErr = fmt.Errorf("X-Ray's sampling rules: %w; until then the local rules decide, or one trace a second and 5 %% of the others", roadErr)
	} else {
		c.Service = xrayRules{client}
		b.choices.add("sampling rules", road, arg.source)
	}
	b.explain, b.samplingMetrics = b.explain || arg.explain, b.samplingMetrics || arg.metrics
	s, newErr := b.newSampler(c)
	if newErr == nil {
		newErr = s.Start(context.WithoutCancel(ctx)) // Shutdown ends it
	}
	return s, errors.Join(err, roadErr, newErr)
}

// newSampler makes a sampler of ours with what the settings say of all of them.
// A mistake leaves a sampler without rules.
func (b *builder) newSampler(c sampling.Config) (*sampling.Sampler, error) {
	var adaptiveErr error
	if c.Adaptive = b.config.AdaptiveSampling; c.Adaptive == nil && b.env.adaptive != "" {
		if c.Adaptive, adaptiveErr = readAdaptive(b.env.adaptive); adaptiveErr != nil {
			c.Adaptive, adaptiveErr = nil, fmt.Errorf("%s: %w", envAdaptive, adaptiveErr)
		} else {
			b.choices.add("adaptive sampling", fmt.Sprintf("%d conditions, %d captures a second",
				len(c.Adaptive.Conditions), c.Adaptive.CapturesPerSecond), envAdaptive)
		}
	}
	c.Resource = b.resource
	c.Explain = b.config.ExplainSampling || b.explain
	c.Notify = func(message string) { fmt.Fprintf(os.Stderr, "updraft: %s\n", message) }
	s, err := sampling.New(c)
	if err != nil {
		c.Rules, c.Adaptive = nil, nil
		s, _ = sampling.New(c) // nothing is left that could be wrong
	}
	b.ruleSampler, b.ownSampler = s, true
	return s, errors.Join(adaptiveErr, err)
}

// xrayArgument is what OTEL_TRACES_SAMPLER_ARG and AWS_XRAY_DAEMON_ADDRESS say
// of X-Ray's rules.
type xrayArgument struct {
	endpoint string // of a daemon or an agent; "" is X-Ray's own
	source   string
	polling  time.Duration
	explain  bool
	metrics  bool
}

// maxPolling bounds the time between two requests for rules: those older than an
// hour are not used.
const maxPolling = time.Hour

// xrayArgument reads "endpoint=http://localhost:2000,polling_interval=300", and
// explain=true and metrics=true, which are ours.
func (b *builder) xrayArgument() (a xrayArgument, err error) {
	a.source = "AWS configuration"
	if b.env.daemonAddress != "" {
		daemon, err := awsapi.ParseDaemonAddress(b.env.daemonAddress)
		if err != nil {
			return a, fmt.Errorf("AWS_XRAY_DAEMON_ADDRESS: %w", err)
		}
		a.endpoint, a.source = "http://"+daemon.TCP, "AWS_XRAY_DAEMON_ADDRESS"
	}
	if strings.TrimPrefix(b.env.sampler, "parentbased_") != SamplerXRay {
		return a, nil // it is another sampler's argument
	}
	for item := range strings.SplitSeq(b.env.samplerArg, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		key, value, _ := strings.Cut(item, "=")
		if !a.set(strings.TrimSpace(key), strings.TrimSpace(value)) {
			err = fmt.Errorf("OTEL_TRACES_SAMPLER_ARG: %q is none of endpoint=http://host:2000, polling_interval=300 (seconds, to an hour), explain=true, metrics=true; it is left out", item)
		}
	}
	return a, err
}

// set takes one item and tells whether it makes sense.
func (a *xrayArgument) set(key, value string) (ok bool) {
	var err error
	switch key {
	case "endpoint":
		if ok = value != ""; ok {
			if !strings.Contains(value, "://") {
				value = "http://" + value
			}
			a.endpoint, a.source = value, "OTEL_TRACES_SAMPLER_ARG"
		}
		return ok
	case "polling_interval":
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil || !(seconds >= 1 && seconds <= maxPolling.Seconds()) {
			return false
		}
		a.polling = time.Duration(seconds * float64(time.Second))
		return true
	case "explain":
		a.explain, err = strconv.ParseBool(value)
	case "metrics":
		a.metrics, err = strconv.ParseBool(value)
	default:
		return false
	}
	return err == nil
}

// samplingClient calls a daemon or an agent, which signs, or X-Ray itself.
func (b *builder) samplingClient(ctx context.Context, endpoint string) (*awsapi.Client, string, error) {
	if endpoint == "" {
		return b.awsClient(ctx, awsapi.XRay)
	}
	client, err := awsapi.New(awsapi.Config{Service: awsapi.XRay, Endpoint: endpoint, Credentials: aws.AnonymousCredentials{}})
	return client, endpoint, err
}

// observeSampling makes metrics of the sampler's report, where they are wanted.
func (b *builder) observeSampling(context.Context) error {
	if s := b.ruleSampler; s != nil && b.meterProvider != nil && (b.config.SamplingMetrics || b.samplingMetrics) {
		_, err := s.Observe(b.meterProvider.Meter("github.com/updraft-otel/updraft/sampling"))
		return err
	}
	return nil
}

// quietly makes the tracer provider. The SDK reads OTEL_TRACES_SAMPLER before
// its options and tells its error handler, stderr, of names that it does not
// know, though they are ours. There is no other way to keep it from that than
// to be the handler; nothing else is kept from who was before.
func (b *builder) quietly(build func() *sdktrace.TracerProvider) *sdktrace.TracerProvider {
	switch strings.TrimPrefix(b.env.sampler, "parentbased_") {
	case SamplerXRay, SamplerRules:
	default:
		return build()
	}
	if b.config.NoGlobals {
		return build()
	}
	former := otel.GetErrorHandler()
	handler := &errorHandler{}
	if !strings.HasSuffix(fmt.Sprintf("%T", former), ".ErrDelegator") { // the default one would hand errors back
		handler.former = former
	}
	otel.SetErrorHandler(handler)
	provider := build()
	if handler.former != nil {
		otel.SetErrorHandler(former)
	}
	return provider
}

// errorHandler does what OpenTelemetry's default handler does, but for the
// names of our samplers.
type errorHandler struct{ former otel.ErrorHandler }

// Handle implements otel.ErrorHandler.
func (h *errorHandler) Handle(err error) {
	name, unknown := strings.CutPrefix(err.Error(), "unsupported sampler: ")
	name = strings.TrimPrefix(name, "parentbased_")
	switch current := otel.GetErrorHandler(); {
	case unknown && (name == SamplerXRay || name == SamplerRules):
	case h.former != nil:
		h.former.Handle(err)
	case current != otel.ErrorHandler(h): // set since; who asked earlier has us still
		current.Handle(err)
	default:
		fmt.Fprintf(os.Stderr, "opentelemetry: %v\n", err)
	}
}

// standardSampler makes the sampler of a standard name, and the default where
// the name or the ratio makes no sense.
//
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
func standardSampler(name, arg string) (sdktrace.Sampler, error) {
	byDefault := sdktrace.ParentBased(sdktrace.AlwaysSample())
	ratio := 1.0
	if strings.HasSuffix(name, "traceidratio") && arg != "" {
		var err error
		if ratio, err = strconv.ParseFloat(arg, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
			return byDefault, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG: %q is no ratio from 0 to 1; all traces are sampled", arg)
		}
	}
	switch name {
	case "", "parentbased_always_on":
		return byDefault, nil
	case "always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off":
		return sdktrace.NeverSample(), nil
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(ratio), nil
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample()), nil
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio)), nil
	}
	return byDefault, fmt.Errorf("OTEL_TRACES_SAMPLER: %q is neither a standard sampler nor %s or %s; all traces are sampled", name, SamplerXRay, SamplerRules)
}
