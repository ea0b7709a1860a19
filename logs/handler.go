package logs

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/noop"
)

// HandlerOptions are the settings of a Handler; the zero value works.
type HandlerOptions struct {
	// Level is the least level that is logged; a *slog.LevelVar may change it
	// at any time. Default: slog.LevelInfo.
	Level slog.Leveler
	// AddSource adds file, line and function of the caller, as the attributes
	// code.file.path, code.line.number and code.function.name.
	AddSource bool
}

// Handler makes OpenTelemetry log records of what is logged through slog. The
// context given to slog's functions carries the span: use InfoContext and its
// siblings, and each line knows its trace.
//
// Groups become maps. An error is kept as its text under the key it was given.
type Handler struct {
	logger log.Logger
	level  slog.Leveler
	source bool
	// path is the open groups, outermost first; path[0] has no name and holds
	// the attributes outside of all groups.
	path []group
}

type group struct {
	name  string
	attrs []attribute.KeyValue
}

var _ slog.Handler = (*Handler)(nil)

// NewHandler returns a handler that emits to logger. Without a logger it
// handles nothing; opts may be nil.
func NewHandler(logger log.Logger, opts *HandlerOptions) *Handler {
	if logger == nil {
		logger = noop.Logger{}
	}
	h := &Handler{logger: logger, level: slog.LevelInfo, path: []group{{}}}
	if opts == nil {
		return h
	}
	h.source = opts.AddSource
	if opts.Level != nil {
		h.level = opts.Level
	}
	return h
}

// Enabled says whether level is logged: it is at least the handler's, and the
// OpenTelemetry logger wants it.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	if level < h.level.Level() {
		return false
	}
	return h.logger.Enabled(ctx, log.EnabledParameters{Severity: severity(level)})
}

// Handle emits r as an OpenTelemetry log record.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	var out log.Record
	out.SetTimestamp(r.Time)
	out.SetSeverity(severity(r.Level))
	out.SetSeverityText(r.Level.String())
	out.SetBody(attribute.StringValue(r.Message))
	if h.source {
		out.AddAttributes(source(r)...)
	}
	out.AddAttributes(h.attributes(r)...)
	h.logger.Emit(ctx, out)
	return nil
}

// attributes are r's, put into the open groups.
func (h *Handler) attributes(r slog.Record) []attribute.KeyValue {
	return attributesOf(h.path, r)
}

// attributesOf are r's, put into the groups from the innermost outwards. A
// group without attributes is left out.
func attributesOf(path []group, r slog.Record) []attribute.KeyValue {
	inner := len(path) - 1
	kvs := make([]attribute.KeyValue, 0, len(path[inner].attrs)+r.NumAttrs()+1)
	kvs = append(kvs, path[inner].attrs...)
	r.Attrs(func(a slog.Attr) bool {
		kvs = appendAttr(kvs, a)
		return true
	})
	for i := inner; i > 0; i-- {
		outer := slices.Clip(path[i-1].attrs)
		if len(kvs) > 0 {
			outer = append(outer, attribute.KeyValue{
				Key: attribute.Key(path[i].name), Value: attribute.MapValue(kvs...),
			})
		}
		kvs = outer
	}
	return kvs
}

// WithAttrs returns a handler that adds attrs to every record, inside the
// groups that are open.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.path = withAttrs(h.path, attrs)
	return &with
}

// withAttrs is the path with attrs in its innermost group.
func withAttrs(path []group, attrs []slog.Attr) []group {
	path = slices.Clone(path)
	last := &path[len(path)-1]
	last.attrs = slices.Clip(last.attrs)
	for _, a := range attrs {
		last.attrs = appendAttr(last.attrs, a)
	}
	return path
}

// WithGroup returns a handler that puts what follows into the group name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.path = append(slices.Clip(h.path), group{name: name})
	return &with
}

// slog's levels are four apart, as are OpenTelemetry's, and slog.LevelInfo is
// log.SeverityInfo.
const severityOffset = int(log.SeverityInfo) - int(slog.LevelInfo)

func severity(level slog.Level) log.Severity {
	n := min(max(int(level), int(log.SeverityTrace1)-severityOffset), int(log.SeverityFatal4)-severityOffset)
	return log.Severity(n + severityOffset)
}
