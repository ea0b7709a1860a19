package sampling

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// attributesOf makes attributes of JSON values, the last key first: their order must not count.
func attributesOf(t *testing.T, values map[string]any) (all []attribute.KeyValue) {
	t.Helper()
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	slices.Reverse(keys)
	for _, key := range keys {
		switch v := values[key].(type) {
		case string:
			all = append(all, attribute.String(key, v))
		case float64:
			all = append(all, attribute.Int(key, int(v)))
		case bool:
			all = append(all, attribute.Bool(key, v))
		case []any:
			all = append(all, attribute.StringSlice(key, []string{v[0].(string)}))
		default:
			t.Fatalf("%s: %v", key, v)
		}
	}
	return all
}

// TestMatch_vectors reads testdata/match.json: rules, first spans, and whether these match. Each is tried before a rule
// that matches all, so that both parts of the matching are.
func TestMatch_vectors(t *testing.T) {
	text, err := os.ReadFile("testdata/match.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name     string
		Rule     Rule
		Resource map[string]any
		SpanName string
		Span     map[string]any
		Want     bool
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		v.Rule.Name = "vector"
		s := compiled(t, []Rule{v.Rule, {Name: "z", Priority: 1}}, Config{Resource: resource.NewSchemaless(attributesOf(t, v.Resource)...)})
		var f facts
		set := s.active.Load()
		f.read(v.SpanName, attributesOf(t, v.Span), set.asked)
		if got := set.match(&f).Name == "vector"; got != v.Want {
			t.Errorf("%s: %v, want %v", v.Name, got, v.Want)
		}
	}
	t.Logf("%d vectors", len(vectors))
}

func TestUsable_order(t *testing.T) {
	rules, err := usable([]Rule{{Name: "b", Priority: 5}, {Name: "Default", Priority: 10000}, {Name: "a", Priority: 5}, {Name: "c", Priority: 1}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	if want := []string{"c", "a", "b", "Default"}; !slices.Equal(names, want) {
		t.Errorf("order %v, want %v: by priority, then by name", names, want)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/api/*", "shop*", "GET", "/api/orders", "http://h/api", "shop.example.com")
	f.Add("*", "", "?", "", "x", "")
	f.Fuzz(func(t *testing.T, path, host, method, target, address, name string) {
		r := Rule{Name: "r", URLPath: path, Host: host, HTTPMethod: method, SpanName: name}
		s, err := New(Config{Rules: []Rule{r}})
		if err != nil {
			t.Fatal(err)
		}
		var f facts
		set := s.active.Load()
		f.read(name, []attribute.KeyValue{
			attribute.String("http.target", target), attribute.String("url.full", address), attribute.String("server.address", name),
		}, set.asked)
		// The look at the beginnings must not change the answer.
		if got, want := set.match(&f) == set.rules[0], set.rules[0].match(&f); got != want {
			t.Errorf("%v with, %v without the beginning", got, want)
		}
	})
}

// The index must not change which rule is the first that matches, however many there are and whatever they have in
// common.
func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		letters := []byte("aAb/?*\xc3")
		b := make([]byte, r.IntN(6))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	common := []string{"", "/api/", "/api/internal/orders/", strings.Repeat("x", 100)}
	found := 0
	for range 300 {
		prefix := common[r.IntN(len(common))]
		var rules []Rule
		for i := range 1 + r.IntN(150) {
			rule := Rule{Name: fmt.Sprint(i), Priority: int64(i), URLPath: prefix + word() + "*"}
			if r.IntN(3) == 0 {
				rule.Host, rule.SpanName = word(), word()
			}
			rules = append(rules, rule)
		}
		s := compiled(t, rules, Config{})
		set := s.active.Load()
		for range 50 {
			var f facts
			f.read(word(), []attribute.KeyValue{attribute.String("url.path", prefix+word()), attribute.String("server.address", word())}, set.asked)
			want := set.other
			for _, rule := range set.rules {
				if rule.match(&f) {
					want = rule
					break
				}
			}
			if want != set.other {
				found++
			}
			if got := set.match(&f); got != want {
				t.Fatalf("%q: rule %s (%s), want %s (%s)", f.text, got.Name, got.condition(), want.Name, want.condition())
			}
		}
	}
	t.Logf("%d of 15000 matched", found)
}
