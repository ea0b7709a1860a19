package resourcedetection

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

var ecsAttributes = on("aws.ecs.cluster.arn", "aws.ecs.launchtype", "aws.ecs.task.arn", "aws.ecs.task.family", "aws.ecs.task.id",
	"aws.ecs.task.revision", "aws.log.group.arns", "aws.log.group.names", "aws.log.stream.arns", "aws.log.stream.names",
	"cloud.account.id", "cloud.availability_zone", "cloud.platform", "cloud.provider", "cloud.region")

// What the task metadata endpoint says, as far as it is used.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html
type (
	ecsTask struct {
		Cluster, TaskARN, Family, Revision, LaunchType, AvailabilityZone string
		Containers                                                       []ecsContainer
	}
	ecsContainer struct {
		DockerID    string `json:"DockerId"`
		Type        string
		KnownStatus string
		LogDriver   string
		LogOptions  struct {
			Group  string `json:"awslogs-group"`
			Region string `json:"awslogs-region"`
			Stream string `json:"awslogs-stream"`
		}
	}
)

// fromECS asks the task metadata endpoint.
func fromECS(ctx context.Context, _ *Config, m pcommon.Map) error {
	endpoint := cmp.Or(os.Getenv("ECS_CONTAINER_METADATA_URI_V4"), os.Getenv("ECS_CONTAINER_METADATA_URI"))
	if endpoint == "" {
		return errElsewhere
	}
	var task ecsTask
	if err := readJSON(ctx, endpoint+"/task", &task); err != nil {
		return fmt.Errorf("task metadata: %w", err)
	}
	arn := strings.Split(task.TaskARN, ":") // arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID
	for len(arn) < 6 {
		arn = append(arn, "")
	}
	partition, region, account := cmp.Or(arn[1], "aws"), arn[3], arn[4]
	put(m, "cloud.provider", "aws")
	put(m, "cloud.platform", "aws_ecs")
	put(m, "cloud.region", region)
	put(m, "cloud.account.id", account)
	put(m, "cloud.availability_zone", task.AvailabilityZone)
	put(m, "aws.ecs.task.arn", task.TaskARN)
	put(m, "aws.ecs.task.id", arn[5][strings.LastIndexByte(arn[5], '/')+1:])
	put(m, "aws.ecs.task.family", task.Family)
	put(m, "aws.ecs.task.revision", task.Revision)
	put(m, "aws.ecs.launchtype", strings.ToLower(task.LaunchType))
	if cluster := task.Cluster; strings.Contains(cluster, ":") {
		put(m, "aws.ecs.cluster.arn", cluster)
	} else if cluster != "" {
		put(m, "aws.ecs.cluster.arn", fmt.Sprintf("arn:%s:ecs:%s:%s:cluster/%s", partition, region, account, cluster))
	}
	var self ecsContainer
	if err := readJSON(ctx, endpoint, &self); err != nil {
		return nil // the logs' names alone are missing then
	}
	putLogs(m, task.Containers, self.DockerID, partition, account)
	return nil
}

// putLogs sets where the application's containers log: not the agent's own, and none of ECS's helpers.
func putLogs(m pcommon.Map, containers []ecsContainer, self, partition, account string) {
	var groups, groupARNs, streams, streamARNs []string
	for _, c := range containers {
		logs := c.LogOptions
		if c.Type != "NORMAL" || c.KnownStatus != "RUNNING" || c.LogDriver != "awslogs" || c.DockerID == self || logs.Group == "" {
			continue
		}
		arn := fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", partition, logs.Region, account, logs.Group)
		groups, groupARNs = append(groups, logs.Group), append(groupARNs, arn)
		streams, streamARNs = append(streams, logs.Stream), append(streamARNs, arn+":log-stream:"+logs.Stream)
	}
	putList(m, "aws.log.group.names", groups...)
	putList(m, "aws.log.group.arns", groupARNs...)
	putList(m, "aws.log.stream.names", streams...)
	putList(m, "aws.log.stream.arns", streamARNs...)
}

func readJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // past any proxy: the address is link-local
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxMetadata))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
