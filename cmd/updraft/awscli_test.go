package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bothServices finds the traces that went through web and inventory.
const bothServices = `service("shop-web") AND service("shop-inventory")`

// A cli asks with the AWS CLI, a program of its own.
type cli struct {
	program, endpoint string
	env               []string
}

var _ witness = (*cli)(nil)

// awsCLIs are the distinct AWS CLIs of this machine, by their versions: PATH's
// and Debian's, which speak to CloudWatch in different protocols.
func awsCLIs(t *testing.T, endpoint string, credentials []string) map[string]*cli {
	t.Helper()
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "AWS_") })
	env = append(env, credentials...)
	env = append(env, "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true")

	found := map[string]*cli{}
	for _, name := range []string{"aws", "/usr/bin/aws"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		version, err := exec.Command(path, "--version").Output()
		if err != nil {
			t.Fatalf("%s --version: %v", path, err)
		}
		short, _, _ := strings.Cut(string(version), " ")
		found[strings.ReplaceAll(short, "/", " ")] = &cli{path, endpoint, env}
	}
	if len(found) == 0 {
		t.Fatal("there is no AWS CLI here; `make test` installs it (Debian: apt-get install awscli)")
	}
	return found
}

// ask runs one command and decodes its answer.
func (c *cli) ask(t *testing.T, out any, args ...string) {
	t.Helper()
	if said, err := c.try(t, out, args...); err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

// try is ask where an error may be the answer; it returns what aws says then.
func (c *cli) try(t *testing.T, out any, args ...string) (string, error) {
	t.Helper()
	var answer, said strings.Builder
	cmd := exec.CommandContext(t.Context(), c.program, append([]string{"--endpoint-url", c.endpoint, "--output", "json"}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &answer, &said
	if err := cmd.Run(); err != nil {
		return said.String(), err
	}
	return answer.String(), json.Unmarshal([]byte(answer.String()), out)
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func decimalInt(n int) string { return strconv.Itoa(n) }

func (c *cli) traces(t *testing.T, from, to time.Time) []string {
	t.Helper()
	var out struct {
		TraceSummaries []struct{ Id string }
	}
	c.ask(t, &out, "xray", "get-trace-summaries", "--start-time", unix(from), "--end-time", unix(to), "--filter-expression", bothServices)
	var ids []string
	for _, summary := range out.TraceSummaries {
		ids = append(ids, summary.Id)
	}
	return ids
}

func (c *cli) segments(t *testing.T, traceID string) []string {
	t.Helper()
	var out struct {
		Traces []struct {
			Segments []struct{ Document string }
		}
	}
	c.ask(t, &out, "xray", "batch-get-traces", "--trace-ids", traceID)
	var documents []string
	for _, trace := range out.Traces {
		for _, segment := range trace.Segments {
			documents = append(documents, segment.Document)
		}
	}
	return documents
}

func (c *cli) graph(t *testing.T, from, to time.Time) []service {
	t.Helper()
	var out struct {
		Services []struct {
			ReferenceId int
			Name, Type  string
			Edges       []struct{ ReferenceId int }
		}
	}
	c.ask(t, &out, "xray", "get-service-graph", "--start-time", unix(from), "--end-time", unix(to))
	names := map[int]string{}
	for _, node := range out.Services {
		names[node.ReferenceId] = node.Name
	}
	var graph []service
	for _, node := range out.Services {
		one := service{Name: node.Name, Type: node.Type}
		for _, edge := range node.Edges {
			one.Calls = append(one.Calls, names[edge.ReferenceId])
		}
		graph = append(graph, one)
	}
	return graph
}

func (c *cli) logs(t *testing.T, group, pattern string) []string {
	t.Helper()
	var out struct {
		Events []struct{ Message string }
	}
	said, err := c.try(t, &out, "logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", pattern)
	if strings.Contains(said, "ResourceNotFoundException") {
		return nil // not yet
	}
	if err != nil {
		t.Fatalf("filter-log-events: %v\n%s", err, said)
	}
	var lines []string
	for _, event := range out.Events {
		lines = append(lines, event.Message)
	}
	return lines
}

// A cliMetric is a metric as list-metrics prints it and get-metric-data takes it.
type cliMetric struct {
	Namespace, MetricName string
	Dimensions            []struct{ Name, Value string }
}

func (c *cli) list(t *testing.T, args ...string) []cliMetric {
	t.Helper()
	var out struct{ Metrics []cliMetric }
	c.ask(t, &out, append([]string{"cloudwatch", "list-metrics"}, args...)...)
	return out.Metrics
}

func (c *cli) metrics(t *testing.T, namespace string) []string {
	t.Helper()
	var names []string
	for _, m := range c.list(t, "--namespace", namespace) {
		names = append(names, m.MetricName)
	}
	return names
}

func (c *cli) sum(t *testing.T, namespace, metric string, from, to time.Time) float64 {
	t.Helper()
	type stat struct {
		Metric cliMetric
		Period int
		Stat   string
	}
	type query struct {
		Id         string
		MetricStat stat
	}
	var queries []query
	for i, m := range c.list(t, "--namespace", namespace, "--metric-name", metric) {
		queries = append(queries, query{fmt.Sprintf("m%d", i), stat{m, 60, "Sum"}})
	}
	if len(queries) == 0 {
		return 0
	}
	arg, err := json.Marshal(queries)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		MetricDataResults []struct{ Values []float64 }
	}
	c.ask(t, &out, "cloudwatch", "get-metric-data", "--start-time", unix(from), "--end-time", unix(to), "--metric-data-queries", string(arg))
	var sum float64
	for _, result := range out.MetricDataResults {
		for _, v := range result.Values {
			sum += v
		}
	}
	return sum
}
