package filterpattern_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/localaws/internal/filterpattern"
)

// The events and patterns are those of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.
const (
	badRequest   = "[ERROR 400] BAD REQUEST"
	unauthorized = "[ERROR 401] UNAUTHORIZED REQUEST"
	missing      = "[ERROR 419] MISSING ARGUMENTS"
	invalid      = "[ERROR 420] INVALID ARGUMENTS"
	internal     = "[ERROR 500] INTERNAL SERVER ERROR"
	authorized   = "[SUCCESS 200] AUTHORIZED REQUEST"

	trail = `{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
		"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"cluster.name":"c",
		"bandwidth":80,"latency":49.5,"refreshRate":60,"responseTime":5,"errorCode":400,"number":[1000,0.001],"ok":true}`
	users = `{"user":{"id":1,"email":"John.Stiles@example.com"},
		"users":[{"id":2,"email":"John.Doe@example.com"},{"id":3,"email":"Jane.Doe@example.com"}],
		"actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]]}`

	apache = `127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`
	info1  = "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200"
	info2  = "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310"
	warn   = "WARNING 09/25/2014 12:00:02 Invalid user request"
	failed = "ERROR 09/25/2014 12:00:02 Failed to process request"
)

func TestMatch(t *testing.T) {
	f := func(pattern string, want bool, events ...string) {
		t.Helper()
		p, err := filterpattern.Parse(pattern)
		if err != nil {
			t.Errorf("Parse(%q): %v", pattern, err)
			return
		}
		for _, event := range events {
			if got := p.Match(event); got != want {
				t.Errorf("%q on %q: got %v, want %v", pattern, event, got, want)
			}
		}
	}
	yes := func(pattern string, events ...string) { t.Helper(); f(pattern, true, events...) }
	no := func(pattern string, events ...string) { t.Helper(); f(pattern, false, events...) }

	// terms
	yes(`ERROR`, badRequest, unauthorized, missing, invalid)
	no(`ERROR`, authorized)
	no(`error`, badRequest)
	yes(`ERROR ARGUMENTS`, missing, invalid)
	no(`ERROR ARGUMENTS`, badRequest, unauthorized)
	yes(`?ERROR ?ARGUMENTS`, badRequest, unauthorized, missing, invalid)
	no(`?ERROR ?ARGUMENTS`, authorized)
	yes(`?ERROR ?ARGUMENTS REQUEST`, "[INFO] REQUEST FAILED", "[WARN] UNAUTHORIZED REQUEST", "[ERROR] 400 BAD REQUEST")
	no(`?ERROR ?ARGUMENTS REQUEST`, missing)
	yes(`"INTERNAL SERVER ERROR"`, internal)
	no(`"INTERNAL SERVER ERROR"`, badRequest, "INTERNAL ERROR SERVER")
	yes(`ERROR -ARGUMENTS`, badRequest, unauthorized)
	no(`ERROR -ARGUMENTS`, missing, invalid, authorized)
	yes(`-"BAD REQUEST"`, missing)
	no(`-"BAD REQUEST"`, badRequest)
	yes(`?"BAD REQUEST" ?MISSING`, badRequest, missing)
	yes(`" "`, badRequest, "x", "")
	yes(``, badRequest, "")
	yes(`"say \"hi\""`, `they say "hi" often`)
	yes(`Größe_1`, "Größe_1=3")

	// regular expressions
	yes(`%AUTHORIZED%`, unauthorized, authorized)
	no(`%AUTHORIZED%`, badRequest)
	yes(`%^[hc]at%`, "hat on", "cat")
	no(`%^[hc]at%`, "a hat")
	yes(`%[hc]at$%`, "a hat")
	no(`%[hc]at$%`, "hats")
	yes(`%colou?r%`, "color", "colour")
	yes(`%a{3,5}%`, "aaa", "aaaa", "aaaaa")
	no(`%^a{3,5}$%`, "aa", "aaaaaa")
	yes(`%^a{,2}$%`, "", "a", "aa")
	no(`%^a{,2}$%`, "aaa")
	yes(`%^a{2,}$%`, "aa", "aaaa")
	yes(`%gra|ey%`, "gray", "grey")
	yes(`%^starting|^initializing|^shutting down%`, "starting x", "initializing x", "shutting down")
	no(`%^starting|^initializing|^shutting down%`, "skipping initializing x")
	yes(`%abcc|ab[^c]$%`, "abcc x", "aba")
	no(`%abcc|ab[^c]$%`, "aac x")
	yes(`%\[.\]%`, "[a]", "[7]", "[@]", "[]]", "[ ]")
	yes(`%10\.10\.0\.1%`, "at 10.10.0.1")
	no(`%10\.10\.0\.1%`, "10010,051")
	yes(`%10.10.0.1%`, "10010,051")
	yes(`%ab*c%`, "ac", "abc", "abbbc")
	yes(`%ab[0-9]*%`, "ab", "ab0", "ab129")
	yes(`%ab+c%`, "abc", "abbc")
	no(`%ab+c%`, "ac")
	yes(`%.at%`, "hat", "4at", " at")
	yes(`%\d%`, "a1")
	no(`%\D%`, "12")
	yes(`%a\sb%`, "a b", "a\tb", "a\nb")
	no(`%\W%`, "a_Z9")
	yes(`%\x3A\x28%`, "f:(x")

	// JSON
	yes(`{ $.eventType = "UpdateTrail" }`, trail)
	yes(`{$.eventType="UpdateTrail"}`, trail)
	yes(`{ $.sourceIPAddress != 123.123.* }`, trail)
	no(`{ $.sourceIPAddress != 111.111.* }`, trail)
	yes(`{ $.arrayKey[0] = "value" }`, trail)
	no(`{ $.arrayKey[1] = "value" }`, trail)
	no(`{ $.arrayKey[9] = "value" }`, trail)
	no(`{ $.arrayKey = "value" }`, trail)
	no(`{ $.arrayKey != "value" }`, trail)
	yes(`{ $.eventType = %Trail% }`, trail)
	yes(`{ $.arrayKey[*] = %val.{2}% }`, trail)
	yes(`{ $.* = %111\.111\.111\.1[0-9]{1,2}% }`, trail)
	yes(`{ $.['cluster.name'] = "c" }`, trail)
	yes(`{ $.SomeObject IS NULL }`, trail)
	no(`{ $.eventType IS NULL }`, trail)
	no(`{ $.SomeOtherObject IS NULL }`, trail)
	yes(`{ $.ok IS TRUE }`, trail)
	no(`{ $.ok IS FALSE }`, trail)
	yes(`{ $.SomeOtherObject NOT EXISTS }`, trail)
	no(`{ $.SomeObject NOT EXISTS }`, trail)
	yes(`{ $.bandwidth > 75 }`, trail)
	yes(`{ $.latency < 50 }`, trail)
	yes(`{ $.refreshRate >= 60 }`, trail)
	yes(`{ $.responseTime <= 5 }`, trail)
	yes(`{ $.errorCode = 400}`, trail)
	yes(`{ $.errorCode != 500 }`, trail)
	yes(`{ $.errorCode = 4* }`, trail)
	no(`{ $.errorCode = 5* }`, trail)
	yes(`{ $.number[0] = 1e+3 }`, trail)
	no(`{ $.number[1] != 1e-3 }`, trail)
	yes(`{ $.objectList[*].id = 2 }`, trail)
	no(`{ $.objectList[*].id = 3 }`, trail)
	no(`{ $.missing != "x" }`, trail)
	no(`{ $.eventType = "UpdateTrail" }`, "no JSON", `{"eventType":"UpdateTrail"} trailing`, `"UpdateTrail"`)
	yes(`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, users)
	yes(`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }`, users)
	no(`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }`, users)
	no(`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, users)
	yes(`{ $.coordinates[1][2] = 6 }`, users)

	// space-delimited
	yes(`[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]`, apache)
	yes(`[..., request =*.html*, status_code = 4*, bytes]`, apache)
	yes(`[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]`, apache)
	no(`[ip, user, username, timestamp, request =*.html*, status_code = 403 || status_code = 410, bytes]`, apache)
	yes(`[..., status, bytes>1000]`, apache)
	no(`[..., status, bytes>=1535]`, apache)
	yes(`[ip, user, ...]`, apache, "a b")
	no(`[ip, user, ...]`, "a")
	yes(`[ip, user, username, timestamp="10/Oct/2000:13:25:15 -0700", ...]`, apache)
	yes(`[w1=ERROR, w2]`, failed)
	no(`[w1=ERROR, w2]`, warn, info1)
	yes(`[w1=ERROR || w1=WARNING, w2]`, failed, warn)
	no(`[w1=ERROR || w1=WARNING, w2]`, info1)
	yes(`[w1!=ERROR && w1!=WARNING, w2]`, info1, info2)
	no(`[w1!=ERROR && w1!=WARNING, w2]`, failed, warn)
	yes(`[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]`, info1)
	no(`[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]`, info2)
	yes(`[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]`, info2)
}

