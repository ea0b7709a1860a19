package insights

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden file anew")

// Queries of AWS's documentation, on data of our own:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-examples.html
// and the pages of the commands. Two of its samples are no valid queries and are
// refused, see TestExamples_refused.

var (
	flowLog = []string{
		`{"srcAddr":"192.0.2.1","dstAddr":"198.51.100.7","protocol":17,"packets":3,"bytes":300,"logStatus":"OK"}`,
		`{"srcAddr":"192.0.2.1","dstAddr":"198.51.100.8","protocol":6,"packets":9,"bytes":9000,"logStatus":"OK"}`,
		`{"srcAddr":"203.0.113.9","dstAddr":"198.51.100.7","protocol":17,"packets":4,"bytes":44,"logStatus":"SKIPDATA"}`,
		`{"srcAddr":"192.0.2.1","dstAddr":"198.51.100.7","protocol":6,"packets":5,"bytes":512.5,"logStatus":"OK"}`,
	}
	lambdaLog = []string{
		"START RequestId: 6f1b Version: $LATEST",
		"2026-11-25T11:00:00Z\t6f1b\tINFO\t{\"order\":7,\"state\":\"paid\"}",
		"END RequestId: 6f1b",
		"REPORT RequestId: 6f1b\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\tInit Duration: 101.25 ms\t",
		"REPORT RequestId: 70aa\tDuration: 7.25 ms\tBilled Duration: 8 ms\tMemory Size: 128 MB\tMax Memory Used: 80 MB\t\nXRAY TraceId: 1-5e1b-aa\tSegmentId: 0a0b\tSampled: true\t",
	}
	trailLog = []string{
		`{"eventSource":"ec2.amazonaws.com","eventName":"StartInstances","awsRegion":"us-east-2","region":"us-east-2","userIdentity":{"userName":"Alice"},"requestParameters":{"instancesSet":{"items":[{"instanceId":"i-abcde123"}]}}}`,
		`{"eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","requestParameters":{"userName":"Bob"},"responseElements":{"user":{"arn":"arn:aws:iam::000000000000:user/Bob"}}}`,
		`{"eventSource":"cloudtrail.amazonaws.com","eventName":"UpdateTrail","errorCode":"AccessDenied","errorMessage":"no"}`,
		`{"eventSource":"ec2.amazonaws.com","eventName":"StopInstances","region":"eu-west-1","awsRegion":"eu-west-1"}`,
	}
	textLog = []string{
		"user=ann, method:GET, latency := 12",
		"java.lang.Exception: broken pipe",
		"user=bob, method:PUT, latency := 30.5",
		"user=ann, method:GET, latency := 20",
		"[ERROR] disk full",
	}
	routeLog = []string{
		`{"queryType":"A","queryName":"a.example.com","responseCode":"NOERROR","resolverIp":"192.0.2.53"}`,
		`{"queryType":"AAAA","queryName":"a.example.com","responseCode":"SERVFAIL","resolverIp":"192.0.2.53"}`,
		`{"queryType":"A","queryName":"b.example.com","responseCode":"SERVFAIL","resolverIp":"198.51.100.53"}`,
	}
	gatewayLog = []string{
		`{"status":200,"ip":"192.0.2.1","path":"/tea","httpMethod":"GET","responseLatency":12,"integrationLatency":9}`,
		`{"status":404,"ip":"192.0.2.2","path":"/milk","httpMethod":"GET","responseLatency":3,"integrationLatency":1}`,
		`{"status":499,"ip":"192.0.2.1","path":"/tea","httpMethod":"POST","responseLatency":100,"integrationLatency":99}`,
		`{"status":500,"ip":"192.0.2.1","path":"/tea","httpMethod":"POST","responseLatency":70,"integrationLatency":65}`,
		`{"status":200,"ip":"192.0.2.3","path":"/tea","httpMethod":"GET","responseLatency":8,"integrationLatency":5}`,
	}
	serverLog = []string{
		`{"server":"a","severity":"INFO","message":"up","f1":"ServiceLogX","range":2500,"accountId":123456789012,"logGroup":"example_group"}`,
		`{"server":"b","severity":"ERROR","message":"down","f1":"an Exception","range":3500,"accountId":123456789012,"logGroup":"example_group_2"}`,
		`{"server":"a","severity":"ERROR","message":"slow","f1":"an exception","range":4000,"accountId":999999999999}`,
		`{"server":"b","severity":"ERROR","message":"resuming normal operations","f1":"ServiceLog","range":10}`,
		`{"message":"no server","detail-type":"Scheduled Event","Operation":"Put","Fault":1}`,
		`{"message":"no server either","detail-type":"Scheduled Event","Operation":"Put","Fault":2}`,
	}
	sessionLog = []string{
		`{"client_ip":"192.0.2.1","session_id":1,"client_platform":"web"}`,
		`{"client_ip":"192.0.2.2","session_id":1,"client_platform":"web"}`,
		`{"client_ip":"192.0.2.2","session_id":2,"client_platform":"web"}`,
		`{"client_ip":"192.0.2.3","session_id":3,"client_platform":"app"}`,
		`{"client_ip":"192.0.2.4","session_id":3,"client_platform":"app"}`,
		`{"client_ip":"192.0.2.4","session_id":3,"client_platform":"app"}`,
	}
	structLog = []string{
		`{"status_code":200,"users":[{"action":"GetData"},{"action":"PutData"}],"user.id":"123"}`,
		`{"status_code":500,"users":[{"action":"PutData"}]}`,
		`{"status_code":200}`,
		`[1, 2]`,
		`no JSON`,
	}
	listLog = []string{
		`{"events":[{"name":"exception"},{"name":"user action"}]}`,
		`{"accounts":[{"id":"1","type":"internal"},{"id":"2","type":"external"},{"id":"3","type":"internal"}]}`,
		`{"trimmedData":"[{\"accountId\":\"a\",\"droppedSpans\":3},{\"accountId\":\"b\",\"droppedSpans\":5},{\"accountId\":\"a\",\"droppedSpans\":4}]"}`,
	}
	nestedLog = []string{
		"{'fieldsA': 'logs', 'fieldsB': [{'fA': 'a1'}, {'fA': 'a2'}]}",
		"2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK",
		"09:00:01 [INFO] started",
		"09:00:02 [ERROR] Status Code: 404; not found",
		"09:00:03 [DEBUG] Status Code: 500; broken",
	}
)

