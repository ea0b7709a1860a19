package appsignals

import (
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// attrs makes attributes of keys and values in turn.
func attrs(pairs ...any) []attribute.KeyValue {
	var kvs []attribute.KeyValue
	for i := 0; i+1 < len(pairs); i += 2 {
		key := attribute.Key(pairs[i].(string))
		switch v := pairs[i+1].(type) {
		case int:
			kvs = append(kvs, key.Int(v))
		case []string:
			kvs = append(kvs, key.StringSlice(v))
		default:
			kvs = append(kvs, key.String(fmt.Sprint(v)))
		}
	}
	return kvs
}

// localParent makes a span that has a parent in this process.
var localParent = trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})

func spanOf(kind trace.SpanKind, name string, root bool, kvs []attribute.KeyValue) sdktrace.ReadOnlySpan {
	stub := tracetest.SpanStub{Name: name, SpanKind: kind, Attributes: kvs,
		Resource: sdkresource.NewSchemaless(attribute.String("service.name", "shop"))}
	if !root {
		stub.Parent = localParent
	}
	return stub.Snapshot()
}

func factsOf(span sdktrace.ReadOnlySpan) *facts {
	var f facts
	f.read(span)
	return &f
}

func TestLocalOperation(t *testing.T) {
	p, err := NewProcessor(Config{})
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string, kind trace.SpanKind, root bool, kvs []attribute.KeyValue, want string) {
		t.Helper()
		if got := p.localOperation(factsOf(spanOf(kind, name, root, kvs))); got != want {
			t.Errorf("%s %q %v: %q, want %q", kind, name, kvs, got, want)
		}
	}
	f("GET /cart/{id}", trace.SpanKindServer, true, attrs("http.request.method", "GET", "url.path", "/cart/7"), "GET /cart/{id}")
	f("GET", trace.SpanKindServer, true, attrs("http.request.method", "GET", "url.path", "/cart/7"), "GET /cart")
	f("GET", trace.SpanKindServer, true, attrs("http.method", "GET", "http.target", "/cart/7?x=1"), "GET /cart")
	f("GET", trace.SpanKindServer, true, attrs("http.method", "GET", "http.target", "/cart?x=1"), "GET /cart")
	f("GET", trace.SpanKindServer, true, attrs("http.method", "GET", "http.target", ""), "GET /")
	f("GET", trace.SpanKindServer, true, attrs("http.method", "GET", "http.url", "https://a.example/pets/1"), "GET /pets")
	f("GET", trace.SpanKindServer, true, attrs("http.request.method", "GET", "url.full", "https://a.example/pets/1"), "GET /pets")
	f("GET", trace.SpanKindServer, true, attrs("http.request.method", "GET", "url.full", "://"), UnknownOperation)
	f("GET", trace.SpanKindServer, true, attrs("http.request.method", "GET"), UnknownOperation)
	f("", trace.SpanKindServer, true, attrs("url.path", "/a/b"), "/a")
	f("UnknownOperation", trace.SpanKindServer, true, nil, UnknownOperation)
	f("orders process", trace.SpanKindConsumer, true, nil, InternalOperation)
	f("nightly", trace.SpanKindInternal, true, nil, InternalOperation)
	f("inner server", trace.SpanKindServer, false, nil, "inner server")
}

