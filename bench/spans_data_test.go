package bench

import "strings"

var spanNames = []string{
	"GET /api/products", "SELECT shop.stock", "orders process", "N", "", "***", "bad*name!? \\ (é) \xff \"q\"", "Überweisung/ñ 中文 \u2028 x",
	strings.Repeat("ü", 150), strings.Repeat("a", 199) + "é", strings.Repeat("b", 300), "DynamoDB.GetItem", "a\tb\nc", "½ Ⅷ _.:/%&#=+-@",
}

// texts are strings that something may trip over.
var texts = []string{
	"", "plain", "with \"quotes\" and \\", "<b>&amp;</b>", "line\nline\r\n\ttab", "\x00\x01\x1f\x7f", "broken \xff\xc3 utf8", "\u2028\u2029\ufeff",
	"Ελληνικά 中文 🚀", strings.Repeat("long ", 100), "{\"json\":1}", "a:b", "null", " ",
}

var ips = []any{"203.0.113.9", "10.0.0.4", "2001:db8::1", "::ffff:10.1.2.3", "fe80::1%eth0", "not an ip", "1.2.3", "/var/run/x.sock"}

var ports = []any{80, 443, 8080, "443", "80", "8443", 0}

var statuses = []any{200, 302, 399, 400, 404, 429, 499, 500, 503, 599, 600, 0, 101, -1}

var hosts = []any{"shop.example.com", "inventory", "10.1.2.3", "shop.example.com:8443", "[::1]:80"}

var themes = [][]candidate{httpOld, httpStable, httpOld, httpStable, sqlOld, sqlStable, awsCall, rpc, messaging, rest}

var httpOld = []candidate{
	{"http.method", []any{"GET", "POST"}},
	{"http.url", []any{"https://shop.example.com/a?b=<c>", "http://user:secret@inventory:8081/stock", "x"}},
	{"http.scheme", []any{"http", "https", "ws"}},
	{"http.host", hosts},
	{"http.target", []any{"/api/orders?dry=1", "nothing", "/"}},
	{"http.server_name", hosts},
	{"http.user_agent", []any{"curl/8.5", "Mozilla/5.0 (X11) <x>"}},
	{"http.client_ip", ips},
	{"http.status_code", statuses},
	{"http.status_text", []any{"Not Found", "Internal Server Error"}},
	{"http.flavor", []any{"1.1"}},
	{"http.response_content_length", []any{512}},
	{"net.peer.ip", ips},
	{"net.peer.name", hosts},
	{"net.peer.port", ports},
	{"net.host.name", hosts},
	{"net.host.port", ports},
	{"net.sock.peer.addr", ips},
	{"host.name", hosts},
}

var httpStable = []candidate{
	{"http.request.method", []any{"GET", "PUT"}},
	{"url.full", []any{"https://shop.example.com/x#frag", "http://u:p@h/"}},
	{"url.scheme", []any{"http", "https"}},
	{"url.path", []any{"/api/products", "", "x"}},
	{"url.query", []any{"page=2", "?page=2", "a=<b>&c"}},
	{"server.address", hosts},
	{"server.port", ports},
	{"client.address", ips},
	{"client.port", ports},
	{"network.peer.address", ips},
	{"network.peer.port", ports},
	{"user_agent.original", []any{"curl/8.5"}},
	{"http.response.status_code", statuses},
	{"http.response.body.size", []any{512}},
	{"http.route", []any{"/api/{id}"}},
	{"error.type", []any{"500", "ThrottlingException", "java.net.ConnectException"}},
}

var sqlOld = []candidate{
	{"db.system", []any{"mysql", "postgresql", "mssql", "oracle", "sqlite", "other_sql", "db2", "derby", "hive", "mariadb", "teradata", "redis", "dynamodb", "cockroachdb"}},
	{"db.name", []any{"shop", "customers"}},
	{"db.user", []any{"app", strings.Repeat("u", 300)}},
	{"db.statement", []any{"SELECT * FROM t WHERE a < ? AND b > ?"}},
	{"db.connection_string", []any{"mysql://db.dev.example.com:3306", "jdbc:mysql://db.dev.example.com:3306", "Server=(local);", "::bad%zz", "postgres://u:p@db/x"}},
	{"db.operation", []any{"SELECT"}},
	{"db.sql.table", []any{"t"}},
}

