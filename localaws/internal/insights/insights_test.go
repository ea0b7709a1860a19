package insights

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var testNow = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// run runs a query over messages, of which the last is the newest; they are a
// minute apart.
func run(t *testing.T, query, log string, messages ...string) ([]Row, *Run, error) {
	t.Helper()
	q, err := Parse(query)
	if err != nil {
		return nil, nil, err
	}
	r := q.Run(Options{Now: testNow, Start: testNow.Add(-time.Hour).UnixMilli(), End: testNow.UnixMilli()})
	for i := len(messages) - 1; i >= 0; i-- {
		at := testNow.Add(time.Duration(i-len(messages)) * time.Minute).UnixMilli()
		e := Event{Timestamp: at, Ingested: at + 5, Message: messages[i], Log: "000000000000:" + log, Stream: "s", Ptr: fmt.Sprint("p", i)}
		if err := r.Add(&e); err != nil {
			return nil, r, err
		}
	}
	rows, err := r.Rows()
	return rows, r, err
}

func show(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r {
			if i > 0 {
				b.WriteString("; ")
			}
			fmt.Fprintf(&b, "%s=%s", c.Field, c.Value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestExpressions(t *testing.T) {
	const message = `{"n":7,"f":2.5,"big":12345678901234567890,"s":" xyZfooxyZ ","neg":"-4","yes":true,"no":false,"null":null,"ip":"10.1.2.3","ip6":"2001:db8::1","a-b":1,"@x":2,"list":[10,{"k":"v"}],"json":"{\"p\":{\"q.r\":[1,2]}}","at":1764072000123}`
	f := func(expression, want string) {
		t.Helper()
		rows, _, err := run(t, "fields "+expression+" as result | display result", "g", message)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			return
		}
		got := strings.TrimSuffix(strings.TrimSpace(show(rows)), "@ptr=p0")
		got = strings.TrimSuffix(strings.TrimPrefix(got, "result="), "; ")
		if got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	f("2 ^ 3", "8")
	f("2 ^ 3 ^ 2", "512")
	f("-2 ^ 2", "-4")
	f("10 % 3", "1")
	f("1 + 2 * 3 - 4 / 8", "6.5")
	f("(1 + 2) * 3", "9")
	f("1 / 3", "0.3333")
	f("1 / 0", "")
	f("n / missing", "")
	f("n", "7")
	f("big", "12345678901234567890")
	f("f + neg", "-1.5")
	f("yes", "1")
	f("no = 0", "1")
	f("yes = true and yes = \"true\"", "1")
	f("null", "")
	f("`a-b` + `@@x`", "3")
	f("list.0 + 1", "11")
	f("list[1].k", "v")
	f("abs(-3)", "3")
	f("ceil(f)", "3")
	f("floor(f)", "2")
	f("greatest(1, n, f)", "7")
	f("least(1, n, f)", "1")
	f("sqrt(16)", "4")
	f("sqrt(-1)", "")
	f("log(1)", "0")
	f("datefloor(@timestamp, 1h)", "2026-11-25 11:00:00.000")
	f("dateceil(@timestamp, 1h)", "2026-11-25 12:00:00.000")
	f("bin(5m)", "2026-11-25 11:55:00.000")
	f("bin(30 sec)", "2026-11-25 11:59:00.000")
	f("datefloor(fromMillis(at + 59999), 300s)", "2025-11-25 12:01:00.000") // as 60s
	f("datefloor(fromMillis(at + 45 * 60000), 90m)", "2025-11-25 12:00:00.000")
	f("datefloor(fromMillis(at), 48h)", "2025-11-25 00:00:00.000")
	f("dateceil(fromMillis(at), 5000ms)", "2025-11-25 12:00:01.000")
	f("datefloor(fromMillis(at), 3d)", "2025-11-23 00:00:00.000")
	f("bin(2hrs)", "2026-11-25 10:00:00.000")
	f("bin(1d)", "2026-11-25 00:00:00.000")
	f("bin(1w)", "2026-11-23 00:00:00.000")
	f("bin(1mo)", "2026-11-01 00:00:00.000")
	f("bin(1q)", "2026-10-01 00:00:00.000")
	f("bin(1y)", "2026-01-01 00:00:00.000")
	f("dateceil(@timestamp, 1mo)", "2026-12-01 00:00:00.000")
	f("fromMillis(at)", "2025-11-25 12:00:00.123")
	f("toMillis(@timestamp)", fmt.Sprint(testNow.Add(-time.Minute).UnixMilli()))
	f("toMillis(n)", "")
	f("now()", fmt.Sprint(testNow.Unix()))
	f("queryEndTime() = now() * 1000 and queryStartTime() < queryEndTime()", "1")
	f("queryTimeRange()", "3600000")
	f("isPresent(n)", "1")
	f("ispresent(missing)", "0")
	f("coalesce(missing, null, f)", "2.5")
	f("isempty(missing)", "1")
	f("isblank(\" \t\")", "1")
	f("concat(n, \"-\", 'x')", "7-x")
	f(`trim(" a ")`, "a")
	f(`ltrim("xyZfooxyZ", "xyZ")`, "fooxyZ")
	f(`rtrim("xyZfooxyZ", "xyZ")`, "xyZfoo")
	f(`trim("xyZfooxyZ", "xyZ")`, "foo")
	f(`strlen("größe")`, "5")
	f(`toupper("a")`, "A")
	f(`tolower("A")`, "a")
	f(`substr("xyZfooxyZ", 3, 3)`, "foo")
	f(`substr("größe", 3)`, "ße")
	f(`substr("abc", 9)`, "")
	f(`replace("foo", "o", "0")`, "f00")
	f(`strcontains("abc", "b")`, "1")
	f(`strcontains("abc", "x")`, "0")
	f("isValidIp(ip)", "1")
	f("isValidIpV4(ip6)", "0")
	f("isValidIpV6(ip6)", "1")
	f(`isIpInSubnet(ip6, "2001:db8::/32")`, "1")
	f(`isIpv4InSubnet(ip, "10.1.0.0/16")`, "1")
	f(`isIpv6InSubnet(ip, "10.1.0.0/16")`, "0")
	f("jsonStringify(jsonParse(json))", `{"p":{"q.r":[1,2]}}`)
	f("toupper(jsonParse(json))", "")
	f("jsonParse(json) != 1 or jsonParse(json) = jsonParse(json) or jsonParse(json) like 'p'", "0")
	f("round(2.5)", "3")
	f("round(-122.07031, 2)", "-122.07")
	f("round(1234, -2)", "1200")
	f("toNumber(neg) - 1", "-5")
	f("toNumber(s)", "")
	f("isNumeric(neg)", "1")
	f("isNumeric(s)", "0")
	f(`if(n > 5, "many", "few")`, "many")
	f(`case(n > 10, "many", n > 5, "some", "few")`, "some")
	f(`case(n > 10, "many")`, "")
	f(`messageSize("größe")`, "7")
	f(`jsonArraySize("[1,[2,3]]")`, "2")
	f("jsonArraySize(split(ip, '.'))", "4")
	f("jsonArraySize(json)", "")
	f(`jsonArrayContains("[\"a\",7]", 7) and not jsonArrayContains("[\"A\"]", "a")`, "1")
	f(`ipv4ToNumber("10.1.2.3")`, "167838211")
	f(`isPrivateIP(ip)`, "1")
	f(`isPrivateIP("192.0.2.1")`, "0")
	f(`strcontains("abc", "B", true)`, "1")
	f(`startsWith(ip, "10.") + endsWith(ip, ".3") + endsWith(ip, "4")`, "2")
	f(`base64decode(base64encode("größe"))`, "größe")
	f(`hexToAscii("48656c6c6f")`, "Hello")
	f(`hexToDec("0xff")`, "255")
	f(`hexToDec("xyz")`, "")
	f("decToHex(255.9)", "0xff")
	f("decToHex(-255)", "-0xff")
	f("n > 6.5 and not n > 7", "1")
	f(`"10" > "9"`, "1")
	f("missing = missing", "0")
	f("missing != 1", "1")
	f("missing < 1", "0")
	f("missing >= 1", "0")
	f("@log", "000000000000:g")
	f("1 = 1.0", "1")
	f("@message like /\\/|foo/", "1")
}

func TestParse_refused(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		_, err := Parse(query)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(syntax.Message, want) {
			t.Errorf("%s: got %v, want %q", query, err, want)
		}
	}
	f("", "unexpected end of query")
	f("fields @message | pattern @message", "localaws does not support the command pattern")
	f("SOURCE logGroups() | fields a", "localaws does not support the command SOURCE")
	f("fields formatDate(@timestamp, \"%Y\")", "localaws does not support the function formatDate")
	f("stats count(*) by bin(1m) | fields bin(5m)", "Unknown symbols found in or after stats: @timestamp")
	f("fields case(a)", "has 1 arguments")
	f("fields jsonParse(@message) as m | sort m", "sort does not take a map or a list")
	f("fields jsonParse(@message) as m | dedup m", "dedup does not take a map or a list")
	f("fields jsonParse(@message) as m | stats count(*) by m", "stats does not take a map or a list")
	f("fields jsonParse(@message) as m | stats max(m)", "stats does not take a map or a list")
	f("stats median(a)", "localaws does not support the function median")
	f("fields a |\n count()", "unexpected symbol found count at line 2 and position 2")
	f("fields a b", "unexpected symbol found b at line 1 and position 10")
	f("dedup a | sort a", "unexpected symbol found sort")
	f("stats count(*) | sort x", "Unknown symbols found in or after stats: x")
	f("stats sum(a) as s | stats sum(a)", "Unknown symbols found in or after stats: a")
	f("stats count(*) as c by a | stats max(c) by bin(1h)", "Unknown symbols found in or after stats: @timestamp")
	f("stats count(*) as c | sort c | stats max(c)", "must come after the last stats command")
	f("stats count(*) as c | stats max(c) as d | stats max(d)", "at most 2 stats commands")
	f("stats max(min(a))", "not within another one")
	f("fields max(a)", "only for stats")
	f("unnest a", "unexpected end of query")
	f("unnest a as b", "unexpected symbol found as")
	f("unnest 1 into b", "unnest takes a field")
	f("fields a as b | unnest a into b", "Ephemeral field is already defined: b")
	f("stats count(*) as c | unnest a into b", "Unknown symbols found in or after stats: a")
	f("stats a", "Unknown symbols found in or after stats: a")
	f("fields a as b, c as b", "Ephemeral field is already defined: b")
	f("filter a like /(?=x)/", "not supported by localaws")
	f("filter a like /x", "is not closed")
	f(`filter a = "x`, "is not closed")
	f("limit 0", "limit must be between")
	f("limit 100001", "limit must be between")
	f("fields bin(5x)", "is no period")
	f("fields abs()", "has 0 arguments")
	f(`parse @message "x" as a`, "has no *")
	f(`parse @message "* *" as a`, "captures 2 values and 1 names")
	f("stats pct(a, 101)", "percentile from 0 to 100")
	f("fields "+strings.Repeat("(", 10_000), "nested deeper")
	f("fields "+strings.Repeat("-", 10_000)+"1", "nested deeper")
}

func TestUnnest(t *testing.T) {
	const message = `{"a":[[1,2],[3]],"map":{"k":"v"},"none":[],"null":[null,1],"n":7}`
	f := func(query, want string) {
		t.Helper()
		rows, r, err := run(t, "fields jsonParse(@message) as m | display n | "+query, "g", message, "no JSON")
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var got []string
		for _, row := range rows {
			line := ""
			for _, c := range row {
				if c.Field != "@ptr" {
					line += c.Value + " "
				}
			}
			got = append(got, strings.TrimSpace(line))
		}
		if s := strings.Join(got, "|"); s != want || r.Matched() != 2 {
			t.Errorf("%s: %q, want %q; %d matched", query, s, want, r.Matched())
		}
	}
	f("unnest m.a into x | display x", "|[1,2]|[3]") // the newest event has no m
	f("unnest m.a into x | unnest x into y | display n, y", "|7 1|7 2|7 3")
	f("unnest m.map into x | display x.k", "|v")
	f("unnest m.n into x | display x", "|7")
	f("unnest m.none into x | display n", "")
	f("unnest m.null into x | display n, x", "|7|7 1")
	f("unnest m.a.0 into x | filter x > 1 | display x", "2")
	f("unnest m.a into x | unnest x into y | stats sum(y) as s, count(*) as n", "6 4")
}

// Lists within lists do not multiply without end.
func TestUnnest_tooMany(t *testing.T) {
	q, err := Parse("fields jsonParse(@message) as m | unnest m into a | unnest m into b | stats count(*)")
	if err != nil {
		t.Fatal(err)
	}
	r := q.Run(Options{})
	r.env.unnested = maxUnnested - 3*(1+3) // one event: three rows of the first, and of each three
	for i := range 2 {
		if err := r.Add(&Event{Message: "[1,2,3]"}); (i == 1) != errors.Is(err, ErrTooLarge) {
			t.Errorf("event %d: %v", i, err)
		}
	}
}

func TestSort_natural(t *testing.T) {
	// The order is that of AWS's page on sort.
	want := []string{"!:>", "#", "*%04", "0#", "5A", "111A", "2345_", "@", "@_", "A", "A9876fghj", "a12345hfh", "0", "01", "1", "2", "3"}
	var messages []string
	for i := range want {
		messages = append(messages, want[(i*7+3)%len(want)])
	}
	rows, _, err := run(t, "fields @message | sort @message", "g", messages...)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if r[0].Value != want[i] {
			t.Errorf("row %d is %q, want %q", i, r[0].Value, want[i])
		}
	}
}

func TestSort_limit(t *testing.T) {
	var messages []string
	for i := range 1000 {
		messages = append(messages, fmt.Sprint((i*617)%1000))
	}
	rows, r, err := run(t, "fields @message | sort @message desc | limit 3", "g", messages...)
	if err != nil {
		t.Fatal(err)
	}
	if got := show(rows); !strings.HasPrefix(got, "@message=999") || len(rows) != 3 || rows[2][0].Value != "997" {
		t.Errorf("got %s", got)
	}
	if r.env.held > 10_000 {
		t.Errorf("holds %d bytes for 3 rows", r.env.held)
	}
}

func TestRun_bounded(t *testing.T) {
	q, err := Parse("fields @message | sort @message")
	if err != nil {
		t.Fatal(err)
	}
	r := q.Run(Options{})
	e := Event{Message: strings.Repeat("x", 1<<20)}
	for range 2 * maxHeld / len(e.Message) {
		if err = r.Add(&e); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Rows(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("rows: got %v", err)
	}
}

func TestDiscover_limit(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, `,"f%d":%d`, i, i)
	}
	if got := Discovered(&Event{Message: "{" + b.String()[1:] + "}"}); len(got) != maxDiscoveredFields || got[199].Field != "f199" {
		t.Errorf("%d fields", len(got))
	}
}

func FuzzQuery(f *testing.F) {
	for _, x := range examples {
		for i, q := range x.queries {
			f.Add(q, x.messages[i%len(x.messages)])
		}
	}
	f.Add("fields substr(@message, 1e300, -1), dateceil(1e15, 999y), a.b[3].`c d`", `{"a":{"b":[1,2,3,{"c d":null}]}}`)
	f.Fuzz(func(t *testing.T, query, message string) {
		rows, _, err := run(t, query, "/aws/lambda/f", message, "x", message)
		var syntax *SyntaxError
		if err != nil && !errors.As(err, &syntax) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%q: %v", query, err)
		}
		if syntax != nil && (syntax.Start < 0 || syntax.End < syntax.Start || syntax.End > len(query)) {
			t.Errorf("%q: error at %d to %d", query, syntax.Start, syntax.End)
		}
		_ = rows
	})
}
