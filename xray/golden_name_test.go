package xray

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestGolden_name(t *testing.T) {
	f := golden(t, "name")

	// A segment is named after its service.
	f("server: aws.local.service", serverOf("aws.local.service", "shop-frontend", "peer.service", "not me"))
	f("server: service.name", serverOf("peer.service", "not me", "server.address", "not.me"))
	f("server: without a resource, the span", with(serverOf(), func(s *Segment) { s.Resource = nil }))
	f("server: without a service.name, the peer", on(serverOf("peer.service", "gateway"), "host.arch", "arm64"))
	f("consumer: service.name", consumerOf("messaging.destination.name", "orders", "aws.remote.service", "not me"))
	f("client root: a segment, no namespace", with(clientOf("server.address", "not.me"), asRoot))
	f("producer root: a segment, no namespace", with(producerOf("messaging.destination.name", "orders"), asRoot))
	f("internal root: service.name, not the operation", with(internalOf(), asRoot))
	f("internal local root: a segment inside another", internalOf("aws.span.kind", "LOCAL_ROOT", "aws.local.service", "worker"))

	// A subsegment is named after what it calls.
	f("client: aws.remote.service", clientOf("aws.remote.service", "payments", "peer.service", "not me"))
	f("client: aws.remote.service of an AWS call", clientOf("aws.remote.service", "AWS::DynamoDB", "rpc.system", "aws-api"))
	f("client: aws.remote.service with the older prefix", clientOf("aws.remote.service", "AWS.SDK.S3", "rpc.system", "aws-api"))
	f("client: the prefix stays on others", clientOf("aws.remote.service", "AWS::DynamoDB"))
	f("client: peer.service", clientOf("peer.service", "payments", "server.address", "not.me"))
	f("client: service.peer.name", clientOf("service.peer.name", "payments", "http.host", "not.me"))
	f("client: aws.service", clientOf("aws.service", "S3", "db.name", "not me"))
	f("client: rpc.service of an AWS call", clientOf("rpc.system", "aws-api", "rpc.service", "DynamoDB", "rpc.method", "GetItem"))
	f("client: rpc.method of an AWS call", clientOf("rpc.system.name", "aws-api", "rpc.method", "SNS/Publish"))
	f("client: rpc.service", clientOf("rpc.system", "grpc", "rpc.service", "shop.Cart", "server.address", "not.me"))
	f("client: http.host", clientOf("http.host", "api.example.com:8443", "net.peer.name", "not.me"))
	f("client: server.address", clientOf("server.address", "api.example.com", "net.peer.name", "not.me"))
	f("client: net.peer.name", clientOf("net.peer.name", "api.example.com"))
	f("client: the host of url.full", clientOf("http.request.method", "GET", "url.full", "https://user:pw@api.example.com:8443/v1"))
	f("client: the host of http.url", clientOf("http.method", "GET", "http.url", "http://[2001:db8::1]:8080/v1"))
	f("client: an IPv6 host with its port", clientOf("http.host", "[2001:db8::1]:8443"))
	f("client: an IPv6 address", clientOf("server.address", "2001:db8::1", "server.port", 443))
	f("client: the span", clientOf())
	f("producer: messaging.destination.name", producerOf("messaging.system", "kafka", "messaging.destination.name", "orders"))
	f("producer: messaging.destination", producerOf("messaging.system", "rabbitmq", "messaging.destination", "orders.eu"))
	f("internal: the span", internalOf("server.address", "not.me", "db.name", "not me"))
	f("internal: peer.service", internalOf("peer.service", "price-engine"))
	f("internal: an AWS call", internalOf("rpc.system", "aws-api", "rpc.service", "SQS"))
	f("unspecified: the span", spanOf(trace.SpanKindUnspecified, "step", "server.address", "not.me"))
}

func TestGolden_hostileName(t *testing.T) {
	f := golden(t, "name_hostile")
	f("other characters are left out", clientOf("peer.service", `bad*name!?(){}[]<>"'$~^|,;`+"`"))
	f("all that may stand in a name, and a backslash", clientOf("peer.service", `az AZ 09 _.:/%&#=+-@\`))
	f("letters of any alphabet", clientOf("peer.service", "Straße Ελλάδα Россия 日本語 한국어 العربية ½ Ⅷ"))
	f("letters beyond the basic plane count as two", clientOf("peer.service", strings.Repeat("𝒜", 150)))
	f("blanks of any kind", clientOf("peer.service", "a\u00a0b\u2003c\u3000d"))
	f("line ends and controls are left out", clientOf("peer.service", "a\nb\tc\rd\x00e\u2028f\u2029g\u0085h"))
	f("not UTF-8", clientOf("peer.service", "caf\xc3\xa9 caf\xe9 \xff\xfe"))
	f("200 characters", clientOf("peer.service", strings.Repeat("ü", 201)+"x"))
	f("cut after what is left out", clientOf("peer.service", strings.Repeat("*", 300)+"kept"))
	f("nothing is left", spanOf(trace.SpanKindInternal, "???"))
	f("nothing at all", spanOf(trace.SpanKindInternal, ""))
	f("an emoji is no letter", clientOf("peer.service", "shop 🛒"))
	f("of a service", on(serverOf(), "service.name", "my*shop (eu)"))
	f("markup", clientOf("peer.service", `<script>alert("x")</script>`))
}

func asRoot(s *Segment) { s.ParentID = trace.SpanID{} }