func TestParse_refuses(t *testing.T) {
	f := func(pattern, reason string) {
		t.Helper()
		_, err := filterpattern.Parse(pattern)
		if err == nil || !strings.HasPrefix(err.Error(), "Invalid filter pattern: ") || !strings.Contains(err.Error(), reason) {
			t.Errorf("Parse(%q) = %v, want an error with %q", pattern, err, reason)
		}
	}
	f(`""`, `Invalid character(s) in term '""'`)
	f(`foo-bar`, `Invalid character(s) in term 'foo-bar'`)
	f(`ERROR %x%`, "whole pattern")
	f(`%x% ERROR`, "whole pattern")
	f(`"open`, "unclosed quotation mark")
	f(`?`, "Invalid character(s)")
	f(`{ $.a = 1`, "If a filter pattern starts with '{' it must end with '}'")
	f(`[a, b`, "If a filter pattern starts with '[' it must end with ']'")
	f(`{}`, "must begin with '$'")
	f(`{ $ = 1 }`, "must name a property")
	f(`{ $.a b = 1 }`, "expected an operator")
	f(`{ $.a = 1 $.b = 2 }`, "unexpected")
	f(`{ $.a = 1 || }`, "must begin with '$'")
	f(`{ ($.a = 1 }`, "unclosed parenthesis")
	f(`{ $.a > "x" }`, "needs a number")
	f(`{ $.a > x }`, "needs a number")
	f(`{ $.a = foo:bar }`, "unexpected ':bar")
	f(`{ $.a IS NOT NULL }`, "IS NOT is not supported")
	f(`{ $.a EXISTS }`, "EXISTS is not supported")
	f(`{ $.*.b[*] = 1 }`, "only one wildcard")
	f(`{ $.*.a = 1 && $.*.b = 1 && $.*.c = 1 && $.*.d = 1 }`, "at most 3 wildcard")
	f(`{ $.a = %a% && $.b = %b% && $.c = %c% }`, "at most 2 regular expressions")
	f(`{ $.a[x] = 1 }`, "in brackets")
	f(`%something!%`, "character '!' is not supported")
	f(`%(a)%`, "parentheses are not supported")
	f(`%ä%`, "multi-byte")
	f(`%a`, "surrounded by %")
	f(`%%`, "empty regular expression")
	f(`%a{1,5000}%`, "is not supported")
	f("%"+strings.Repeat(".{1000}", 140)+"x%", "repeats too much")
	f(`%[a%`, "is not supported")
	f(`[]`, "expected a field name")
	f(`[a b]`, "expected an operator")
	f(`[a, ..., b, ...]`, "only one ellipsis")
	f(`[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000]`, "must be on one field")
	f(`{ `+strings.Repeat("(", 100)+`$.a = 1`+strings.Repeat(")", 100)+` }`, "nested parentheses")
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`ERROR -"a b" ?c`, `{ ($.a.b[0] = "x*" || $.['c'] >= 1e-3) && $.* IS NULL }`,
		`[..., a=%x{,2}%, b != 4* || b = "q"]`, `%a\.b|[^c]{2,}\x3A%`, `{ $.a NOT EXISTS }`, `" "`, `[a=`, `{`,
	} {
		f.Add(seed, `{"a":{"b":["xy"]},"c":1} z`)
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		p, err := filterpattern.Parse(pattern)
		if (p == nil) == (err == nil) {
			t.Fatal("a pattern or an error, not both or neither")
		}
		if err == nil {
			p.Match(message)
			p.Match(trail)
		}
	})
}

func ExampleParse() {
	p, err := filterpattern.Parse(`{ $.level = "ERROR" && $.latency > 100 }`)
	fmt.Println(p.Match(`{"level":"ERROR","latency":120}`), err)
	// Output: true <nil>
}

func BenchmarkMatch_json(b *testing.B) {
	p, err := filterpattern.Parse(`{ $.users[*].id = 3 }`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Match(users)
	}
}
