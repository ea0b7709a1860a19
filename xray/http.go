package xray

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

// appendHTTP writes the http block, where the span is of an HTTP request.
func (f *facts) appendHTTP(dst []byte, s *Segment) []byte {
	if !f.http || s.role == roleService {
		return dst
	}
	dst = append(dst, `,"http":{"request":{`...)
	first := len(dst)
	dst = f.appendField(dst, first, "method", f.method)
	dst = f.appendURL(dst, s, first)
	dst = f.appendField(dst, first, "user_agent", f.userAgent)
	dst = f.appendClientIP(dst, s, first)
	dst = append(dst, `},"response":{`...)
	first = len(dst)
	if status, ok := f.httpStatus(); ok {
		dst = append(dst, `"status":`...)
		dst = strconv.AppendInt(dst, status, 10)
	}
	if length := f.responseLength(s); length != 0 || f.compat {
		if len(dst) != first {
			dst = append(dst, ',')
		}
		dst = append(dst, `"content_length":`...)
		dst = strconv.AppendInt(dst, length, 10)
	}
	return append(dst, `}}`...)
}

// httpStatus is the status of the response, by the old key before the stable.
func (f *facts) httpStatus() (int64, bool) {
	if f.status.set {
		return f.status.value, true
	}
	return f.statusStable.value, f.statusStable.set
}

// responseLength is the size of the response: of the message received, as the
// span or an event has it, else of the body.
func (f *facts) responseLength(s *Segment) int64 {
	if f.messageType == "RECEIVED" && f.payloadSize != 0 {
		return f.payloadSize
	}
	for i := range s.Events {
		if n := receivedSize(s.Events[i].Attributes); n != 0 {
			return n
		}
	}
	return f.contentLength
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
	peer := firstOf(f.netPeerIP, f.peerAddress)
	client := firstOf(f.clientAddress, f.clientIP)
	if !f.compat && (s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer) {
		return dst
	}
	address := firstOf(client, peer)
	if address == "" {
		return dst
	}
	dst = f.appendField(dst, first, "client_ip", address)
	if !f.peerSeen || (!f.compat && client != "" && client != peer) {
		dst = append(dst, `,"x_forwarded_for":true`...)
	}
	return dst
}

// appendURL writes the URL, as given or put together from its parts.
func (f *facts) appendURL(dst []byte, s *Segment, first int) []byte {
	if f.url != "" {
		if f.compat {
			return f.appendLong(dst, first, "url", f.url)
		}
		return f.appendField(dst, first, "url", withoutPassword(f.url))
	}
	host, at := f.urlParts(s)
	if f.compat && !f.urlHost {
		return dst
	}
	if host == "" && !f.compat && f.target == "" && f.path == "" {
		return dst
	}
	if len(dst) != first {
		dst = append(dst, ',')
	}
	dst = append(dst, `"url":"`...)
	left := MaxStringLength
	part := func(s string) {
		if !f.compat {
			s = cut(s, left)
			left -= utf8.RuneCountInString(s)
		}
		dst = appendjson.Escape(dst, s)
	}
	if host != "" || f.compat {
		scheme := firstOf(f.scheme, "http")
		part(scheme)
		part("://")
		if !f.compat && strings.Count(host, ":") > 1 && host[0] != '[' {
			host = "[" + host + "]"
		}
		part(host)
		var digits [24]byte
		number := at.text
		if at.set && number == "" && (at.value != 0 || f.compat) {
			number = string(strconv.AppendInt(digits[:0], at.value, 10))
		}
		if number != "" && (scheme != "http" || number != "80") && (scheme != "https" || number != "443") {
			part(":")
			part(number)
		}
	}
	if f.target != "" {
		part(f.target)
		return append(dst, '"')
	}
	part(firstOf(f.path, "/"))
	if f.query != "" {
		if f.query[0] != '?' {
			part("?")
		}
		part(f.query)
	}
	return append(dst, '"')
}

// urlParts are the host of the URL and its port, by the span's kind.
func (f *facts) urlParts(s *Segment) (string, port) {
	if f.httpHost != "" {
		return f.httpHost, port{}
	}
	if s.Kind == trace.SpanKindServer {
		at := f.netHostPort
		if !at.set {
			at = f.serverPort
		}
		return firstOf(f.serverName, f.netHostName, f.hostName, f.serverAddress), at
	}
	if f.compat {
		return firstOf(f.netPeerName, f.netPeerIP), f.netPeerPort
	}
	at := f.netPeerPort
	if !at.set {
		at = f.serverPort
	}
	return firstOf(f.netPeerName, f.serverAddress, f.netPeerIP, f.peerAddress), at
}

// withoutPassword takes credentials out of a URL.
func withoutPassword(raw string) string {
	if !strings.Contains(raw, "@") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.String()
}