// examples are the queries by the log that they are for.
var examples = []struct {
	log      string
	messages []string
	queries  []string
}{
	{"/app", textLog, []string{
		"fields @timestamp, @message | sort @timestamp desc | limit 25",
		"filter @message like /Exception/ \n| stats count(*) as exceptionCount by bin(1h)\n| sort exceptionCount desc",
		"fields @message | filter @message not like /Exception/",
		"filter @message like /(?i)exception/",
		`filter @message like "Exception"`,
		"filter @message =~ /^(?i)java.*PIPE$/ # a comment | with a pipe",
		"parse @message \"user=*, method:*, latency := *\" as @user,\n @method, @latency | stats avg(@latency) by @method, @user",
		`fields @message | parse @message "[*] *" as loggingType, loggingMessage | filter loggingType = "ERROR" | display loggingMessage`,
		`parse @message /user=(?<user2>.*?), method:(?<method2>.*?), latency := (?<latency2>.*)/ | filter ispresent(user2) | stats avg(latency2) as a by method2, user2 | sort a`,
		"stats count(*) as c by bin(1m) as t | stats max(c) as peak, min(t) as first",
	}},
	{"/aws/lambda/f", lambdaLog, []string{
		"filter @type = \"REPORT\"\n| stats max(@memorySize / 1024 / 1024) as provisonedMemoryMB,\n    min(@maxMemoryUsed / 1024 / 1024) as smallestMemoryRequestMB,\n    avg(@maxMemoryUsed / 1024 / 1024) as avgMemoryUsedMB,\n    max(@maxMemoryUsed / 1024 / 1024) as maxMemoryUsedMB,\n    provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB",
		"filter @type = \"REPORT\" |\nstats avg(@duration), max(@duration), min(@duration) by bin(5m)",
		"fields @requestId, @xrayTraceId, @initDuration | filter ispresent(@xrayTraceId) or ispresent(@initDuration)",
		"filter order = 7 | display state",
	}},
	{"vpc", flowLog, []string{
		"stats sum(packets) as packetsTransferred by srcAddr, dstAddr\n| sort packetsTransferred  desc\n| limit 15",
		"filter isIpv4InSubnet(srcAddr, \"192.0.2.0/24\")\n| stats sum(bytes) as bytesTransferred by dstAddr\n| sort bytesTransferred  desc\n| limit 15",
		"filter protocol=17 | stats count(*) by srcAddr",
		"filter logStatus=\"SKIPDATA\"\n| stats count(*) by bin(1h) as t\n| sort t",
		"fields srcAddr, bytes | sort bytes desc | dedup srcAddr",
		"stats pct(bytes, 50) as p50, stddev(packets) as sd, count_distinct(dstAddr) as hosts, earliest(bytes) as e, latest(bytes) as l, sortsFirst(srcAddr) as f, sortsLast(srcAddr) as z",
	}},
	{"trail", trailLog, []string{
		"stats count(*) by eventSource, eventName, awsRegion",
		"filter (eventName=\"StartInstances\" or eventName=\"StopInstances\") and region=\"us-east-2\"",
		"filter eventName=\"CreateUser\"\n| fields awsRegion, requestParameters.userName, responseElements.user.arn",
		"filter eventName=\"UpdateTrail\" and ispresent(errorCode)\n| stats count(*) by errorCode, errorMessage",
		"fields requestParameters.instancesSet.items.0.instanceId as id | filter ispresent(id)",
		"fields jsonParse(@message) as json_message | stats count() by json_message.awsRegion",
		"fields jsonParse(@message) as m | filter m.requestParameters.instancesSet.items[0].instanceId = \"i-abcde123\" | display m.userIdentity",
		`filter eventName in ["CreateUser", "DeleteUser"] | display eventName`,
		`filter eventName not in ["CreateUser", "DeleteUser"] | display eventName`,
	}},
	{"/aws/lambda/f", lambdaLog, []string{
		"filter @type = \"REPORT\"\n| stats max(@memorySize / 1000 / 1000) as provisonedMemoryMB,\n min(@maxMemoryUsed / 1000 / 1000) as smallestMemoryRequestMB,\n provisonedMemoryMB - smallestMemoryRequestMB as d",
		"fields @timestamp, @requestId, @message, @logStream\n| filter @type = \"REPORT\" and @duration > 10\n| sort @timestamp desc\n| dedup @requestId\n| limit 20",
	}},
	{"vpc", flowLog, []string{
		"stats avg(bytes) by dstAddr",
		"stats avg(bytes), max(bytes) by dstAddr",
		"filter (dstAddr like '198.51.100.7' and srcAddr like '192.0.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr\n| sort bytesTransferred desc\n| limit 10",
		"filter (dstAddr like '198.51.100.7' and srcAddr like '192.0.') or (srcAddr like '203.0.113.9' and dstAddr like '198.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr\n| sort bytesTransferred desc",
		"filter (dstAddr like '198.51.100.7' and srcAddr not like '192.0.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr",
		"fields @timestamp, srcAddr, dstAddr, srcPort, dstPort, protocol, bytes\n| filter @logStream = 's'\n| sort @timestamp desc\n| dedup srcAddr, dstAddr, protocol\n| limit 20",
	}},
	{"route53", routeLog, []string{
		"stats count(*) by queryType, bin(1h)",
		"stats count(*) by queryType",
		"stats count(*) as numRequests by resolverIp\n    | sort numRequests desc\n    | limit 10",
		"filter responseCode=\"SERVFAIL\" | stats count(*) by queryName",
		"stats count(*) by bin(1h) | sort bin(1h) desc", // a column by its text
		"stats count( * ) as n by bin(1m) as minute | sort minute | limit 2",
	}},
	{"trail", trailLog, []string{
		"filter tlsDetails.tlsVersion in [ \"TLSv1\", \"TLSv1.1\" ]\n| stats count(*) as numOutdatedTlsCalls by userIdentity.accountId, recipientAccountId, eventSource, eventName, awsRegion, tlsDetails.tlsVersion, tlsDetails.cipherSuite, userAgent\n| sort eventSource, eventName, awsRegion, tlsDetails.tlsVersion",
		"filter tlsDetails.tlsVersion in [ \"TLSv1\", \"TLSv1.1\" ]\n| stats count(*) as numOutdatedTlsCalls by eventSource\n| sort numOutdatedTlsCalls desc",
		"filter requestParameters.instancesSet.items.0.instanceId=\"i-abcde123\"",
	}},
	{"gateway", gatewayLog, []string{
		"fields @timestamp, status, ip, path, httpMethod\n| filter status>=400 and status<=499\n| sort @timestamp desc\n| limit 10",
		"fields @timestamp, status, ip, path, httpMethod, responseLatency\n| sort responseLatency desc\n| limit 10",
		"stats count(*) as requestCount by path\n| sort requestCount desc\n| limit 10",
		"filter status=200\n| stats avg(integrationLatency), max(integrationLatency),\nmin(integrationLatency) by bin(1m)",
		"stats pct(responseLatency, 50), stddev(responseLatency) as deviation, count_distinct(ip), count(missing)",
		"stats avg(responseLatency), min(status), max(integrationLatency) by bin(5m)",
	}},
	{"servers", serverLog, []string{
		"fields @timestamp, server, severity, message \n| sort @timestamp asc \n| dedup server",
		"fields @timestamp, server, severity, message \n| sort @timestamp desc \n| dedup server, severity",
		"fields @timestamp, @message | filter (range>3000) | sort @timestamp desc | limit 20",
		"fields @timestamp, @message | filter (range>3000 and accountId=123456789012) | sort @timestamp desc | limit 20",
		"fields message | filter (range>3000 or accountId=123456789012)",
		"fields message | filter logGroup in [\"example_group\"]",
		"fields message | filter logGroup not in [\"example_group\"]",
		"fields f1 | filter f1 like \"Exception\"",
		"fields f1 | filter f1 like /Exception/",
		"fields f1 | filter f1 =~ /Exception/",
		"fields f1 | filter f1 like /ServiceLog./",
		"fields f1 | filter f1 like /ServiceLog.*/",
		"fields f1 | filter f1 not like \"Exception\"",
		"fields f1 | filter f1 not like /Exception/",
		"fields f1 | filter f1 like /(?i)Exception/",
		"fields f1 | filter f1 not like /(?i)Exception/",
		"fields @timestamp, message\n| filter message like \"resuming normal operations\"\n| sort @timestamp desc\n| limit 20",
		"fields @timestamp, @message\n| stats count(*) as numberOfEvents by `detail-type`\n| sort numberOfEvents desc",
		"fields ispresent(server) as isThere, isThere = 1 as same | display isThere, same",
		"STATS SUM(Fault) by Operation | STATS MAX(SUM(Fault)) AS most",
		"STATS sum(range) as sum_x by server, severity\n| STATS max(sum_x) as max_x by severity",
		"fields greatest(range, 3000) as fieldMax | filter fieldMax > 3000 | display fieldMax",
	}},
	{"sessions", sessionLog, []string{
		"FIELDS strlen(@message) AS message_length\n| STATS sum(message_length)/1024/1024 as logs_mb BY bin(5m)\n| STATS max(logs_mb) AS peak_ingest_mb,\n        min(logs_mb) AS min_ingest_mb,\n        avg(logs_mb) AS avg_ingest_mb",
		"STATS count_distinct(client_ip) AS session_ips,\n      count(*) AS requests BY session_id, client_platform\n| FILTER session_ips > 1\n| STATS count(*) AS multiple_ip_sessions,\n        sum(requests) / count(*) AS avg_session_requests BY client_platform",
		"FIELDS strlen(@message) AS message_length\n| STATS sum(message_length) AS length BY BIN(5m) as @t\n| STATS max(length) AS peak,\n        min(length) AS least BY dateceil(@t, 10m)",
		"FIELDS strlen(@message) AS message_length\n | STATS sum(message_length) AS ingested_bytes, max(@timestamp) as @t BY @logStream\n | STATS avg(ingested_bytes) BY dateceil(@t, 5m)",
	}},
	{"structures", structLog, []string{
		"fields jsonParse(@message) as json_message\n| stats count() by json_message.status_code",
		"fields jsonParse(@message) as json_message\n| filter json_message.users[1].action = \"PutData\"",
		"fields jsonParse(@message) as json_message\n| filter json_message.`user.id` = \"123\"",
		"fields jsonParse(@message) as json_message\n| display toupper(json_message)",
		"fields jsonParse(@message) as json_message\n| filter ispresent(json_message) | display jsonStringify(json_message.users) as users",
	}},
	{"lists", listLog, []string{
		"fields jsonParse(@message) as json_message \n| unnest json_message.events into event\n| display event.name",
		"fields jsonParse(@message) as js \n| unnest js.accounts into account \n| filter account.type = \"internal\"",
		"fields jsonParse(trimmedData) as accounts \n| unnest accounts into account \n| stats sum(account.droppedSpans) as n by account.accountId \n| sort n desc \n| limit 10",
	}},
	{"texts", nestedLog, []string{
		"parse @message \"'fieldsA': '*', 'fieldsB': ['*']\" as fld, array",
		"parse @message /(?<NetworkInterface>eni-.*?) / | display NetworkInterface, @message",
		"FIELDS @message\n    | PARSE @message \"* [*] *\" as loggingTime, loggingType, loggingMessage\n    | FILTER loggingType IN [\"ERROR\", \"INFO\"]\n    | DISPLAY loggingMessage, loggingType = \"ERROR\" as isError",
		"parse @message \"Status Code: *;\" as statusCode\n| filter statusCode >= 400 and statusCode <= 499\n| filter toMillis(@timestamp) >= (now() * 1000 - 7200000)",
		"fields @timestamp, @message \n| filter @message like /(?i)(error|failure)/ \n| filter toMillis(@timestamp) >= (now() * 1000 - 18000000)",
	}},
}