func TestLocalOperation_paths(t *testing.T) {
	p, err := NewProcessor(Config{OperationPaths: strings.Split("/owners/{id}/pets, /owners/:id,/files/*/, ,/", ",")})
	if err != nil {
		t.Fatal(err)
	}
	f := func(path, want string) {
		t.Helper()
		span := spanOf(trace.SpanKindServer, "GET /anything", true, attrs("http.request.method", "GET", "url.path", path))
		if got := p.localOperation(factsOf(span)); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	f("/owners/7/pets/3?full=1", "GET /owners/{id}/pets")
	f("/owners/7/pets/", "GET /owners/{id}/pets")
	f("/owners/7", "GET /owners/:id")
	f("/owners//pets", "GET /anything")
	f("/owners", "GET /anything")
	f("/files/a/b#c", "GET /files/*/")
	f("/", "GET /")
	f("/x", "GET /anything") // the template "/" is no beginning of others
}

func TestRemote(t *testing.T) {
	f := func(kvs []attribute.KeyValue, wantService, wantOperation string) {
		t.Helper()
		service, operation := remote(factsOf(spanOf(trace.SpanKindClient, "call", false, kvs)))
		if service != wantService || operation != wantOperation {
			t.Errorf("%v: %q %q, want %q %q", kvs, service, operation, wantService, wantOperation)
		}
	}
	all := attrs("peer.service", "peer", "rpc.service", "Cart", "rpc.method", "Add", "db.system", "mysql",
		"faas.invoked_name", "fn", "messaging.system", "kafka", "graphql.operation.type", "query", "server.address", "a")
	f(append(attrs("aws.remote.service", "mine", "aws.remote.operation", "op"), all...), "mine", "op")
	f(append(attrs("aws.remote.operation", "op"), all...), "peer", "op")
	f(all, "peer", "Add")
	f(all[1:], "Cart", "Add")
	f(attrs("rpc.method", "shop.Cart/Add", "rpc.system.name", "grpc"), "shop.Cart", "Add")
	f(attrs("rpc.method", "Add"), UnknownRemoteService, "Add")
	f(all[3:], "mysql", UnknownRemoteOperation)
	f(attrs("db.system.name", "postgresql", "db.operation.name", "SELECT"), "postgresql", "SELECT")
	f(attrs("db.system", "postgresql", "db.statement", "select distinct  a from b"), "postgresql", "SELECT DISTINCT")
	f(attrs("db.system.name", "postgresql", "db.query.text", " insert\ninto t values (1)"), "postgresql", "INSERT INTO")
	f(attrs("db.statement", "hgetall secret"), UnknownRemoteService, UnknownRemoteOperation)
	f(attrs("db.statement", "SELECTED"), UnknownRemoteService, UnknownRemoteOperation)
	f(all[4:], "fn", UnknownRemoteOperation)
	f(attrs("faas.trigger", "http", "server.address", "h"), "h", "http")
	f(all[5:], "kafka", UnknownRemoteOperation)
	f(attrs("messaging.system", "kafka", "messaging.operation.type", "send"), "kafka", "send")
	f(attrs("messaging.operation", "publish", "net.peer.name", "broker", "net.peer.port", 9092), "broker:9092", "publish")
	f(all[6:], "graphql", "query")
	f(all[7:], "a", UnknownRemoteOperation)
	f(attrs("service.peer.name", "payments", "http.request.method", "POST", "url.full", "https://p/charge/1"), "payments", "POST /charge")
}

func TestRemote_address(t *testing.T) {
	f := func(kvs []attribute.KeyValue, wantService, wantOperation string) {
		t.Helper()
		service, operation := remote(factsOf(spanOf(trace.SpanKindClient, "GET", false, kvs)))
		if service != wantService || operation != wantOperation {
			t.Errorf("%v: %q %q, want %q %q", kvs, service, operation, wantService, wantOperation)
		}
	}
	f(attrs("server.address", "a", "server.port", 80, "net.peer.name", "b"), "a:80", UnknownRemoteOperation)
	f(attrs("net.peer.name", "b", "net.peer.port", 81, "network.peer.address", "c"), "b:81", UnknownRemoteOperation)
	f(attrs("network.peer.address", "10.0.0.1", "network.peer.port", 82), "10.0.0.1:82", UnknownRemoteOperation)
	f(attrs("net.sock.peer.addr", "10.0.0.2", "net.sock.peer.port", 83), "10.0.0.2:83", UnknownRemoteOperation)
	f(attrs("url.full", "https://user:pw@h.example:8443/a/b?c"), "h.example:8443", "/a")
	f(attrs("http.url", "http://h.example", "http.method", "GET"), "h.example", "GET /")
	f(attrs("http.url", "http://[", "http.method", "GET"), UnknownRemoteService, "GET UnknownRemoteOperation")
	f(nil, UnknownRemoteService, UnknownRemoteOperation)
}

func TestRemote_aws(t *testing.T) {
	f := func(service, method, wantService, wantOperation string, more ...any) {
		t.Helper()
		kvs := attrs(append([]any{"rpc.system", "aws-api", "rpc.service", service, "rpc.method", method}, more...)...)
		gotService, gotOperation := remote(factsOf(spanOf(trace.SpanKindClient, "call", false, kvs)))
		if gotService != wantService || gotOperation != wantOperation {
			t.Errorf("%s %s: %q %q, want %q %q", service, method, gotService, gotOperation, wantService, wantOperation)
		}
	}
	f("DynamoDB", "PutItem", "AWS::DynamoDB", "PutItem")
	f("SQS", "SQS/SendMessage", "AWS::SQS", "SendMessage")
	f("", "S3/GetObject", "AWS::S3", "GetObject")
	f("", "GetObject", UnknownRemoteService, "GetObject")
	f("Secrets Manager", "GetSecretValue", "AWS::SecretsManager", "GetSecretValue")
	f("SFN", "StartExecution", "AWS::StepFunctions", "StartExecution")
	f("Bedrock Runtime", "Converse", "AWS::BedrockRuntime", "Converse")
	f("Bedrock Agent", "GetAgent", "AWS::Bedrock", "GetAgent")
	f("Lambda", "Invoke", "charge", "Invoke", "aws.lambda.function.name", "charge")
	f("Lambda", "Invoke", UnknownRemoteService, "Invoke")
	f("Lambda", "GetFunction", "AWS::Lambda", "GetFunction", "aws.lambda.function.name", "charge")
}

func TestCalled(t *testing.T) {
	f := func(kvs []attribute.KeyValue, want ...string) {
		t.Helper()
		r, ok := called(factsOf(spanOf(trace.SpanKindClient, "call", false, kvs)))
		got := fmt.Sprintf("%s %s %s", r.kind, r.identifier, r.primary)
		if ok != (len(want) > 0) || ok && got != strings.Join(want, " ") {
			t.Errorf("%v: %v %q, want %q", kvs, ok, got, want)
		}
	}
	a := func(pairs ...any) []attribute.KeyValue {
		return attrs(append([]any{"rpc.system", "aws-api"}, pairs...)...)
	}
	f(a("aws.dynamodb.table_names", []string{"ord|ers"}), "AWS::DynamoDB::Table", "ord^|ers", "ord^|ers")
	f(a("aws.dynamodb.table_names", []string{"a", "b"}))
	f(a("aws.dynamodb.table.arn", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"), "AWS::DynamoDB::Table", "orders", "orders")
	f(a("aws.kinesis.stream_name", "s"), "AWS::Kinesis::Stream", "s", "s")
	f(a("aws.kinesis.stream.arn", "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"), "AWS::Kinesis::Stream", "clicks", "clicks")
	f(a("aws.s3.bucket", "b^c", "aws.s3.key", "k"), "AWS::S3::Bucket", "b^^c", "b^^c")
	q := "https://sqs.eu-west-1.amazonaws.com/123456789012/mail.fifo"
	f(a("aws.sqs.queue.url", q), "AWS::SQS::Queue", "mail.fifo", q)
	f(a("aws.queue_url", q, "aws.sqs.queue.name", "mail"), "AWS::SQS::Queue", "mail", q)
	f(a("aws.sqs.queue.url", "https://sqs/not-digits/mail"))
	f(a("aws.sqs.queue.url", "https://sqs/123/"+strings.Repeat("q", 81)))
	topic := "arn:aws:sns:eu-west-1:123456789012:news"
	f(a("aws.sns.topic.arn", topic), "AWS::SNS::Topic", "news", topic)
	f(a("aws.sns.topic.arn", "no arn"))
	secret := "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-Ab12Cd"
	f(a("aws.secretsmanager.secret.arn", secret), "AWS::SecretsManager::Secret", "db-Ab12Cd", secret)
	machine := "arn:aws:states:eu-west-1:123456789012:stateMachine:order"
	f(a("aws.step_functions.state_machine.arn", machine), "AWS::StepFunctions::StateMachine", "order", machine)
	activity := "arn:aws:states:eu-west-1:123456789012:activity:pack"
	f(a("aws.step_functions.activity.arn", activity), "AWS::StepFunctions::Activity", "pack", activity)
	f(a("aws.bedrock.data_source.id", "ds", "aws.bedrock.knowledge_base.id", "kb"), "AWS::Bedrock::DataSource", "ds", "kb|ds")
	f(a("aws.bedrock.knowledge_base.id", "kb"), "AWS::Bedrock::KnowledgeBase", "kb", "kb")
	f(a("aws.bedrock.guardrail.id", "g", "aws.bedrock.guardrail.arn", "arn:g"), "AWS::Bedrock::Guardrail", "g", "arn:g")
	f(a("aws.bedrock.agent.id", "ag"), "AWS::Bedrock::Agent", "ag", "ag")
	f(a("gen_ai.request.model", "claude"), "AWS::Bedrock::Model", "claude", "claude")
	f(a("aws.lambda.function.name", "fn", "rpc.service", "Lambda", "rpc.method", "GetFunction"), "AWS::Lambda::Function", "fn", "fn")
	f(a("aws.lambda.function.name", "fn", "rpc.service", "Lambda", "rpc.method", "Invoke"))
	f(a("aws.lambda.resource_mapping.id", "uuid"), "AWS::Lambda::EventSourceMapping", "uuid", "uuid")
	f(attrs("aws.s3.bucket", "not a call to AWS"))

	f(attrs("db.system", "mysql", "db.name", "sh|op", "server.address", "db.example", "server.port", 3306), "DB::Connection", "sh^|op|db.example|3306", "sh^|op|db.example|3306")
	f(attrs("db.system.name", "mysql", "db.namespace", "shop", "net.peer.name", "db"), "DB::Connection", "shop|db", "shop|db")
	f(attrs("db.system", "mysql", "server.socket.address", "10.0.0.1", "server.socket.port", 1), "DB::Connection", "10.0.0.1|1", "10.0.0.1|1")
	f(attrs("db.system", "mysql", "network.peer.address", "10.0.0.1"), "DB::Connection", "10.0.0.1", "10.0.0.1")
	f(attrs("db.system", "mysql", "db.connection_string", "postgresql://u:pw@db.example:5432/x"), "DB::Connection", "db.example|5432", "db.example|5432")
	f(attrs("db.system", "mysql", "db.connection_string", "%%"))
	f(attrs("db.system", "mysql", "db.name", "shop"))
}

func TestOwner(t *testing.T) {
	p, err := NewProcessor(Config{})
	if err != nil {
		t.Fatal(err)
	}
	f := func(kvs []attribute.KeyValue, want map[attribute.Key]string) {
		t.Helper()
		span := spanOf(trace.SpanKindClient, "call", false, append(attrs("rpc.system", "aws-api"), kvs...))
		got := attribute.NewSet(p.dependencyAttributes(nil, factsOf(span), span.Resource())...)
		for _, key := range []attribute.Key{keyRemoteAccount, keyRemoteRegion, keyRemoteAccessKey} {
			if v, _ := got.Value(key); v.String() != want[key] {
				t.Errorf("%v: %s is %q, want %q", kvs, key, v.String(), want[key])
			}
		}
	}
	f(attrs("aws.sns.topic.arn", "arn:aws:sns:eu-west-1:123456789012:news", "aws.auth.region", "us-east-1"),
		map[attribute.Key]string{keyRemoteAccount: "123456789012", keyRemoteRegion: "eu-west-1"})
	f(attrs("aws.sqs.queue.url", "https://sqs.eu-west-1.amazonaws.com/123456789012/mail"),
		map[attribute.Key]string{keyRemoteAccount: "123456789012", keyRemoteRegion: "eu-west-1"})
	f(attrs("aws.sqs.queue.url", "http://localhost:4566/123456789012/mail", "aws.auth.account.access_key", "AKID", "aws.auth.region", "us-east-1"),
		map[attribute.Key]string{keyRemoteAccessKey: "AKID", keyRemoteRegion: "us-east-1"})
	f(attrs("aws.s3.bucket", "b", "aws.auth.account.access_key", "AKID"), map[attribute.Key]string{keyRemoteAccessKey: "AKID"})
	f(attrs("aws.auth.account.access_key", "AKID"), nil) // there is no resource
}

func TestOfMetadataService(t *testing.T) {
	f := func(service string, want bool) {
		t.Helper()
		if got := ofMetadataService(service); got != want {
			t.Errorf("%q: %v", service, got)
		}
	}
	f("169.254.169.254", true)
	f("169.254.169.254:80", true)
	f("[fd00:ec2::254]:80", true)
	f("169.254.169.2540", false)
	f("shop", false)
}

func TestMakes(t *testing.T) {
	f := func(kind trace.SpanKind, root bool, kvs []attribute.KeyValue, wantService, wantDependency bool) {
		t.Helper()
		got := factsOf(spanOf(kind, "x", root, kvs))
		if got.makesService() != wantService || got.makesDependency() != wantDependency {
			t.Errorf("%s, root %v, %v: service %v, dependency %v", kind, root, kvs, got.makesService(), got.makesDependency())
		}
	}
	f(trace.SpanKindServer, true, nil, true, false)
	f(trace.SpanKindServer, false, nil, true, false)
	f(trace.SpanKindClient, true, nil, true, true)
	f(trace.SpanKindClient, false, nil, false, true)
	f(trace.SpanKindProducer, false, nil, false, true)
	f(trace.SpanKindInternal, true, nil, true, false)
	f(trace.SpanKindInternal, false, nil, false, false)
	f(trace.SpanKindConsumer, false, attrs("messaging.operation.type", "receive"), false, true)
	f(trace.SpanKindConsumer, true, attrs("messaging.operation", "process"), true, true)
	f(trace.SpanKindConsumer, false, attrs("messaging.operation", "process"), false, true)
	f(trace.SpanKindConsumer, false, attrs("messaging.operation", "process", keyConsumerParent, kindConsumer), false, false)
	f(trace.SpanKindConsumer, false, attrs("messaging.operation.type", "receive", keyConsumerParent, kindConsumer), false, true)
}

func TestServiceName(t *testing.T) {
	f := func(kvs []attribute.KeyValue, wantService, wantEnvironment string) {
		t.Helper()
		var p Processor
		service, environment := p.localOf(sdkresource.NewSchemaless(kvs...))
		if service != wantService || environment != wantEnvironment {
			t.Errorf("%v: %q %q", kvs, service, environment)
		}
	}
	f(attrs("service.name", "shop"), "shop", "")
	f(attrs("service.name", "unknown_service:go"), UnknownService, "")
	f(nil, UnknownService, "")
	f(attrs("service.name", "shop", "aws.local.service", "given"), "given", "")
	f(attrs("deployment.environment", "old"), UnknownService, "old")
	f(attrs("deployment.environment", "old", "deployment.environment.name", "prod"), UnknownService, "prod")
}

// FuzzRules looks for input that is too much for the rules.
func FuzzRules(f *testing.F) {
	f.Add("GET", "/a/b", "https://h/p", "select 1", "arn:aws:sns:r:1:t", "https://sqs.r.amazonaws.com/1/q")
	f.Add("", "", "://", "\xff", "arn:::::", "//")
	f.Fuzz(func(t *testing.T, method, path, address, statement, arn, queue string) {
		p, err := NewProcessor(Config{OperationPaths: []string{path, statement}})
		if err != nil {
			t.Fatal(err)
		}
		for _, system := range []string{"aws-api", "grpc", ""} {
			span := spanOf(trace.SpanKindClient, method, true, attrs("rpc.system", system, "http.request.method", method, "url.path", path,
				"url.full", address, "db.statement", statement, "db.connection_string", address, "aws.sns.topic.arn", arn, "aws.sqs.queue.url", queue))
			p.OnEnd(span)
			if _, operation := remote(factsOf(span)); operation == "" {
				t.Error("no operation")
			}
		}
	})
}