var sqlStable = []candidate{
	{"db.system.name", []any{"postgresql", "mysql", "microsoft.sql_server", "redis"}},
	{"db.namespace", []any{"shop"}},
	{"db.query.text", []any{"SELECT 1"}},
	{"db.operation.name", []any{"SELECT"}},
	{"db.collection.name", []any{"t"}},
}

var awsCall = []candidate{
	{"rpc.system", []any{"aws-api", "aws-api", "grpc"}},
	{"rpc.service", []any{"DynamoDB", "SQS"}},
	{"rpc.method", []any{"GetItem", "SQS/SendMessage"}},
	{"aws.service", []any{"S3", "DynamoDBv2"}},
	{"aws.operation", []any{"ListBuckets"}},
	{"aws.region", []any{"us-east-2"}},
	{"aws.account_id", []any{"123456789012"}},
	{"aws.request_id", []any{"18BO1FEPJSSAOGNJEDPTPCMIU5VV4KQNSO5AEMVJF66Q9ASUAAJG"}},
	{"aws.requestId", []any{"r-2"}},
	{"aws.queue_url", []any{"https://sqs.us-east-2.amazonaws.com/1/q"}},
	{"aws.queue.url", []any{"https://sqs.us-east-2.amazonaws.com/1/r"}},
	{"aws.sqs.queue.url", []any{"https://sqs.us-east-2.amazonaws.com/1/s"}},
	{"messaging.url", []any{"https://sqs.us-east-2.amazonaws.com/1/t"}},
	{"aws.table_name", []any{"orders"}},
	{"aws.table.name", []any{"orders2"}},
	{"aws.dynamodb.table_names", []any{[]any{"one"}, []any{"one", "two"}, []any{"one", 2, nil}, []any{}, "alone", []any{3}}},
	{"aws.s3.bucket", []any{"b"}},
	{"aws.sns.topic.arn", []any{"arn:aws:sns:us-east-2:1:t"}},
	{"cloud.region", []any{"us-east-2"}},
}

var rpc = []candidate{
	{"rpc.system", []any{"grpc", "aws-api"}},
	{"rpc.system.name", []any{"grpc", "aws-api"}},
	{"rpc.service", []any{"shop.Cart", "bad*name!"}},
	{"rpc.method", []any{"Add"}},
	{"rpc.grpc.status_code", []any{0, 5, 8, 14}},
	{"rpc.response.status_code", []any{"RESOURCE_EXHAUSTED"}},
	{"peer.service", []any{"inventory", "bad*name!"}},
	{"service.peer.name", []any{"inventory2"}},
}

var messaging = []candidate{
	{"messaging.system", []any{"aws_sqs", "kafka"}},
	{"messaging.destination.name", []any{"orders"}},
	{"messaging.message_payload_size_bytes", []any{1024, 0, -1, 3.5, true}},
	{"message.type", []any{"RECEIVED", "SENT"}},
}

var rest = []candidate{
	{"enduser.id", []any{"u-17", strings.Repeat("u", 300)}},
	{"user.id", []any{"u-18"}},
	{"aws.xray.inprogress", []any{true, false, "true"}},
	{"aws.xray.metadata.audit", []any{
		`{"a":1,"b":[true,null],"otel.resource.x":2}`, `{"big":12345678901234567890,"f":1.0,"e":1e3,"<":"&"}`, `{"twice":1,"twice":2}`, `{}`, `null`, `[1]`, `{"a":`, "text", `{"a":1e400}`,
	}},
	{"aws.xray.metadata.default", []any{`{"from.default":1}`, `{"otel.resource.from.default":{"x":1}}`, `{}`, `null`, `7`}},
	{"aws.xray.metadata.Otel", []any{`{"scope":"mine"}`}},
	{"aws.xray.metadata.otel", []any{`{"scope":"mine"}`}},
	{"aws.xray.metadata.updraft", []any{`{"trimmed":"mine"}`}},
	{"aws.xray.metadata.", []any{`{"nameless":true}`, "x"}},
	{"otel.resource.service.name", []any{"from the span"}},
	{"tenant.id", []any{"acme", 7, 2.5, true}},
}

var applicationSignals = []candidate{
	{"aws.span.kind", []any{"LOCAL_ROOT", "LOCAL_ROOT", "LOCAL_ROOT", "CLIENT", "local_root"}},
	{"aws.local.service", []any{"shop", "bad*local!"}},
	{"aws.local.operation", []any{"GET /"}},
	{"aws.remote.service", []any{"AWS.SDK.S3", "AWS::SQS", "AWS::AWS.SDK.x", "inventory"}},
	{"aws.remote.operation", []any{"PutObject"}},
	{"remoteTarget", []any{"t"}},
	{"K8s.RemoteNamespace", []any{"n"}},
}

