package xray

import (
	"testing"

	"go.opentelemetry.io/otel/trace"
)

const queueURL = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders"

func TestGolden_awsCall(t *testing.T) {
	f := golden(t, "aws_call")

	f("old", clientOf("rpc.system", "aws-api", "rpc.service", "DynamoDB", "rpc.method", "GetItem", "aws.region", "eu-central-1",
		"aws.request_id", "r-1", "aws.table_name", "stock"))
	f("stable", clientOf("rpc.system.name", "aws-api", "rpc.method", "DynamoDB/GetItem", "cloud.region", "eu-central-1",
		"aws.request_id", "r-1", "aws.dynamodb.table_names", []string{"stock"}))
	f("aws.service and aws.operation", clientOf("aws.service", "S3", "aws.operation", "GetObject", "aws.s3.bucket", "images", "aws.s3.key", "cart.png"))
	f("aws.service and rpc.method", clientOf("aws.service", "S3", "rpc.method", "GetObject"))
	f("aws.operation before rpc.method", clientOf("rpc.system", "aws-api", "aws.operation", "PutItem", "rpc.method", "not me"))
	f("of an HTTP client", clientOf("rpc.system", "aws-api", "rpc.service", "S3", "rpc.method", "GetObject", "http.request.method", "GET",
		"http.response.status_code", 404, "server.address", "s3.eu-central-1.amazonaws.com", "url.full", "https://s3.eu-central-1.amazonaws.com/images/cart.png"))
	f("aws.requestId", clientOf("rpc.system", "aws-api", "rpc.service", "SQS", "aws.requestId", "r-2"))
	f("aws.account_id", clientOf("rpc.system", "aws-api", "rpc.service", "SQS", "aws.account_id", "210987654321"))
	f("queue: aws.queue_url", clientOf("rpc.system", "aws-api", "rpc.service", "SQS", "aws.queue_url", queueURL))
	f("queue: aws.queue.url", clientOf("rpc.system", "aws-api", "rpc.service", "SQS", "aws.queue.url", queueURL))
	f("queue: aws.sqs.queue.url", clientOf("rpc.system.name", "aws-api", "rpc.method", "SQS/SendMessage", "aws.sqs.queue.url", queueURL))
	f("queue: messaging.url wins", producerOf("rpc.system", "aws-api", "rpc.service", "SQS", "messaging.url", queueURL, "aws.queue_url", "not me"))
	f("topic", producerOf("rpc.system.name", "aws-api", "rpc.method", "SNS/Publish", "aws.sns.topic.arn", "arn:aws:sns:eu-central-1:123456789012:orders"))
	f("table: aws.table.name", clientOf("rpc.system", "aws-api", "rpc.service", "DynamoDB", "aws.table.name", "stock"))
	f("tables: one as text", clientOf("rpc.system", "aws-api", "rpc.service", "DynamoDB", "aws.dynamodb.table_names", "stock"))
	f("tables: several", clientOf("rpc.system", "aws-api", "rpc.service", "DynamoDB", "aws.dynamodb.table_names", []string{"stock", "orders"}))
	f("tables: none", clientOf("rpc.system", "aws-api", "rpc.service", "DynamoDB", "aws.dynamodb.table_names", []string{}, "aws.table_name", "stock"))
	f("of a consumer", consumerOf("rpc.system", "aws-api", "rpc.service", "SQS", "rpc.method", "ReceiveMessage", "aws.queue_url", queueURL))
	f("a region is none of an RPC's", clientOf("rpc.system", "grpc", "rpc.service", "shop.Cart", "rpc.method", "Get", "cloud.region", "eu-central-1"))
	f("values that are no text", clientOf("rpc.system", "aws-api", "rpc.service", "SQS", "aws.request_id", 7, "aws.region", false))
	f("the resource's account", on(clientOf("rpc.system", "aws-api", "rpc.service", "SQS"), "service.name", "shop", "cloud.account.id", "123456789012"))
	f("failed attempts", with(clientOf("rpc.system", "aws-api", "rpc.service", "SQS"), func(s *Segment) {
		s.Events = []Event{
			{Name: "HTTP request failure", Time: start, Attributes: attrs("http.response.status_code", 503, "aws.http.error_message", "Slow Down")},
			{Name: "HTTP request failure", Time: start.Add(1000), Attributes: attrs("http.response.status_code", "400", "aws.http.error_message", "bad")},
			{Name: "HTTP request failure", Time: start, Attributes: attrs("http.response.status_code", 500)},
		}
	}))
}

