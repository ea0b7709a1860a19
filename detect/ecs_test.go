package detect_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/detect"
)

// task is a task of AWS's documentation, shortened, beside what this container is.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html
func task(cluster, launchType string) map[string]string {
	const self = `{"DockerId":"ea32192c8553fbff06c9340478a2ff089b2bb5646fb718b4ee206641c9086d66","Name":"shop","Type":"NORMAL","KnownStatus":"RUNNING",
		"ContainerARN":"arn:aws:ecs:us-west-2:111122223333:container/0206b271-b33f-47ab-86c6-a0ba208a70a9",
		"LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/shop","awslogs-region":"us-west-2","awslogs-stream":"ecs/shop/cd18"}}`
	return map[string]string{
		"/v4/me": self,
		"/v4/me/task": `{"Cluster":"` + cluster + `","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/default/158d1c8083dd49d6b527399fd6414f5c",
			"Family":"curltest","Revision":"26","DesiredStatus":"RUNNING","KnownStatus":"RUNNING","AvailabilityZone":"us-west-2d","LaunchType":"` + launchType + `",
			"Containers":[` + self + `,
			{"DockerId":"731a0d6a","Name":"~internal~ecs~pause","Type":"CNI_PAUSE","KnownStatus":"RESOURCES_PROVISIONED"},
			{"DockerId":"aaaa","Name":"init","Type":"NORMAL","KnownStatus":"STOPPED","LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/init","awslogs-region":"us-west-2","awslogs-stream":"s"}},
			{"DockerId":"bbbb","Name":"web","Type":"NORMAL","KnownStatus":"RUNNING","LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/web","awslogs-region":"us-west-2","awslogs-stream":"ecs/web/cd18"}},
			{"DockerId":"cccc","Name":"side","Type":"NORMAL","KnownStatus":"RUNNING","LogDriver":"json-file"}]}`,
	}
}

var (
	ofTask = map[string]any{
		"cloud.provider": "aws", "cloud.platform": "aws_ecs", "cloud.region": "us-west-2", "cloud.account.id": "111122223333",
		"cloud.availability_zone": "us-west-2d",
		"aws.ecs.task.arn":        "arn:aws:ecs:us-west-2:111122223333:task/default/158d1c8083dd49d6b527399fd6414f5c",
		"aws.ecs.task.id":         "158d1c8083dd49d6b527399fd6414f5c", "aws.ecs.task.family": "curltest", "aws.ecs.task.revision": "26",
		"aws.ecs.cluster.arn": "arn:aws:ecs:us-west-2:111122223333:cluster/default", "aws.ecs.launchtype": "fargate",
	}
	ofContainer = with(with(ofTask, logsOf("shop")), map[string]any{
		"aws.ecs.container.arn": "arn:aws:ecs:us-west-2:111122223333:container/0206b271-b33f-47ab-86c6-a0ba208a70a9",
		"cloud.resource_id":     "arn:aws:ecs:us-west-2:111122223333:container/0206b271-b33f-47ab-86c6-a0ba208a70a9",
		"container.id":          "ea32192c8553fbff06c9340478a2ff089b2bb5646fb718b4ee206641c9086d66", "container.name": "shop",
	})
)

func logsOf(container string) map[string]any {
	return map[string]any{
		"aws.log.group.names": []string{"/ecs/" + container}, "aws.log.stream.names": []string{"ecs/" + container + "/cd18"},
		"aws.log.group.arns":  []string{"arn:aws:logs:us-west-2:111122223333:log-group:/ecs/" + container},
		"aws.log.stream.arns": []string{"arn:aws:logs:us-west-2:111122223333:log-group:/ecs/" + container + ":log-stream:ecs/" + container + "/cd18"},
	}
}

func TestECS(t *testing.T) {
	nowhere(t)
	f := func(what, variable string, d detect.ECS, by map[string]string, attributes map[string]any, message string) {
		t.Helper()
		t.Setenv(variable, texts(t, by).URL+"/v4/me")
		want(t, what, d, attributes, message)
		t.Setenv(variable, "")
	}
	want(t, "elsewhere", detect.ECS{}, nil, "")
	const v3, v4 = "ECS_CONTAINER_METADATA_URI", "ECS_CONTAINER_METADATA_URI_V4"
	f("Fargate", v4, detect.ECS{}, task("default", "FARGATE"), ofContainer, "")
	f("a sidecar", v4, detect.ECS{Others: true}, task("default", "FARGATE"), with(ofTask, logsOf("web")), "")
	f("version 3, the cluster by its ARN, on EC2", v3, detect.ECS{}, task("arn:aws:ecs:us-west-2:111122223333:cluster/default", "EC2"),
		with(ofContainer, map[string]any{"aws.ecs.launchtype": "ec2"}), "")
	alone := task("default", "FARGATE")
	delete(alone, "/v4/me")
	f("the container is not told", v4, detect.ECS{}, alone, ofTask, "/v4/me answers 404")
	platform := map[string]any{"cloud.provider": "aws", "cloud.platform": "aws_ecs"}
	f("nothing is told", v4, detect.ECS{}, nil, platform, "/v4/me/task answers 404")
	f("odd ARN", v4, detect.ECS{}, map[string]string{"/v4/me": `{}`, "/v4/me/task": `{"TaskARN":"x","Cluster":"c"}`},
		with(platform, map[string]any{"aws.ecs.task.arn": "x"}), "")
	f("no JSON", v4, detect.ECS{}, map[string]string{"/v4/me": `<html>`, "/v4/me/task": `{}`}, platform, "invalid character")
	china := task("default", "FARGATE")
	for path, text := range china {
		china[path] = strings.ReplaceAll(text, "arn:aws:", "arn:aws-cn:")
	}
	inChina := maps.Clone(ofContainer)
	for name, v := range inChina {
		switch v := v.(type) {
		case string:
			inChina[name] = strings.ReplaceAll(v, "arn:aws:", "arn:aws-cn:")
		case []string:
			inChina[name] = []string{strings.ReplaceAll(v[0], "arn:aws:", "arn:aws-cn:")}
		}
	}
	f("another partition", v4, detect.ECS{}, china, inChina, "")
}