var unknown = []candidate{
	{"with.dots", []any{"a.b"}},
	{"with blank", []any{true}},
	{"Ünïcode-κλειδί", []any{"value", 5}},
	{"", []any{"of the empty key"}},
	{"\"quoted\\\"", []any{"<&>"}},
	{"a/b", []any{1.25, int64(1) << 53}},
	{"nested", []any{map[string]any{"k": []any{1, nil, map[string]any{"z": true}}}}},
	{"list", []any{[]any{"x", "y"}, []any{1, 2}, []any{true}, []any{}}},
	{"null", []any{nil}},
	{"enormous", []any{int64(-1) << 62, 1e300, 5e-324}},
	{"bytes", []any{[]byte("raw")}},
	{"host.id", []any{"i-1"}},
	{"service.name", []any{"span's own"}},
}

var resourceService = []candidate{
	{"service.name", []any{"shop", "bad*name!"}},
	{"service.version", []any{"1.4.2", strings.Repeat("v", 300)}},
	{"service.namespace", []any{"prod"}},
	{"service.instance.id", []any{"23", "i-77", "99999999999999999999", "-4"}},
	{"deployment.environment.name", []any{"production"}},
}

var resourceSDK = []candidate{
	{"telemetry.sdk.name", []any{"opentelemetry"}},
	{"telemetry.sdk.language", []any{"java", "php", "python", "javascript", "dotnet", "go", "ruby", "nodejs", "kotlin"}},
	{"telemetry.sdk.version", []any{"1.47.0"}},
	{"telemetry.auto.version", []any{"2.1.0"}},
	{"telemetry.distro.version", []any{"2.1.0"}},
}

var resourceCloud = []candidate{
	{"cloud.provider", []any{"aws", "aws", "aws", "gcp"}},
	{"cloud.platform", []any{"aws_ec2", "aws_ecs", "aws_eks", "aws_elastic_beanstalk", "aws_lambda", "aws_app_runner", "gcp_cloud_run"}},
	{"cloud.account.id", []any{"123456789012"}},
	{"cloud.region", []any{"eu-central-1"}},
	{"cloud.availability_zone", []any{"eu-central-1a"}},
	{"host.id", []any{"i-0123456789abcdef0"}},
	{"host.type", []any{"m7g.large"}},
	{"host.image.id", []any{"ami-1"}},
}

var resourceECS = []candidate{
	{"cloud.platform", []any{"aws_ecs"}},
	{"aws.ecs.launchtype", []any{"ec2", "fargate", "external"}},
	{"aws.ecs.task.arn", []any{"arn:aws:ecs:eu-central-1:1:task/c/t"}},
	{"aws.ecs.task.family", []any{"shop"}},
	{"aws.ecs.cluster.arn", []any{"arn:aws:ecs:eu-central-1:1:cluster/c"}},
	{"aws.ecs.container.arn", []any{"arn:aws:ecs:eu-central-1:1:container/c"}},
	{"container.name", []any{"web"}},
	{"container.id", []any{"0a1b"}},
}

var resourceEKS = []candidate{
	{"cloud.platform", []any{"aws_eks"}},
	{"k8s.cluster.name", []any{"main"}},
	{"k8s.pod.name", []any{"web-1"}},
	{"container.id", []any{"2c3d"}},
}

var resourceBeanstalk = []candidate{
	{"cloud.platform", []any{"aws_elastic_beanstalk"}},
	{"service.instance.id", []any{"23", "not a number", "99999999999999999999"}},
	{"service.namespace", []any{"scorekeep"}},
}

var resourceLogs = []candidate{
	{"aws.log.group.names", []any{"/a&/b&&", []any{"/a", "/b"}, []any{"/a", 1}, "&", "/single"}},
	{"aws.log.group.arns", []any{
		"arn:aws:logs:eu-central-1:1:log-group:/a:*&arn:aws:logs:eu-central-1:1:log-group:/b", []any{"arn:aws:logs:eu-central-1:1:log-group:/c:*", "short:arn"}, []any{}, []any{nil},
	}},
}

var resourceImage = []candidate{
	{"container.image.tag", []any{"v7"}},
	{"container.image.tags", []any{[]any{"v8", "latest"}, []any{}, []any{9}, "v9"}},
}
