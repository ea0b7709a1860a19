package xray

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

// Each case stands twice where OpenTelemetry has renamed the attributes: by
// the old conventions and by the stable ones.
func TestGolden_http(t *testing.T) {
	f := golden(t, "http")

	f("server, old", serverOf("http.method", "GET", "http.scheme", "http", "http.host", "shop.example.com", "http.target", "/cart?page=2",
		"http.user_agent", "curl/8.5", "http.status_code", 200, "http.response_content_length", 512, "net.peer.ip", "10.0.0.4"))
	f("server, stable", serverOf("http.request.method", "GET", "url.scheme", "http", "server.address", "shop.example.com", "url.path", "/cart",
		"url.query", "page=2", "user_agent.original", "curl/8.5", "http.response.status_code", 200, "http.response.body.size", 512,
		"network.peer.address", "10.0.0.4"))
	f("server, a question mark in the query", serverOf("http.request.method", "GET", "server.address", "shop", "url.path", "/cart", "url.query", "?page=2"))
	f("client, old", clientOf("http.method", "POST", "http.url", "https://api.example.com/v1/charge", "http.status_code", 201))
	f("client, stable", clientOf("http.request.method", "POST", "url.full", "https://api.example.com/v1/charge", "server.address", "api.example.com",
		"server.port", 443, "http.response.status_code", 201))
	f("without a word of HTTP", clientOf("server.address", "db", "server.port", 5432, "client.address", "10.0.0.7", "network.peer.address", "10.0.0.1"))

	// The host, by kind and convention.
	f("server: http.server_name", serverOf("http.method", "GET", "http.server_name", "name.example.com", "net.host.name", "not.me", "net.host.port", 8080))
	f("server: net.host.name", serverOf("http.method", "GET", "net.host.name", "host.example.com", "net.host.port", 8080, "http.target", "/x"))
	f("server: host.name", serverOf("http.method", "GET", "host.name", "box1", "net.host.port", 8080))
	f("server: server.port", serverOf("http.request.method", "GET", "server.address", "shop", "server.port", 8080, "url.path", "/x"))
	f("server: no host, the path alone", serverOf("http.request.method", "GET", "url.path", "/cart", "url.query", "a=b"))
	f("server: nothing of a URL", serverOf("http.request.method", "GET", "url.scheme", "https"))
	f("client: net.peer.name", clientOf("http.method", "GET", "net.peer.name", "api", "net.peer.port", 8081, "http.target", "/x"))
	f("client: net.peer.ip", clientOf("http.method", "GET", "net.peer.ip", "10.0.0.9", "net.peer.port", 8081))
	f("client: server.address", clientOf("http.request.method", "GET", "url.scheme", "https", "server.address", "api", "server.port", 8443, "url.path", "/x"))
	f("client: network.peer.address", clientOf("http.request.method", "GET", "network.peer.address", "10.0.0.9", "url.path", "/x"))

	// The port.
	f("port 80 of http goes", clientOf("http.request.method", "GET", "url.scheme", "http", "server.address", "api", "server.port", 80))
	f("port 443 of https goes", clientOf("http.request.method", "GET", "url.scheme", "https", "server.address", "api", "server.port", 443))
	f("port 80 of https stays", clientOf("http.request.method", "GET", "url.scheme", "https", "server.address", "api", "server.port", 80))
	f("a port as text", clientOf("http.method", "GET", "net.peer.name", "api", "net.peer.port", "9090"))
	f("port 443 as text", clientOf("http.method", "GET", "http.scheme", "https", "net.peer.name", "api", "net.peer.port", "443"))
	f("a port that is none", clientOf("http.request.method", "GET", "server.address", "api", "server.port", -1, "url.path", "/x"))
	f("an IPv6 host", clientOf("http.request.method", "GET", "server.address", "2001:db8::1", "server.port", 8080, "url.path", "/x"))
	f("an IPv6 host in brackets", clientOf("http.request.method", "GET", "server.address", "[2001:db8::1]", "server.port", 8080, "url.path", "/x"))

	// Secrets and limits.
	f("a password in the URL", clientOf("http.request.method", "GET", "url.full", "https://user:secret@api.example.com/x?mail=a@b.example#top"))
	f("a password in a URL that is none", clientOf("http.request.method", "GET", "url.full", "https://user:sec%zzret@api.example.com/%"))
	f("an at sign in the query", clientOf("http.request.method", "GET", "url.full", "https://api.example.com/x?mail=a@b.example"))
	f("a long URL", clientOf("http.request.method", "GET", "url.full", "https://api.example.com/"+strings.Repeat("ü", 300)))
	f("a long URL from parts", serverOf("http.request.method", "GET", "server.address", "shop", "url.path", "/"+strings.Repeat("x", 300), "url.query", "q=1"))
	f("a long user agent and method", serverOf("http.request.method", strings.Repeat("M", 300), "user_agent.original", strings.Repeat("é", 300)))

	// Who called.
	f("client_ip: http.client_ip", serverOf("http.method", "GET", "http.client_ip", "203.0.113.9"))
	f("client_ip: http.client_ip behind a proxy", serverOf("http.method", "GET", "http.client_ip", "203.0.113.9", "net.peer.ip", "10.0.0.4"))
	f("client_ip: client.address behind a proxy", serverOf("http.request.method", "GET", "client.address", "203.0.113.9", "network.peer.address", "10.0.0.4"))
	f("client_ip: client.address is the peer", serverOf("http.request.method", "GET", "client.address", "203.0.113.9", "network.peer.address", "203.0.113.9"))
	f("client_ip: the peer, IPv6", serverOf("http.request.method", "GET", "network.peer.address", "2001:db8::7"))
	f("client_ip: a peer that is no address", serverOf("http.request.method", "GET", "network.peer.address", "/run/shop.sock"))
	f("client_ip: net.sock.peer.addr", serverOf("http.method", "GET", "net.sock.peer.addr", "10.0.0.4"))
	f("client_ip: a client span has none", clientOf("http.request.method", "GET", "client.address", "203.0.113.9", "network.peer.address", "10.0.0.4", "server.address", "api"))

	// Values of other types.
	f("a status as text", serverOf("http.method", "GET", "http.status_code", "404"))
	f("a status that is no number", serverOf("http.method", "GET", "http.status_code", "teapot"))
	f("both statuses", serverOf("http.method", "GET", "http.status_code", 500, "http.response.status_code", 200))
	f("a method that is no text", serverOf("http.request.method", attribute.IntValue(7), "url.path", "/x"))
	f("an unknown method", serverOf("http.request.method", "_OTHER", "http.request.method_original", "BREW", "url.path", "/pot"))
	f("a message's size", serverOf("http.method", "POST", "message.type", "RECEIVED", "messaging.message_payload_size_bytes", 452))
	f("a sent message's size", serverOf("http.method", "POST", "message.type", "SENT", "messaging.message_payload_size_bytes", 452))
	f("a received message's size in an event", with(serverOf("http.method", "POST"), func(s *Segment) {
		s.Events = []Event{
			{Name: "message", Time: start, Attributes: attrs("message.type", "SENT", "messaging.message_payload_size_bytes", 7)},
			{Name: "message", Time: start, Attributes: attrs("message.type", "RECEIVED", "messaging.message_payload_size_bytes", 6478)},
		}
	}))
	f("other attributes of HTTP", serverOf("http.request.method", "GET", "http.route", "/cart/{id}", "http.flavor", "1.1",
		"http.request.header.x-tenant", []string{"acme"}, "network.protocol.version", "1.1"))
}
