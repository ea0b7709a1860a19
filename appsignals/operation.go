package appsignals

import (
	"net/url"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// localOperation is the operation that a service metric is of, and that calls
// made meanwhile are of.
func (p *Processor) localOperation(f *facts) string {
	switch {
	case p.function != "":
		return p.function + "/FunctionHandler"
	case f.localRoot && f.kind != trace.SpanKindServer:
		return InternalOperation
	}
	if operation := p.paths.operation(f); operation != "" {
		return operation
	}
	if f.name != "" && f.name != UnknownOperation && f.name != f.method() {
		return f.name
	}
	return operationOfRequest(f)
}

// callingOperation is the operation that a dependency metric is of.
func callingOperation(f *facts) string {
	if f.localRoot && f.kind != trace.SpanKindServer {
		return InternalOperation
	}
	if operation := f.text(slotLocalOperation); operation != "" {
		return operation
	}
	return UnknownOperation
}

// operationOfRequest is made of method and path where a span's name says
// nothing. Of the path it is the first part: more would be too many operations.
func operationOfRequest(f *facts) string {
	path, known := f.text(slotTarget), f.at[slotTarget] > 0
	switch {
	case known:
	case f.has(slotPath):
		path, known = f.text(slotPath), true
	default:
		path, known = pathOf(f.first(slotURL, slotURLOld))
	}
	if !known {
		return UnknownOperation
	}
	return withMethod(f.method(), firstPart(path))
}

func withMethod(method, path string) string {
	if method == "" {
		return path
	}
	return method + " " + path
}

// pathOf is the path of a URL.
func pathOf(address string) (path string, ok bool) {
	if address == "" {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	return u.Path, true
}

// firstPart is "/payment" of "/payment/123?card=1".
func firstPart(path string) string {
	path = withoutQuery(path)
	if !strings.HasPrefix(path, "/") {
		return "/"
	}
	part, _, _ := strings.Cut(path[1:], "/")
	return "/" + part
}

func withoutQuery(path string) string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		return path[:i]
	}
	return path
}

// operationPaths are the templates of paths by which operations are named, the
// longest first.
type operationPaths []operationPath

type operationPath struct {
	template string
	parts    []string
}

// newOperationPaths keeps the order of templates with as many parts.
func newOperationPaths(templates []string) operationPaths {
	var paths operationPaths
	for _, template := range templates {
		if template = strings.TrimSpace(template); template != "" {
			paths = append(paths, operationPath{template, partsOf(template)})
		}
	}
	slices.SortStableFunc(paths, func(a, b operationPath) int { return len(b.parts) - len(a.parts) })
	return paths
}

// partsOf splits a path at its slashes; those at the end do not count.
func partsOf(path string) []string {
	for len(path) > 1 && strings.HasSuffix(path, "/") {
		path = path[:len(path)-1]
	}
	return strings.Split(path, "/")
}

// operation names the operation of a request by the first template that its
// path begins with, "" if none does.
func (ps operationPaths) operation(f *facts) string {
	if len(ps) == 0 {
		return ""
	}
	path := withoutQuery(f.first(slotPath, slotTarget))
	if path == "" {
		return ""
	}
	parts := partsOf(path)
	for _, p := range ps {
		if p.begins(parts) {
			return withMethod(f.method(), p.template)
		}
	}
	return ""
}

func (p operationPath) begins(parts []string) bool {
	if len(parts) < len(p.parts) {
		return false
	}
	for i, want := range p.parts {
		if variable(want) && parts[i] != "" {
			continue
		}
		if want != parts[i] || variable(want) {
			return false
		}
	}
	return true
}

// variable tells the parts {id}, :id and *, which stand for any but an empty
// one.
func variable(part string) bool {
	return part == "*" || strings.HasPrefix(part, ":") ||
		strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}")
}
