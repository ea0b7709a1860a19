package otlp

import "slices"

// AppendTraces appends an ExportTraceServiceRequest with the n items of
// [AppendItem] that item returns, all of one resource as [AppendResource]
// appended it. Each scope stands in it once, where its first span is; the spans
// of a scope keep their order. item is called more than once for each.
func AppendTraces(dst []byte, resource string, n int, item func(i int) []byte) []byte {
	scopes, order := groupScopes(n, item)
	size := len(resource)
	for i := range scopes {
		size += fieldLen(scopes[i].size)
	}
	dst = appendHead(slices.Grow(dst, fieldLen(size)), 1, size)
	dst = append(dst, resource...)
	for i := range scopes {
		s := &scopes[i]
		dst = appendHead(dst, 2, s.size)
		dst = append(dst, s.head...)
		for _, at := range order[s.first : s.first+s.spans] {
			_, span := cutItem(item(int(at)))
			dst = appendHead(dst, 2, len(span))
			dst = append(dst, span...)
		}
	}
	return dst
}

func appendHead(dst []byte, field, size int) []byte {
	return appendUvarint(appendTag(dst, field, wireBytes), uint64(size))
}

// A scopeGroup is the spans of one scope within a request.
type scopeGroup struct {
	head  []byte
	size  int // of the ScopeSpans message
	spans int
	first int // its place in the order
}

// groupScopes finds the scopes of items, and returns with them the items'
// indices, scope by scope.
func groupScopes(n int, item func(i int) []byte) (scopes []scopeGroup, order []int32) {
	indices := make([]int32, 2*n)
	of, order := indices[:n], indices[n:]
	known := map[string]int32{}
	for i := range n {
		head, span := cutItem(item(i))
		g, ok := known[string(head)]
		if !ok {
			g = int32(len(scopes))
			known[string(head)] = g
			scopes = append(scopes, scopeGroup{head: head, size: len(head)})
		}
		of[i] = g
		scopes[g].spans++
		scopes[g].size += fieldLen(len(span))
	}
	next := make([]int, len(scopes))
	at := 0
	for g := range scopes {
		scopes[g].first, next[g] = at, at
		at += scopes[g].spans
	}
	for i, g := range of {
		order[next[g]] = int32(i)
		next[g]++
	}
	return scopes, order
}