func TestExamples(t *testing.T) {
	const golden = "testdata/examples.golden"
	var b strings.Builder
	for _, x := range examples {
		for _, q := range x.queries {
			rows, r, err := run(t, q, x.log, x.messages...)
			if err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			fmt.Fprintf(&b, "%s\n-- matched %d of %d\n%s\n", q, r.Matched(), r.Scanned, show(rows))
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("results differ from %s; run go test -update and read the diff. Got:\n%s", golden, b.String())
	}
}

// What is wrong in AWS's samples, or named there as invalid, is refused.
func TestExamples_refused(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		if _, err := Parse(query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", query, err, want)
		}
	}
	f("fields @timestamp, remoteIP, method, status\n| filter status=\"200\" and referrer= http://34.250.27.141/ and method= \"GET\"", "line 2 and position 41") // a URL without quotation marks
	f("FIELDS @message\n| STATS SUM(Fault) by Operation\n| STATS MAX(strlen(@message)) AS MaxMessageSize", "Unknown symbols found in or after stats: @message")
	f("FIELDS strlen(@message) AS message_length\n| STATS sum(message_length) AS ingested_bytes BY @logStream\n| STATS avg(ingested_bytes) BY bin(5m)", "Unknown symbols found in or after stats: @timestamp")
	f("stats count(*) as c by a | limit 3 | stats max(c)", "must come after the last stats command")
	f("pattern @message", "localaws does not support the command pattern")
	f("expand items | stats count(*) by items, host", "localaws does not support the command expand")
	f("stats count(*) by bin(5m) offset 1h", "unexpected symbol found offset")
	f("stats rate(requests, 1m) by bin(5m)", "localaws does not support the function rate")
	f("fields unmask(@message)", "localaws does not support the function unmask")
}
