package agenttest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// What a task's metadata endpoint says of it, with one container in it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
const (
	ecsTask = `{"Cluster":"blue","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/blue/158d1c8083dd49d6b527399fd6414f5c",
"Family":"shop","Revision":"26","DesiredStatus":"RUNNING","KnownStatus":"RUNNING","Limits":{"CPU":0.25,"Memory":512},
"PullStartedAt":"2026-11-01T10:00:00.1Z","PullStoppedAt":"2026-11-01T10:00:05.1Z","AvailabilityZone":"us-west-2d","LaunchType":"EC2",
"Containers":[{"DockerId":"c1","Name":"web","DockerName":"ecs-shop-web","Image":"web:1","ImageID":"sha256:1","KnownStatus":"RUNNING",
"Limits":{"CPU":2,"Memory":256},"CreatedAt":"2026-11-01T10:00:06Z","StartedAt":"2026-11-01T10:00:06Z","Type":"NORMAL"}]}`
	ecsStats = `{"c1":{"read":"2026-11-01T10:01:00Z","preread":"2026-11-01T10:00:59Z","name":"web","id":"c1",
"memory_stats":{"usage":1000000,"max_usage":2000000,"limit":3000000,"stats":{"cache":1}},
"cpu_stats":{"cpu_usage":{"total_usage":100,"percpu_usage":[50,50]},"system_cpu_usage":1000,"online_cpus":2},"networks":{},"blkio_stats":{}}}`
)

// ECSTask has this process be in a task of the family shop on the cluster blue, as far as ECS's metadata endpoint tells.
func ECSTask(t *testing.T) {
	t.Helper()
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := ecsTask
		if r.URL.Path == "/task/stats" {
			text = ecsStats
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(endpoint.Close)
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", endpoint.URL)
}
