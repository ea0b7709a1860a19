package localaws

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/updraft-otel/updraft/localaws/internal/tsmem"
)

// CloudWatch's query language for OTLP metrics is PromQL of Prometheus 3, here
// evaluated by Prometheus' own engine, within CloudWatch's limits. Vended
// metrics of AWS, which CloudWatch joins in on request, are left out, and so
// are Prometheus' experimental functions.
//
// Read from promqlPage and promqlQueryingPage.

// Limits of queries, from promqlPage. Those of scanned data are for each begun
// day of a query's range.
const (
	maxPromQLCalls        = 300 // a second
	maxPromQLDiscoveries  = 10  // a second
	maxPromQLConcurrent   = 30
	maxPromQLSeries       = 500
	maxPromQLLabels       = 10_000
	maxPromQLRange        = 7 * 24 * time.Hour
	maxPromQLScanned      = 100_000 // series
	maxPromQLSamples      = 300_000_000
	maxPromQLProcessed    = 3_000_000_000
	maxPromQLTime         = 20 * time.Second
	promQLWindow          = 24 * time.Hour
	promQLSamplesInMemory = 50_000_000 // of one query, Prometheus' default
	promQLSubqueryStep    = time.Minute
)

// Bounds of our own, where AWS and Prometheus have none: reading a text costs the
// square of its depth, and the engine sets memory aside for every step before it
// counts samples or looks at the time.
const (
	maxPromQLText  = 16 << 10 // bytes, of a query or of all selectors of a discovery
	maxPromQLSteps = 100_000  // of a range, and of a subquery over all of that range
)

// otlpMetrics is what the OTLP endpoint took, and how it is asked for.
type otlpMetrics struct {
	store   *tsmem.Store
	engine  *promql.Engine
	parser  parser.Parser
	calls   rateLimit // of the OTLP endpoint
	created rateLimit // series

	queries     rateLimit
	discoveries rateLimit
	querying    chan struct{} // one for each query under way
	discovering chan struct{}
}

func newOTLPMetrics(maxBytes int64) *otlpMetrics {
	p := parser.NewParser(parser.Options{})
	return &otlpMetrics{
		store:  tsmem.New(maxBytes),
		parser: p,
		engine: promql.NewEngine(promql.EngineOpts{
			MaxSamples:               promQLSamplesInMemory,
			Timeout:                  maxPromQLTime,
			EnableAtModifier:         true,
			EnableNegativeOffset:     true,
			NoStepSubqueryIntervalFn: func(int64) int64 { return promQLSubqueryStep.Milliseconds() },
			Parser:                   p,
		}),
		calls:       rateLimit{most: maxOTLPCalls, window: time.Second},
		created:     rateLimit{most: maxOTLPNewSeries, window: otlpNewSeriesWindow},
		queries:     rateLimit{most: maxPromQLCalls, window: time.Second},
		discoveries: rateLimit{most: maxPromQLDiscoveries, window: time.Second},
		querying:    make(chan struct{}, maxPromQLConcurrent),
		discovering: make(chan struct{}, maxPromQLConcurrent),
	}
}

// A promQuery is a query of one moment, where Step is 0, or of a range.
type promQuery struct {
	Expr       string
	Start, End time.Time
	Step       time.Duration
	Limit      int // of series
}

// A promRefusal is a query that a rule turns away.
type promRefusal struct {
	rule  *Rule
	value any
}

func (e *promRefusal) Error() string { return e.rule.message(e.value) }

// query evaluates. Its errors are *promRefusal, or the context's.
func (o *otlpMetrics) query(ctx context.Context, q promQuery) (*promAnswer, error) {
	expr, text, err := o.parse(q.Expr)
	if err != nil {
		return nil, err
	}
	if err := q.checkSteps(expr); err != nil {
		return nil, err
	}
	days, err := o.days(expr, q)
	if err != nil {
		return nil, err
	}
	budget := &tsmem.Budget{MaxSeries: maxPromQLScanned * days, MaxSamples: maxPromQLSamples * days}
	query, err := o.prepare(ctx, q, text, budget)
	if err != nil {
		return nil, &promRefusal{&rulePromQLParse, err}
	}
	defer query.Close()
	result := query.Exec(ctx)
	if result.Err != nil {
		return nil, promError(ctx, result.Err)
	}
	if query.Stats().Samples.TotalSamples > int64(maxPromQLProcessed*days) {
		return nil, &promRefusal{&rulePromQLProcessed, query.Stats().Samples.TotalSamples}
	}
	answer := answerOf(result, text, q.Limit)
	answer.scanned, answer.samples = budget.Scanned(), budget.Samples
	return answer, nil
}

func (o *otlpMetrics) prepare(ctx context.Context, q promQuery, expr string, budget *tsmem.Budget) (promql.Query, error) {
	if q.Step == 0 {
		return o.engine.NewInstantQuery(ctx, o.store.Queryable(budget), nil, expr, q.Start)
	}
	return o.engine.NewRangeQuery(ctx, o.store.Queryable(budget), nil, expr, q.Start, q.End, q.Step)
}

