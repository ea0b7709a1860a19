package loggroup_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/loggroup"
)

func TestPattern(t *testing.T) {
	resource := pcommon.NewMap()
	resource.PutStr("service.name", "shop")
	resource.PutStr("aws.ecs.task.id", "by its attribute")
	resource.PutStr("TaskId", "by its own name")
	resource.PutStr("pod", "")
	resource.PutInt("service.instance.id", 7)
	deep := resource.PutEmpty("faas.name")
	for range 1000 {
		deep = deep.SetEmptySlice().AppendEmpty()
	}
	f := func(pattern, want string) {
		t.Helper()
		p, err := loggroup.ParsePattern(pattern)
		if err != nil {
			t.Error(err)
			return
		}
		if got := p.Resolve(resource); got != want {
			t.Errorf("%s is %q, want %q", pattern, got, want)
		}
	}
	f("/plain/group", "/plain/group")
	f("{ServiceName}", "shop")
	f("/a/{ServiceName}/b/{TaskId}/", "/a/shop/b/by its own name/")
	f("{PodName}-{ClusterName}", "undefined-undefined")
	f("{service.name}/{host.name}", "shop/undefined")
	f("{InstanceId}", "7")
	f("{FaasName}", "(nested too deep)")
	f("{{ServiceName}} }{", "{shop} }{")
	f("", "")
	for _, bad := range []string{"{}", "x{Nothing}y", "{servicename}"} {
		if _, err := loggroup.ParsePattern(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestParseLoosely(t *testing.T) {
	resource := pcommon.NewMap()
	resource.PutStr("service.name", "shop")
	f := func(pattern, want string) {
		t.Helper()
		if got := loggroup.ParseLoosely(pattern).Resolve(resource); got != want {
			t.Errorf("%s is %q, want %q", pattern, got, want)
		}
	}
	f("", "")
	f("/a/{ServiceName}/{Nothing}/b{", "/a/shop/{Nothing}/b{")
	f("{}{ServiceName}{{TaskId}}", "{}shop{undefined}")
	_, complete := loggroup.ParseLoosely("{TaskId}").Fill(func(key string) (string, bool) { return "", key == "TaskId" })
	if complete {
		t.Error("an empty one is taken for complete")
	}
}

func TestKeys(t *testing.T) {
	f := func(want string, k loggroup.Keys) {
		t.Helper()
		err := k.Validate()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", k, err, want)
		}
	}
	f("", loggroup.Keys{})
	f("", loggroup.Keys{LogRetention: 3653, Tags: map[string]string{"a b": "", "ü/=+-@:._1": "x"}})
	f("log_retention", loggroup.Keys{LogRetention: 2})
	f("tag", loggroup.Keys{Tags: map[string]string{"": "x"}})
	f("tag", loggroup.Keys{Tags: map[string]string{"a*": "x"}})
	f("value", loggroup.Keys{Tags: map[string]string{"a": strings.Repeat("x", 257)}})
	many := map[string]string{}
	for i := range 51 {
		many[strings.Repeat("x", i+1)] = ""
	}
	f("51 tags", loggroup.Keys{Tags: many})
}

// FuzzPattern has whatever is in a configuration parsed.
func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"/a/{TaskId}", "{{}", "}{", "{a}{b", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		loose := loggroup.ParseLoosely(text).Resolve(pcommon.NewMap())
		p, err := loggroup.ParsePattern(text)
		if err != nil {
			return
		}
		if got := p.Resolve(pcommon.NewMap()); got != loose {
			t.Errorf("%q becomes %q, loosely %q", text, got, loose)
		}
		if got := p.Resolve(pcommon.NewMap()); !strings.Contains(text, "{") && got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