func TestGolden_rpc(t *testing.T) {
	f := golden(t, "rpc")
	f("old", clientOf("rpc.system", "grpc", "rpc.service", "shop.Cart", "rpc.method", "Get", "net.peer.name", "cart.internal", "rpc.grpc.status_code", 0))
	f("stable", clientOf("rpc.system.name", "grpc", "rpc.method", "shop.Cart/Get", "server.address", "cart.internal", "rpc.response.status_code", "OK"))
	f("server", serverOf("rpc.system", "grpc", "rpc.service", "shop.Cart", "rpc.method", "Get", "rpc.grpc.status_code", 5))
	f("over HTTP", clientOf("rpc.system", "connect_rpc", "rpc.service", "shop.Cart", "rpc.method", "Get", "http.request.method", "POST",
		"url.full", "https://cart.internal/shop.Cart/Get", "http.response.status_code", 429))
}

func TestGolden_resource(t *testing.T) {
	f := golden(t, "resource")
	at := func(platform string, pairs ...any) *Segment {
		return on(serverOf(), append([]any{"service.name", "shop", "cloud.provider", "aws", "cloud.platform", platform}, pairs...)...)
	}

	f("EC2", at("aws_ec2", "host.id", "i-0123456789abcdef0", "host.type", "m7g.large", "host.image.id", "ami-1", "cloud.availability_zone", "eu-central-1a"))
	f("EC2, nothing known", at("aws_ec2"))
	f("ECS on Fargate", at("aws_ecs", "aws.ecs.launchtype", "fargate", "aws.ecs.cluster.arn", "arn:aws:ecs:eu-central-1:1:cluster/c",
		"aws.ecs.task.arn", "arn:aws:ecs:eu-central-1:1:task/t", "aws.ecs.task.family", "shop", "aws.ecs.container.arn", "arn:aws:ecs:eu-central-1:1:container/x",
		"container.name", "shop", "container.id", "0a1b", "cloud.availability_zone", "eu-central-1a", "container.image.tags", []string{"v7", "latest"}))
	f("ECS on EC2", at("aws_ecs", "aws.ecs.launchtype", "ec2", "host.id", "i-0123456789abcdef0"))
	f("ECS, launched otherwise", at("aws_ecs", "aws.ecs.launchtype", "external"))
	f("EKS", at("aws_eks", "k8s.cluster.name", "prod", "k8s.pod.name", "shop-7f", "container.id", "0a1b", "host.id", "i-0123456789abcdef0"))
	f("a Kubernetes cluster", on(serverOf(), "service.name", "shop", "k8s.cluster.name", "kind", "k8s.pod.name", "shop-7f"))
	f("Beanstalk", at("aws_elastic_beanstalk", "service.namespace", "shop-prod", "service.version", "app-17", "service.instance.id", "42"))
	f("Beanstalk, a deployment that is no number", at("aws_elastic_beanstalk", "service.namespace", "shop-prod", "service.instance.id", "x"))
	f("App Runner", at("aws_app_runner"))
	f("Lambda", at("aws_lambda", "faas.name", "shop", "faas.version", "$LATEST"))
	f("another platform", at("aws_outpost"))
	f("another cloud", on(serverOf("aws.region", "eu-central-1"), "service.name", "shop", "cloud.provider", "gcp", "cloud.platform", "gcp_cloud_run",
		"cloud.account.id", "project", "host.id", "i-1"))
	f("an AWS call from another cloud", on(clientOf("rpc.system", "aws-api", "rpc.service", "S3", "rpc.method", "GetObject", "aws.region", "eu-central-1"),
		"service.name", "shop", "cloud.provider", "azure", "cloud.account.id", "subscription"))
	f("a host that is no instance", on(serverOf(), "service.name", "shop", "host.id", "3f1c0d2e9b8a47c6a5f4e3d2c1b0a998", "host.name", "laptop"))
	f("an instance without a platform", on(serverOf(), "service.name", "shop", "host.id", "i-0123456789abcdef0"))
	f("the resource stays out of a subsegment", on(clientOf(), "service.name", "shop", "cloud.platform", "aws_ec2", "host.id", "i-1", "service.version", "1"))
	f("without a resource", with(internalOf(), func(s *Segment) { s.Resource = nil }))

	f("service.version", on(serverOf(), "service.name", "shop", "service.version", "1.4.2", "container.image.tag", "not me"))
	f("version: container.image.tags", on(serverOf(), "service.name", "shop", "container.image.tags", []string{"v7", "latest"}, "container.image.tag", "not me"))
	f("version: container.image.tag", on(serverOf(), "service.name", "shop", "container.image.tag", "v6"))
	f("the SDK", on(serverOf(), "service.name", "shop", "telemetry.sdk.name", "opentelemetry", "telemetry.sdk.language", "go", "telemetry.sdk.version", "1.47.0"))
	f("an instrumented program", on(serverOf(), "service.name", "shop", "telemetry.sdk.name", "opentelemetry", "telemetry.distro.version", "0.9"))
	f("log groups: ARNs", on(serverOf(), "service.name", "shop", "aws.log.group.names", "not me",
		"aws.log.group.arns", []string{"arn:aws:logs:eu-central-1:1:log-group:/shop/app", "arn:aws:logs:eu-central-1:1:log-group:/shop/web:*"}))
	f("log groups: names as text", on(serverOf(), "service.name", "shop", "aws.log.group.names", "/shop/app&&/shop/web&"))
	f("log groups: a short ARN", on(serverOf(), "service.name", "shop", "aws.log.group.arns", "logs:/shop/app"))
	f("log groups: configured", with(serverOf(), func(s *Segment) { s.Resource = NewResource(attrs("service.name", "shop"), "/shop/app", "/shop/web") }))
	f("values that are no text", on(serverOf(), "service.name", 7, "service.version", true, "cloud.platform", 1, "aws.log.group.names", 7))
}

