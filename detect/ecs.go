package detect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// ECS asks the task metadata endpoint, on Fargate and on EC2 instances.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
type ECS struct {
	// Others leaves out the process's own container, and names the logs of the task's other containers that run: for a
	// sidecar, which speaks for them.
	Others bool
}

var _ resource.Detector = ECS{}

// What the task metadata endpoint says, as far as it is used.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html
type (
	ecsTask struct {
		Cluster, TaskARN, Family, Revision, LaunchType, AvailabilityZone string
		Containers                                                       []ecsContainer
	}
	ecsContainer struct {
		DockerID     string `json:"DockerId"`
		Name         string
		Type         string
		KnownStatus  string
		ContainerARN string
		LogDriver    string
		LogOptions   struct {
			Group  string `json:"awslogs-group"`
			Region string `json:"awslogs-region"`
			Stream string `json:"awslogs-stream"`
		}
	}
)

func ecsEndpoint() string {
	return cmp.Or(os.Getenv("ECS_CONTAINER_METADATA_URI_V4"), os.Getenv("ECS_CONTAINER_METADATA_URI"))
}

// Detect makes two requests, one for the task and one for the container.
func (d ECS) Detect(ctx context.Context) (*resource.Resource, error) {
	endpoint := ecsEndpoint()
	if endpoint == "" {
		return resource.Empty(), nil
	}
	var task ecsTask
	var self ecsContainer
	taskErr, selfErr := read(ctx, endpoint+"/task", &task), read(ctx, endpoint, &self)
	a := attributes{semconv.CloudProviderAWS, semconv.CloudPlatformAWSECS}
	arn := partsOf(task.TaskARN)
	if taskErr == nil {
		a.putTask(&task, arn)
	}
	if selfErr == nil {
		a.putContainers(d, &task, &self, arn)
	}
	return a.result("ECS", errors.Join(taskErr, selfErr))
}

func read(ctx context.Context, url string, into any) error {
	req, err := get(ctx, url)
	if err != nil {
		return err
	}
	return readJSON(linkLocal(), req, into)
}

// An ecsARN is the parts of arn:PARTITION:ecs:REGION:ACCOUNT:task/CLUSTER/ID.
type ecsARN struct{ partition, region, account, id string }

func partsOf(arn string) ecsARN {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ecsARN{}
	}
	return ecsARN{partition: parts[1], region: parts[3], account: parts[4], id: parts[5][strings.LastIndexByte(parts[5], '/')+1:]}
}

func (a *attributes) putTask(task *ecsTask, arn ecsARN) {
	a.put(semconv.CloudRegionKey, arn.region)
	a.put(semconv.CloudAccountIDKey, arn.account)
	a.put(semconv.CloudAvailabilityZoneKey, task.AvailabilityZone)
	a.put(semconv.AWSECSTaskARNKey, task.TaskARN)
	a.put(semconv.AWSECSTaskIDKey, arn.id)
	a.put(semconv.AWSECSTaskFamilyKey, task.Family)
	a.put(semconv.AWSECSTaskRevisionKey, task.Revision)
	a.put(semconv.AWSECSLaunchtypeKey, strings.ToLower(task.LaunchType))
	switch cluster := task.Cluster; {
	case strings.Contains(cluster, ":"):
		a.put(semconv.AWSECSClusterARNKey, cluster)
	case cluster != "" && arn.region != "":
		a.put(semconv.AWSECSClusterARNKey, fmt.Sprintf("arn:%s:ecs:%s:%s:cluster/%s", arn.partition, arn.region, arn.account, cluster))
	}
}

// putContainers says which container this is, and where it logs; or where the others do.
func (a *attributes) putContainers(d ECS, task *ecsTask, self *ecsContainer, arn ecsARN) {
	if !d.Others {
		a.put(semconv.AWSECSContainerARNKey, self.ContainerARN)
		a.put(semconv.CloudResourceIDKey, self.ContainerARN)
		a.put(semconv.ContainerIDKey, self.DockerID)
		a.put(semconv.ContainerNameKey, self.Name)
		a.putLogs([]ecsContainer{*self}, arn)
		return
	}
	var others []ecsContainer
	for _, c := range task.Containers {
		if c.Type == "NORMAL" && c.KnownStatus == "RUNNING" && c.DockerID != self.DockerID { // none of ECS's helpers
			others = append(others, c)
		}
	}
	a.putLogs(others, arn)
}

// putLogs says where containers log through the driver awslogs.
func (a *attributes) putLogs(containers []ecsContainer, arn ecsARN) {
	var groups, groupARNs, streams, streamARNs []string
	for _, c := range containers {
		logs := c.LogOptions
		if c.LogDriver != "awslogs" || logs.Group == "" {
			continue
		}
		groupARN := fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", cmp.Or(arn.partition, "aws"), cmp.Or(logs.Region, arn.region), arn.account, logs.Group)
		groups, groupARNs = append(groups, logs.Group), append(groupARNs, groupARN)
		if logs.Stream != "" {
			streams, streamARNs = append(streams, logs.Stream), append(streamARNs, groupARN+":log-stream:"+logs.Stream)
		}
	}
	a.putList(semconv.AWSLogGroupNamesKey, groups)
	a.putList(semconv.AWSLogGroupARNsKey, groupARNs)
	a.putList(semconv.AWSLogStreamNamesKey, streams)
	a.putList(semconv.AWSLogStreamARNsKey, streamARNs)
}
