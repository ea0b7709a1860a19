package awsemf_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// sets are the dimension sets by which CloudWatch has a metric.
func sets(t *testing.T, aws *localaws.Server, namespace, name string) string {
	t.Helper()
	var list []string
	for _, m := range agenttest.ListMetrics(t, aws, namespace, name) {
		list = append(list, strings.Join(m.Names(), "+"))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestKeys_dimensions has each option choose its dimension sets.
func TestKeys_dimensions(t *testing.T) {
	f := func(keys, want string) {
		t.Helper()
		t.Run(keys, func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			md := metric(t, "m", map[string]any{"service.name": "s", "host.name": "h"}, gauge(1, map[string]any{"a": "1", "b": "2"}))
			md.ResourceMetrics().At(0).ScopeMetrics().At(0).Scope().SetName("scope")
			run(t, keys, md)
			nothingRefused(t, aws)
			if got := sets(t, aws, "s", "m"); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
	f("", "OTelLib OTelLib+a OTelLib+a+b OTelLib+b")
	f("dimension_rollup_option: SingleDimensionRollupOnly", "OTelLib+a OTelLib+a+b OTelLib+b")
	f("dimension_rollup_option: NoDimensionRollup", "OTelLib+a+b")
	f("dimension_rollup_option: NoDimensionRollup\nresource_to_telemetry_conversion: {enabled: true}", "OTelLib+a+b+host.name+service.name")
	f("dimension_rollup_option: NoDimensionRollup\nresource_to_telemetry_conversion: {enabled: true, exclude_service_attributes: true}", "OTelLib+a+b+host.name")
	f("dimension_rollup_option: NoDimensionRollup\nmetric_declarations: [{dimensions: [[a], [b, a], [c]], metric_name_selectors: ['^m$']}]", "a a+b")
	f("dimension_rollup_option: NoDimensionRollup\nmetric_declarations: [{dimensions: [[a]], metric_name_selectors: [m], label_matchers: [{label_names: [a, b], regex: '^1;2$'}]}]", "a")
	f("dimension_rollup_option: NoDimensionRollup\nmetric_declarations: [{dimensions: [[a]], metric_name_selectors: [m], label_matchers: [{label_names: [a, b], separator: '-', regex: ';'}]}]", "")
	f("dimension_rollup_option: NoDimensionRollup\nmetric_declarations: [{dimensions: [[a]], metric_name_selectors: [other]}]", "")
	f("parse_json_encoded_attr_values: [a]\ndimension_rollup_option: NoDimensionRollup", "OTelLib+b")
}

// TestKeys_destination has placeholders filled by the resource, or by the point.
func TestKeys_destination(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	resource := map[string]any{"aws.ecs.cluster.name": "blue", "aws.ecs.task.family": ""}
	run(t, `
namespace: N
log_group_name: /ecs/{ClusterName}/{TaskDefinitionFamily}
log_stream_name: "{NodeName}-{PodName}-{Other}"
log_retention: 30
tags: {team: shop}`, metric(t, "m", resource, gauge(1, map[string]any{"NodeName": "n1"}, map[string]any{"pod": "p2"})))
	nothingRefused(t, aws)
	var streams []string
	for _, e := range agenttest.LogEvents(t, aws, "/ecs/blue/undefined") {
		streams = append(streams, e.Stream)
	}
	slices.Sort(streams)
	if want := []string{"n1-undefined-{Other}", "undefined-p2-{Other}"}; !slices.Equal(streams, want) {
		t.Errorf("streams %q, want %q", streams, want)
	}
	var out struct {
		LogGroups []struct{ RetentionInDays int }
	}
	agenttest.LogsCall(t, aws, "DescribeLogGroups", map[string]any{}, &out)
	if len(out.LogGroups) != 1 || out.LogGroups[0].RetentionInDays != 30 {
		t.Errorf("groups %+v, want one that keeps 30 days", out.LogGroups)
	}
	var tags struct{ Tags map[string]string }
	agenttest.LogsCall(t, aws, "ListTagsForResource", map[string]any{"resourceArn": "arn:aws:logs:us-east-1:" + localaws.AccountID + ":log-group:/ecs/blue/undefined"}, &tags)
	if tags.Tags["team"] != "shop" {
		t.Errorf("tags %v", tags.Tags)
	}
}

// TestKeys_namespace takes the namespace from the resource where none is said.
func TestKeys_namespace(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	f := func(want string, resource map[string]any) {
		t.Helper()
		run(t, "", metric(t, "m", resource, gauge(1, nil)))
		if got := stat(t, aws, want, "m", "SampleCount"); got != 1 {
			t.Errorf("%v of %v", got, resource)
		}
		if n := len(agenttest.LogEvents(t, aws, "/metrics/"+want)); n != 1 {
			t.Errorf("%d events in /metrics/%s", n, want)
		}
	}
	f("a/b", map[string]any{"service.namespace": "a", "service.name": "b"})
	f("b", map[string]any{"service.name": "b"})
	f("a", map[string]any{"service.namespace": "a"})
	f("default", map[string]any{"service.name": 7})
}

// TestKeys_document looks at documents themselves.
func TestKeys_document(t *testing.T) {
	f := func(keys string, md pmetric.Metrics, want map[string]any) {
		t.Helper()
		t.Run(keys, func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			run(t, "dimension_rollup_option: NoDimensionRollup\n"+keys, md)
			nothingRefused(t, aws)
			list := documents(t, aws, "/metrics/default")
			if len(list) != 1 {
				t.Fatalf("%d documents: %v", len(list), list)
			}
			for key, value := range want {
				if got := list[0][key]; value == nil && got != nil || value != nil && !reflect.DeepEqual(fmt.Sprint(got), fmt.Sprint(value)) {
					t.Errorf("%s is %v, want %v", key, got, value)
				}
			}
		})
	}
	one := metric(t, "m", nil, gauge(1, map[string]any{"a": "1", "Version": "x"}))
	directives := `[map[Dimensions:[[Version.attribute a]] Metrics:[map[Name:m]] Namespace:default]]`
	f(`version: "0"`, one, map[string]any{"Version": "0", "_aws": nil, "CloudWatchMetrics": directives, "a": "1", "Version.attribute": "x", "m": 1.0})
	f("version: \"0\"\nmetric_declarations: [{metric_name_selectors: [other]}]", one, map[string]any{"Version": nil, "CloudWatchMetrics": nil, "a": "1", "m": 1.0})
	f("version: \"0\"\ncompat: true", one, map[string]any{"Version": "0", "_aws": nil, "m": 1.0})
	f("compat: true", metric(t, "m", nil, gauge(1, nil)), map[string]any{"Version": "1", "m": 1.0})
	f("parse_json_encoded_attr_values: [json, bad]", metric(t, "m", nil, gauge(1, map[string]any{"json": ` {"k": [1, 2]} `, "bad": "{"})),
		map[string]any{"json": map[string]any{"k": []any{1, 2}}, "bad": "{"})
	pod := map[string]any{"Type": "Pod", "container": "c", "container_id": "id", "NodeName": "n", "app": "a", "Namespace": "ns",
		"PodId": "pi", "PodName": "p", "owner_kind": "k", "owner_name": "on", "Service": "s", "pod-template-hash": "h"}
	f("eks_fargate_container_insights_enabled: true\nparse_json_encoded_attr_values: [kubernetes]", metric(t, "m", nil, gauge(1, pod)), map[string]any{
		"kubernetes": map[string]any{"container_name": "c", "docker": map[string]any{"container_id": "id"}, "host": "n",
			"labels": map[string]any{"app": "a", "pod-template-hash": "h"}, "namespace_name": "ns", "pod_id": "pi", "pod_name": "p",
			"pod_owners": map[string]any{"owner_kind": "k", "owner_name": "on"}, "service_name": "s"},
	})
	f("eks_fargate_container_insights_enabled: true", metric(t, "m", nil, gauge(1, map[string]any{"Type": "Node"})), map[string]any{"kubernetes": nil})
}

// TestKeys_unitsAndDetails has units, and the quantiles of summaries.
func TestKeys_unitsAndDetails(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	summary := metric(t, "s", nil, func(m pmetric.Metric) {
		dp := m.SetEmptySummary().DataPoints().AppendEmpty()
		dp.SetStartTimestamp(now() + 1e9) // since the exporter began
		dp.SetTimestamp(now())
		dp.SetCount(4)
		dp.SetSum(8)
		q := dp.QuantileValues().AppendEmpty()
		q.SetQuantile(0.5)
		q.SetValue(2)
	})
	run(t, "detailed_metrics: true\ndimension_rollup_option: NoDimensionRollup\nmetric_descriptors: [{metric_name: m, unit: Megabytes}]", summary, metric(t, "m", nil, gauge(1, nil)))
	nothingRefused(t, aws)
	if got := stat(t, aws, "default", "s", "Sum", "quantile"); got != 2 {
		t.Errorf("the quantile is %v", got)
	}
	if got := stat(t, aws, "default", "s_sum", "Sum"); got != 8 {
		t.Errorf("the sum is %v", got)
	}
	if got := stat(t, aws, "default", "s_count", "Sum"); got != 4 {
		t.Errorf("the count is %v", got)
	}
	if d := fmt.Sprint(documents(t, aws, "/metrics/default")); !strings.Contains(d, "Unit:Megabytes") {
		t.Errorf("%s has not the unit", d)
	}
}

// TestKeys_stdout writes documents as lines.
func TestKeys_stdout(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = write
	defer func() { os.Stdout = stdout }()
	run(t, "output_destination: Stdout", metric(t, "m", nil, gauge(1, nil)))
	_ = write.Close()
	text := make([]byte, 4096)
	n, _ := read.Read(text)
	if got := string(text[:n]); !strings.HasPrefix(got, `{"_aws":`) || !strings.HasSuffix(got, "}\n") {
		t.Errorf("%q", got)
	}
}
