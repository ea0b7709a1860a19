package xray

import (
	"strconv"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// appendHTTP writes the http block, where the span is of an HTTP request.
func (f *facts) appendHTTP(dst []byte, s *Segment) []byte {
	if !f.http || s.role == roleService {
		return dst
	}
	dst = append(f.form.member(dst, "http"), '{')
	dst = append(f.form.key(dst, "request"), '{')
	first := len(dst)
	dst = f.appendField(dst, first, "method", f.text(slotMethod))
	if f.compat {
		dst = f.appendCollectorURL(dst, s, first)
	} else {
		dst = f.appendURL(dst, s, first)
	}
	dst = f.appendField(dst, first, "user_agent", f.text(slotUserAgent))
	dst = f.appendClientIP(dst, s, first)
	dst = append(f.form.member(append(dst, '}'), "response"), '{')
	first = len(dst)
	if sl := f.responseStatus(); f.has(sl) {
		dst = strconv.AppendInt(f.form.key(dst, "status"), f.number(sl), 10)
	}
	if length := f.responseLength(s); length != 0 || f.compat {
		dst = f.form.key(appendSeparator(dst, first), "content_length")
		dst = strconv.AppendInt(dst, length, 10)
	}
	return append(dst, `}}`...)
}

// httpStatus is the status of the response, by the old key before the stable;
// 0 for none.
func (f *facts) httpStatus() int64 {
	if f.has(slotStatus) {
		return f.number(slotStatus)
	}
	return f.number(slotStatusStable)
}

// responseStatus is the slot of the status that the http block has. The
// collector's exporter judges by the one that httpStatus is, and writes the
// last.
func (f *facts) responseStatus() slot {
	if f.has(slotStatus) && (!f.compat || f.at[slotStatus] > f.at[slotStatusStable]) {
		return slotStatus
	}
	return slotStatusStable
}

// responseLength is the size of the response: of the message received, as the
// span or an event has it, else of the body.
func (f *facts) responseLength(s *Segment) int64 {
	if v := f.value(slotPayloadSize); v.Type() == attribute.INT64 && v.AsInt64() != 0 && f.text(slotMessageType) == "RECEIVED" {
		return v.AsInt64()
	}
	for i := range s.Events {
		if n := receivedSize(s.Events[i].Attributes); n != 0 {
			return n
		}
	}
	return f.number(slotContentLength)
}

func receivedSize(attributes []attribute.KeyValue) (size int64) {
	received := false
	for _, kv := range attributes {
		switch kv.Key {
		case "message.type":
			received = str(kv.Value) == "RECEIVED"
		case "messaging.message_payload_size_bytes":
			if kv.Value.Type() == attribute.INT64 {
				size = kv.Value.AsInt64()
			}
		}
	}
	if !received {
		return 0
	}
	return size
}

// appendClientIP writes who called. A call's own peer is the server, so a
// client span has no client.
func (f *facts) appendClientIP(dst []byte, s *Segment, first int) []byte {
	if f.compat {
		return f.appendCollectorClientIP(dst, s, first)
	}
	if s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer {
		return dst
	}
	peer := f.first(slotNetPeerIP, slotPeerAddress)
	client := f.first(slotClientAddress, slotClientIP)
	address := firstOf(client, peer)
	if address == "" {
		return dst
	}
	dst = f.appendField(dst, first, "client_ip", address)
	if !f.peerSeen || client != "" && client != peer {
		dst = f.form.flag(dst, "x_forwarded_for", true)
	}
	return dst
}

// maxURLSigns is what stands between the parts of a URL, and a port of digits.
const maxURLSigns = 32

// appendURL writes the URL, as given or put together from its parts.
func (f *facts) appendURL(dst []byte, s *Segment, first int) []byte {
	if given := f.text(slotURL); given != "" {
		return f.appendField(dst, first, "url", withoutPassword(given))
	}
	host, at := f.urlParts(s)
	target, path := f.text(slotTarget), f.text(slotPath)
	if host == "" && target == "" && path == "" {
		return dst
	}
	dst = f.form.quote(f.form.key(appendSeparator(dst, first), "url"))
	query, scheme := f.text(slotQuery), firstOf(f.text(slotScheme), "http")
	left := MaxStringLength
	fits := len(scheme)+len(host)+len(at.text)+len(target)+len(path)+len(query)+maxURLSigns <= left
	part := func(s string) {
		if !fits {
			s = cut(s, left)
			left -= utf8.RuneCountInString(s)
		}
		dst = f.form.part(dst, s)
	}
	if host != "" {
		part(scheme)
		part("://")
		part(bracketed(host))
		if at.text != "" && !at.standard(scheme) {
			part(":")
			part(at.text)
		} else if at.number > 0 && !at.standard(scheme) {
			var digits [24]byte
			part(":")
			part(string(strconv.AppendInt(digits[:0], at.number, 10)))
		}
	}
	if target != "" {
		part(target)
		return f.form.quote(dst)
	}
	part(firstOf(path, "/"))
	if query != "" {
		if query[0] != '?' {
			part("?")
		}
		part(query)
	}
	return f.form.quote(dst)
}

// urlParts are the host of the URL and its port, by the span's kind.
func (f *facts) urlParts(s *Segment) (string, port) {
	if host := f.text(slotHTTPHost); host != "" {
		return host, port{}
	}
	if s.Kind == trace.SpanKindServer {
		return f.first(slotServerName, slotNetHostName, slotHostName, slotServerAddress), f.port(slotNetHostPort, slotServerPort)
	}
	return f.first(slotNetPeerName, slotServerAddress, slotNetPeerIP, slotPeerAddress), f.port(slotNetPeerPort, slotServerPort)
}

// A port is a number, or the text that stands in its place.
type port struct {
	text   string
	number int64
}

// standard tells the port that a scheme has anyhow.
func (p port) standard(scheme string) bool {
	switch scheme {
	case "http":
		return p.text == "80" || p.text == "" && p.number == 80
	case "https":
		return p.text == "443" || p.text == "" && p.number == 443
	}
	return false
}

// port is the port in the first slot that the span has.
func (f *facts) port(of ...slot) port {
	for _, sl := range of {
		if f.has(sl) {
			return port{f.text(sl), f.number(sl)}
		}
	}
	return port{}
}
