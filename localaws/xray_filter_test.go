package localaws

import (
	"strings"
	"testing"
)

// shopFacts are the facts of one trace of the tests.
func shopFacts(t testing.TB, fault bool) *traceFacts {
	t.Helper()
	s := newTraceStore(1 << 20)
	id, docs := shopTrace(shopTime, 0, fault)
	for _, doc := range docs {
		seg, v := checkDocument([]byte(doc), false, shopTime)
		if v != nil {
			t.Fatal(v.message())
		}
		s.put(seg, []byte(doc), shopTime)
	}
	view, _ := s.get(id)
	return s.factsOf(view)
}

func TestParseFilter(t *testing.T) {
	fine, broken := shopFacts(t, false), shopFacts(t, true)
	f := func(expression string, wantFine, wantBroken bool) {
		t.Helper()
		where, err := parseFilter(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			return
		}
		if got := where.matches(fine); got != wantFine {
			t.Errorf("%s: fine trace %t", expression, got)
		}
		if got := where.matches(broken); got != wantBroken {
			t.Errorf("%s: broken trace %t", expression, got)
		}
	}
	f("", true, true)
	f("  ", true, true)
	f("ok", true, false)
	f("!ok", false, true)
	f("!!ok", true, false)
	f("fault", false, true)
	f("error OR fault", false, true)
	f("throttle", false, false)
	f("partial", false, false)
	f("inferred", true, true)
	f("ok AND !partial AND duration < 3", true, false)
	f("ok !partial duration <3", true, false)
	f("fault OR ok partial", false, true) // AND binds tighter
	f("(fault OR ok) partial", false, false)
	f("responseTime > 0.1", true, true)
	f("responsetime >= .5", false, false)
	f("duration < -1", false, false)
	f("http.status = 500", false, true)
	f("http.status != 500", true, false)
	f(`http.url CONTAINS "/api/"`, true, true)
	f(`http.url BEGINSWITH "http://shop" AND http.url endswith "orders"`, true, true)
	f(`http.method = "POST"`, false, false)
	f(`http.useragent CONTAINS ""`, true, true)
	f(`http.clientip = "10.0.0.7"`, true, true)
	f(`user = "ada"`, true, true)
	f(`user != "ada"`, false, false)
	f(`name = "orders.db" type = "Database::SQLite"`, true, true)
	f(`message CONTAINS "locked"`, true, true)
	f(`instance.id = "i-1" OR availabilityzone = "a" OR resource.arn CONTAINS "arn:"`, false, false)
	f(`annotation.tenant = "blue"`, true, true)
	f(`annotation[tenant] BEGINSWITH "bl"`, true, true)
	f(`annotation["tenant"] != "blue"`, false, false)
	f(`annotation[items] = 3`, true, true)
	f(`annotation[items] > 3`, false, false)
	f(`annotation[vip] = true`, true, true)
	f(`annotation[vip] != true`, false, false)
	f(`annotation[items] = "3"`, false, false) // a number is no text
	f(`annotation[a.b-c] = "x"`, false, false)
	f(`service("orders")`, true, true)
	f(`service("ord")`, false, false)
	f(`service("orders") { fault }`, false, true)
	f(`service() { fault AND !root }`, false, true)
	f(`service { root http.status = 200 }`, true, false)
	f(`service(id(name: "orders.db", type: "Database::SQLite", account.id: "000000000000"))`, true, true)
	f(`service(id(type: "remote"))`, false, false)
	f(`service() { inferred }`, true, true)
	f(`edge("web", "orders")`, true, true)
	f(`edge("orders", "web")`, false, false)
	f(`edge("web", "orders") { responsetime > 0.09 }`, true, true)
	f(`edge(id(name: "orders"), "orders.db") { fault }`, false, true)
	f(`edge() { fault }`, false, true)
	f(`name = "say \"hi\""`, false, false)
}

func TestParseFilter_refused(t *testing.T) {
	f := func(expression, want string) {
		t.Helper()
		_, err := parseFilter(expression)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", expression, err, want)
		}
	}
	f("coverage > 1", `does not support "coverage"`)
	f("group.name = \"x\"", "does not support")
	f("rootcause.json = #[]", "unexpected character '#'")
	f("rootcause.fault.service { ok }", "does not support")
	f("json", "does not support")
	f("service() { annotation.a = 1 }", "annotations inside service")
	f("service() { service() { ok } }", "service inside service")
	f("ok AND", "unexpected end")
	f("OR ok", "does not support \"OR\"")
	f("(ok", `expected ")"`)
	f("ok )", `unexpected ")"`)
	f("duration = fast", "expected a number")
	f("duration ~ 3", "unexpected character")
	f("duration = 1.2.3", "not a number")
	f("http.url = 3", "expected a text")
	f("http.url < \"a\"", "needs one of")
	f(`user = "ada`, "without an end")
	f("annotation[] = 1", "unexpected")
	f("annotation[a] = x", "expected a text, a number, true or false")
	f("annotation[a] CONTAINS 3", "does not compare numbers")
	f("annotation[a] < \"b\"", "does not compare texts")
	f("annotation[a] > true", "does not compare booleans")
	f(`edge("a")`, "two services")
	f(`service("a", "b")`, "more than 1")
	f(`service(id(colour: "red"))`, "colour")
	f(strings.Repeat("!", 100)+"ok", "nested deeper")
	f(strings.Repeat("ok ", 4000), "longer than")
}

func FuzzParseFilter(f *testing.F) {
	f.Add(`service(id(name: "a", type: "b")) { !(ok OR fault) } AND annotation[k.v] = "x" duration>=1.5e3`)
	f.Add(`edge("a","b"){error} "`)
	f.Add("annotation.\x00=1")
	facts := shopFacts(f, true)
	f.Fuzz(func(t *testing.T, expression string) {
		where, err := parseFilter(expression)
		if err != nil {
			return
		}
		if yes, no := where.matches(facts), !where.matches(facts); yes == no {
			t.Error("a filter changes its mind")
		}
		if where == nil {
			return
		}
		not, err := parseFilter("!(" + expression + ")")
		if err == nil && not.matches(facts) == where.matches(facts) {
			t.Errorf("%q and its negation agree", expression)
		}
	})
}