// parse reads an expression, whose selectors must each name a metric. The text
// is the expression with labels as the store has them: an attribute of a data
// point is bare, though it may be asked for with a prefix.
func (o *otlpMetrics) parse(text string) (parser.Expr, string, error) {
	if n := len(text); n > maxPromQLText {
		return nil, "", &promRefusal{&rulePromQLText, n}
	}
	expr, err := o.parser.ParseExpr(text)
	if err != nil {
		return nil, "", &promRefusal{&rulePromQLParse, err}
	}
	var refusal error
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			bareMatchers(n.LabelMatchers)
			if refusal == nil && !namesMetric(n.LabelMatchers) {
				refusal = &promRefusal{&rulePromQLName, n}
			}
		case *parser.AggregateExpr:
			bareLabels(n.Grouping)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				bareLabels(n.VectorMatching.MatchingLabels)
				bareLabels(n.VectorMatching.Include)
			}
		}
		return nil
	})
	if strings.Contains(text, datapointPrefix) {
		text = expr.String()
	}
	return expr, text, refusal
}

func bareMatchers(matchers []*labels.Matcher) {
	for _, m := range matchers {
		m.Name = bareLabel(m.Name)
	}
}

func bareLabels(names []string) {
	for i, name := range names {
		names[i] = bareLabel(name)
	}
}

func bareLabel(name string) string {
	const nameField = datapointPrefix + fieldMark + "name"
	switch {
	case name == nameField:
		return model.MetricNameLabel
	case len(name) > len(datapointPrefix) && name[:len(datapointPrefix)] == datapointPrefix:
		return name[len(datapointPrefix):]
	}
	return name
}

// namesMetric reports whether matchers want one metric by its name.
func namesMetric(matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual && m.Value != "" {
			return true
		}
	}
	return false
}

// days is how many windows of 24 hours a query reads, its ranges, offsets and
// the lookback included. A range over a week is refused.
func (o *otlpMetrics) days(expr parser.Expr, q promQuery) (int, error) {
	const lookback = 5 * time.Minute // Prometheus' default
	end := q.End
	if q.Step == 0 {
		end = q.Start
	}
	expr, err := promql.PreprocessExpr(expr, q.Start, end, q.Step)
	if err != nil {
		return 0, &promRefusal{&rulePromQLParse, err}
	}
	statement := &parser.EvalStmt{Expr: expr, Start: q.Start, End: end, Interval: q.Step, LookbackDelta: lookback}
	from, to := promql.FindMinMaxTime(statement)
	if from > to {
		return 1, nil // it reads nothing
	}
	spans := time.Duration(to-from) * time.Millisecond
	if to-from > math.MaxInt64/int64(time.Millisecond) || spans-lookbackSlack(expr, lookback) > maxPromQLRange {
		return 0, &promRefusal{&rulePromQLRange, spans}
	}
	return max(1, int((spans+promQLWindow-1)/promQLWindow)), nil
}

// checkSteps refuses a range, or a subquery, of too many steps.
func (q promQuery) checkSteps(expr parser.Expr) error {
	span := 0.0
	if q.Step > 0 {
		span = q.End.Sub(q.Start).Seconds()
		if n := span / q.Step.Seconds(); n > maxPromQLSteps {
			return &promRefusal{&rulePromQLSteps, int64(n)}
		}
	}
	var refusal error
	parser.Inspect(expr, func(node parser.Node, above []parser.Node) error {
		sub, ok := node.(*parser.SubqueryExpr)
		if !ok || refusal != nil {
			return nil
		}
		step := sub.Step
		if step <= 0 {
			step = promQLSubqueryStep
		}
		if n := subquerySpan(span, append(slices.Clone(above), sub)) / step.Seconds(); n > maxPromQLSteps {
			refusal = &promRefusal{&rulePromQLSteps, int64(n)}
		}
		return nil
	})
	return refusal
}

// subquerySpan is the seconds that the last subquery of a path covers, where the
// query covers span: one in another covers that one's range too, unless @ fixes
// the moment.
func subquerySpan(span float64, path []parser.Node) float64 {
	for _, node := range path {
		if sub, ok := node.(*parser.SubqueryExpr); ok {
			if sub.Timestamp != nil || sub.StartOrEnd != 0 {
				span = 0
			}
			span += sub.Range.Seconds()
		}
	}
	return span
}

// lookbackSlack is the lookback, where the expression has no range of its own:
// a week of a plain selector is allowed, though the engine looks back further.
func lookbackSlack(expr parser.Expr, lookback time.Duration) time.Duration {
	slack := lookback
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch node.(type) {
		case *parser.MatrixSelector, *parser.SubqueryExpr:
			slack = 0
		}
		return nil
	})
	return slack
}

// promError is the rule behind an error of the engine.
func promError(ctx context.Context, err error) error {
	var timeout promql.ErrQueryTimeout
	switch {
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("query: %w", ctx.Err())
	case errors.Is(err, tsmem.ErrSeries):
		return &promRefusal{&rulePromQLScanned, err}
	case errors.Is(err, tsmem.ErrSamples):
		return &promRefusal{&rulePromQLSamples, err}
	case errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded):
		return &promRefusal{&rulePromQLTimeout, err}
	}
	return &promRefusal{&rulePromQLExecution, err}
}