func TestGolden_split(t *testing.T) {
	f := golden(t, "split")
	local := func(kind trace.SpanKind, pairs ...any) *Segment {
		return spanOf(kind, "op", append([]any{"aws.span.kind", "LOCAL_ROOT", "aws.local.service", "worker", "tenant", "acme"}, pairs...)...)
	}
	f("client", local(trace.SpanKindClient, "aws.remote.service", "payments", "aws.remote.operation", "Charge", "http.request.method", "POST",
		"url.full", "https://payments.internal/", "http.response.status_code", 503))
	f("an AWS call", local(trace.SpanKindClient, "rpc.system", "aws-api", "aws.remote.service", "AWS::SQS", "aws.remote.operation", "SendMessage",
		"aws.queue_url", queueURL, "aws.region", "eu-central-1", "remoteTarget", "orders", "K8s.RemoteNamespace", "default"))
	f("a database", local(trace.SpanKindClient, "db.system.name", "mysql", "db.namespace", "shop", "server.address", "db"))
	f("producer with a link", with(local(trace.SpanKindProducer, "messaging.destination.name", "orders"), func(s *Segment) {
		s.Links = []Link{{TraceID: traceID, SpanID: parentID}}
	}))
	f("consumer with a link", with(local(trace.SpanKindConsumer, "messaging.destination.name", "orders"), func(s *Segment) {
		s.ParentID, s.Links = parentID, []Link{{TraceID: traceID, SpanID: parentID}}
	}))
	f("unspecified", local(trace.SpanKindUnspecified))
	f("a root", with(local(trace.SpanKindClient, "peer.service", "payments"), asRoot))
	f("without aws.local.service", spanOf(trace.SpanKindClient, "op", "aws.span.kind", "LOCAL_ROOT", "peer.service", "payments"))
	f("indexed", with(local(trace.SpanKindClient, "otel.resource.team", "blue"), func(s *Segment) { s.Indexed = []string{"tenant"} }))
	f("failed", with(local(trace.SpanKindClient), fail("refused")))
	f("server: one document", local(trace.SpanKindServer, "http.request.method", "GET", "url.path", "/x"))
	f("internal: one document", local(trace.SpanKindInternal))
	f("another kind of aws.span.kind", spanOf(trace.SpanKindClient, "op", "aws.span.kind", "CLIENT", "aws.remote.service", "payments"))
}
