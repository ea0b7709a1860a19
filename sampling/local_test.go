package sampling

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestParse_golden reads each text of testdata/rules and compares the rules with the file of the same name beside it.
func TestParse_golden(t *testing.T) {
	files, err := filepath.Glob("testdata/rules/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := ParseRules(string(text))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var out bytes.Buffer
		for _, r := range rules {
			line, err := json.Marshal(map[string]any{
				"name": r.Name, "reservoir": r.ReservoirSize, "rate": r.FixedRate, "condition": r.condition(),
			})
			if err != nil {
				t.Fatal(err)
			}
			out.Write(append(line, '\n'))
		}
		golden := strings.TrimSuffix(file, ".txt") + ".golden.json"
		if *update {
			if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if out.String() != string(want) {
			t.Errorf("%s became\n%s, not as in %s; if it should be, run go test -update", file, out.String(), golden)
		}
	}
}

func TestParseRules_mistakes(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		rules, err := ParseRules(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.100q gives %v and error %v, want one with %q", text, rules, err, want)
		}
	}
	f("", "there are none")
	f(" , ", "there are none")
	f("/health", `not like "/api/*=0.1"`)
	f("=1", "no path")
	f("health=0", "no path begins")
	f("/a=much", "no rate")
	f("/a=", "no rate")
	f("/a=2", "not from 0 to 1")
	f("/a=101%", "not from 0 to 1")
	f("/a=NaN", "not from 0 to 1")
	f("/a=-1/s", "less than none")
	f("/a=x/s", "no number of traces")
	f("/a=1e9999", "no rate")
	f("{", "local sampling rules")
	f("{}", "neither 1 nor 2")
	f(`{"version":3}`, "neither 1 nor 2")
	f(`{"version":2}`, `no "default"`)
	f(`{"version":2,"default":{"rate":1}}`, "fixed_target")
	f(`{"version":2,"default":{"fixed_target":1,"rate":-0.1}}`, "not from 0 to 1")
	f(`{"version":2,"default":{"fixed_target":-1,"rate":0.1}}`, "less than none")
	f(`{"version":2,"default":{"fixed_target":1,"rate":0.1,"host":"x"}}`, "no patterns")
	f(`{"version":2,"default":{"fixed_target":1,"rate":0.1},"rules":[{"service_name":"x","http_method":"*","url_path":"*","fixed_target":1,"rate":0.1}]}`, `called "host"`)
	f(`{"version":1,"default":{"fixed_target":1,"rate":0.1},"rules":[{"host":"x","http_method":"*","url_path":"*","fixed_target":1,"rate":0.1}]}`, `called "service_name"`)
	f(`{"version":2,"default":{"fixed_target":1,"rate":0.1},"rules":[{"host":"x","http_method":"*","fixed_target":1,"rate":0.1}]}`, "url_path")
	f(`{"version":2,"default":{"fixed_target":1,"rate":0.1},"rules":[{"hots":"x"}]}`, "hots")
	f(`{"version":2,"default":{"fixed_target":1,"rate":0.1}} x`, "behind")
	f("{"+strings.Repeat(" ", 2<<20)+"}", "of at most")
	f(strings.Repeat("/a=1,", MaxRules+1), "more than 1000")
}

func FuzzParseRules(f *testing.F) {
	f.Add("/health=0,POST /api/*=5/s+10%,*=0.1")
	f.Add(`{"version":2,"rules":[{"description":"d","host":"*","http_method":"*","url_path":"/m/*","fixed_target":0,"rate":0.05}],"default":{"fixed_target":1,"rate":0.1}}`)
	f.Add(`{"version":1,"rules":[{"service_name":"*","http_method":"*","url_path":"*","fixed_target":0,"rate":0.05}],"default":{"fixed_target":1,"rate":0.1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := ParseRules(text)
		if err != nil {
			return
		}
		s, err := New(Config{Rules: rules})
		if err != nil {
			t.Fatalf("rules that were read make no sampler: %v", err)
		}
		offer(s, 1, never)
		_ = s.Report().String()
	})
}
