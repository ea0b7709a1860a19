package xray

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"go.opentelemetry.io/otel/trace"
)

// What the collector's exporter does where ours differs by more than a word:
// the rules of Segment.Compat. To it an attribute that is there counts, also
// an empty one and one of another type, which it reads as empty.

// appendCollectorURL writes the URL; a server's is put together of other parts
// than a client's.
func (f *facts) appendCollectorURL(dst []byte, s *Segment, first int) []byte {
	switch {
	case !f.urlHost:
		return dst
	case f.has(slotURL):
		return f.appendLong(dst, first, "url", f.text(slotURL))
	}
	host, at := f.firstOf(slotHTTPHost), slotNone
	switch {
	case host != slotNone:
	case s.Kind == trace.SpanKindServer:
		host = f.firstOf(slotServerName, slotNetHostName, slotHostName, slotServerAddress)
		at = f.firstOf(slotNetHostPort, slotServerPort)
	default:
		host, at = f.firstOf(slotNetPeerName, slotNetPeerIP), f.firstOf(slotNetPeerPort)
	}
	scheme := "http"
	if f.has(slotScheme) {
		scheme = f.text(slotScheme)
	}
	dst = f.form.quote(f.form.key(appendSeparator(dst, first), "url"))
	dst = f.form.part(dst, f.short(scheme))
	dst = append(dst, "://"...)
	dst = f.form.part(dst, f.short(f.text(host)))
	if p := f.port(at); at != slotNone && !p.standard(scheme) {
		dst = append(dst, ':')
		if p.text == "" {
			dst = strconv.AppendInt(dst, p.number, 10)
		}
		dst = f.form.part(dst, f.short(p.text))
	}
	switch {
	case f.has(slotTarget):
		dst = f.form.part(dst, f.short(f.text(slotTarget)))
		return f.form.quote(dst)
	case f.has(slotPath):
		dst = f.form.part(dst, f.short(f.text(slotPath)))
	default:
		dst = append(dst, '/')
	}
	if query := f.text(slotQuery); f.has(slotQuery) {
		if !strings.HasPrefix(query, "?") {
			dst = append(dst, '?')
		}
		dst = f.form.part(dst, f.short(query))
	}
	return f.form.quote(dst)
}

// firstOf is the first slot that has an attribute.
func (f *facts) firstOf(of ...slot) slot {
	for _, sl := range of {
		if f.has(sl) {
			return sl
		}
	}
	return slotNone
}

// appendCollectorClientIP writes the client: of http.client_ip and
// client.address the last, of a peer the first where there is no other.
func (f *facts) appendCollectorClientIP(dst []byte, s *Segment, first int) []byte {
	address := ""
	for i := range s.Attributes {
		sl, v := f.filing(i).slot, &s.Attributes[i].Value
		switch {
		case sl == slotClientIP, sl == slotClientAddress && isIP(v, true):
			address = str(*v)
		case address == "" && (sl == slotNetPeerIP || sl == slotPeerAddress):
			address = str(*v)
		}
	}
	if address == "" {
		return dst
	}
	dst = f.appendField(dst, first, "client_ip", address)
	if !f.peerSeen {
		dst = f.form.flag(dst, "x_forwarded_for", true)
	}
	return dst
}

// collectorName derives name and namespace.
func (f *facts) collectorName(s *Segment) (name, namespace string) {
	local := f.localRoot && s.role == roleSpan
	calls := s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer
	switch {
	case s.Kind == trace.SpanKindServer, s.Kind == trace.SpanKindInternal && local:
		name = f.text(slotLocalService)
	case calls, s.Kind == trace.SpanKindConsumer:
		name = f.remote()
	}
	name = firstOf(name, f.text(slotPeerService))
	if f.text(slotRPCSystem) == awsAPI || name == "" && f.has(slotService) {
		namespace = namespaceAWS
	}
	name = firstOf(name, f.text(slotService))
	if name == "" && f.has(slotDBNamespace) {
		name = f.text(slotDBNamespace)
		if u, err := url.Parse(strings.TrimPrefix(f.text(slotDBConnection), "jdbc:")); err == nil && u.Hostname() != "" {
			name += "@" + u.Hostname()
		}
	}
	service := ""
	if s.Resource != nil {
		service = s.Resource.ServiceName
	}
	if s.Kind == trace.SpanKindServer {
		name = firstOf(name, service)
	}
	name = firstOf(name, f.first(slotRPCService, slotHTTPHost, slotNetPeerName))
	if namespace == "" && calls {
		namespace = namespaceRemote
	}
	switch {
	case s.role == roleService:
		return firstOf(f.text(slotLocalService), service, name), ""
	case s.role == roleDependency:
		return firstOf(f.remote(), name), firstOf(namespace, namespaceRemote)
	case local:
		return name, ""
	}
	return name, namespace
}

// appendCollectorName writes the name. Only that of the span is repaired, and
// cut at bytes.
func (f *facts) appendCollectorName(dst []byte, s *Segment, name string) []byte {
	if name != "" {
		return f.form.string(dst, name)
	}
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == 'N', '0' <= r && r <= '9', strings.ContainsRune(` _.:/%&#=+-@`, r), unicode.IsLetter(r):
			return r
		}
		return -1
	}, s.Name)
	return f.form.string(dst, firstOf(kept[:min(len(kept), MaxNameLength)], "span"))
}
