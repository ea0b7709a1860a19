package awsclient

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

const (
	// metadataTimeout bounds one question to a metadata service, which is on the machine's own link: where there is none,
	// the start of the agent must not wait long.
	metadataTimeout = 2 * time.Second
	// maxMetadata bounds an answer of a metadata service.
	maxMetadata = 1 << 20
)

// regionOfPlace is the region of the ECS task or else the EC2 instance that this process runs in; "" where it can't be found.
func (s *Settings) regionOfPlace(ctx context.Context) string {
	if region := regionOfTask(ctx); region != "" || s.LocalMode {
		return region
	}
	out, err := s.metadata().GetRegion(ctx, nil)
	if err != nil {
		return ""
	}
	return out.Region
}

// regionOfTask reads the ECS task's ARN, from the container's metadata file, as the X-Ray daemon does, or else from the task
// metadata endpoint, which a container has that may not ask the instance.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-metadata.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html
func regionOfTask(ctx context.Context) string {
	if path := os.Getenv("ECS_CONTAINER_METADATA_FILE"); path != "" {
		if text, err := os.ReadFile(path); err == nil { //nolint:gosec // ECS names the file
			if region := regionOfARN(text); region != "" {
				return region
			}
		}
	}
	if endpoint := os.Getenv("ECS_CONTAINER_METADATA_URI_V4"); endpoint != "" {
		if text, err := get(ctx, endpoint+"/task"); err == nil {
			return regionOfARN(text)
		}
	}
	return ""
}

// regionOfARN is the region in the ARNs of a task's metadata.
func regionOfARN(text []byte) string {
	var task struct{ TaskARN, ContainerInstanceARN string }
	if err := json.Unmarshal(text, &task); err != nil {
		return ""
	}
	for _, arn := range []string{task.TaskARN, task.ContainerInstanceARN} {
		if parts := strings.Split(arn, ":"); len(parts) >= 6 && parts[3] != "" { // arn:aws:ecs:REGION:ACCOUNT:task/ID
			return parts[3]
		}
	}
	return ""
}

// get reads a metadata service's answer, past any proxy.
func get(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxMetadata))
}

// metadata is the client of the EC2 metadata service: past any proxy.
func (s *Settings) metadata() *imds.Client {
	return imds.New(imds.Options{
		HTTPClient: &http.Client{Timeout: metadataTimeout, Transport: &http.Transport{}},
		Retryer:    retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 1 + s.IMDSRetries }),
	})
}

// InstanceMetadata asks the EC2 metadata service for one of its texts, and returns "" where there is none.
func (s *Settings) InstanceMetadata(ctx context.Context, path string) string {
	out, err := s.metadata().GetMetadata(ctx, &imds.GetMetadataInput{Path: path})
	if err != nil {
		return ""
	}
	defer out.Content.Close()
	text, err := io.ReadAll(io.LimitReader(out.Content, maxMetadata))
	if err != nil {
		return ""
	}
	return string(text)
}
