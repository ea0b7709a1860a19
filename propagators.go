package updraft

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/propagation"

	"github.com/updraft-otel/updraft/xray"
)

const defaultPropagators = "baggage,xray,tracecontext"

// buildPropagators makes what carries trace context between services. Of
// several headers in one request the last in the list wins.
func (b *builder) buildPropagators(context.Context) error {
	names := b.choices.pick("propagators", "", "OTEL_PROPAGATORS", b.env.propagators, defaultPropagators)
	var (
		all []propagation.TextMapPropagator
		err error
	)
	for name := range strings.SplitSeq(names, ",") {
		switch name = strings.TrimSpace(name); name {
		case "tracecontext":
			all = append(all, propagation.TraceContext{})
		case "baggage":
			all = append(all, propagation.Baggage{})
		case "xray":
			all = append(all, xray.Propagator{})
		case "xray-lambda":
			all = append(all, xray.LambdaPropagator{})
		case "none", "":
		default:
			err = fmt.Errorf("OTEL_PROPAGATORS: %q is none of tracecontext, baggage, xray, xray-lambda, none; the others are used", name)
		}
	}
	b.propagator = propagation.NewCompositeTextMapPropagator(all...)
	return err
}
