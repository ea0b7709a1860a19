package awsclient

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// identity is the answer of the EC2 metadata service that has the region.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
const identity = `{"region":"region-of-instance","availabilityZone":"us-west-2b","instanceId":"i-1234567890abcdef0","accountId":"123456789012"}`

// instance is the EC2 metadata service. The first fails answers are errors.
func instance(t *testing.T, fails int) *peer {
	t.Helper()
	var mu sync.Mutex
	p := start(t, false, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.URL.Path == "/latest/api/token" && r.Method == http.MethodPut:
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"))
			_, _ = io.WriteString(w, "token")
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "token":
			w.WriteHeader(http.StatusUnauthorized)
		case fails > 0:
			fails--
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/latest/dynamic/instance-identity/document":
			_, _ = io.WriteString(w, identity)
		case r.URL.Path == "/latest/meta-data/instance-id":
			_, _ = io.WriteString(w, "i-1234567890abcdef0")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", p.URL)
	return p
}

// TestRegion takes away the places that name a region, one after the other.
func TestRegion(t *testing.T) {
	alone(t)
	metadata := instance(t, 0)
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[default]\nregion=region-of-profile\n[profile other]\nregion=region-of-other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_REGION", "region-of-environment")
	t.Setenv("AWS_DEFAULT_REGION", "region-of-default")
	f := func(want string, change func(*Settings)) {
		t.Helper()
		s := Default()
		if change != nil {
			change(&s)
		}
		if cfg, err := s.AWSConfig(t.Context()); err != nil || cfg.Region != want {
			t.Errorf("region %q, error %v, want %q", cfg.Region, err, want)
		}
	}
	f("region-of-key", func(s *Settings) { s.Region = "region-of-key" })
	f("region-of-environment", nil)
	t.Setenv("AWS_REGION", "")
	f("region-of-default", nil)
	t.Setenv("AWS_DEFAULT_REGION", "")
	f("region-of-profile", nil)
	f("region-of-other", func(s *Settings) { s.Profile = "other" })
	if n := len(metadata.calls()); n != 0 {
		t.Errorf("the metadata service is asked %d times although the region is known", n)
	}
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	task := start(t, false, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"Cluster":"default","TaskARN":"arn:aws:ecs:region-of-task:012345678910:task/default/158d1c80"}`)
	})
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", task.URL+"/v4/me")
	container := filepath.Join(t.TempDir(), "ecs-container-metadata.json")
	t.Setenv("ECS_CONTAINER_METADATA_FILE", container)
	f("region-of-task", nil) // the file is not there yet
	if path := task.calls()[0].URL.Path; path != "/v4/me/task" {
		t.Errorf("%s is asked for", path)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(container, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"Cluster":"default","ContainerInstanceARN":"arn:aws:ecs:region-of-file:012345678910:container-instance/default/1f73d099"}`)
	f("region-of-file", func(s *Settings) { s.LocalMode = true })
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", "http://127.0.0.1:1")
	for _, bad := range []string{"", "{", `{"TaskARN":"arn:aws:ecs"}`, `{"TaskARN":"arn:aws:ecs::1:task/x"}`} {
		write(bad)
		f("region-of-instance", nil)
	}
	t.Setenv("ECS_CONTAINER_METADATA_FILE", "")
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", "")
	f("region-of-instance", nil)

	s := Default()
	s.LocalMode = true
	asked := len(metadata.calls())
	_, err := s.AWSConfig(t.Context())
	wantError(t, "local_mode", err, "set region:")
	if n := len(metadata.calls()); n != asked {
		t.Errorf("local_mode asks the metadata service")
	}
}

// TestMetadata asks again as often as imds_retries says.
func TestMetadata(t *testing.T) {
	f := func(fails, retries int, want string) {
		t.Helper()
		alone(t)
		instance(t, fails)
		s := Default()
		s.IMDSRetries = retries
		if got := s.InstanceMetadata(t.Context(), "instance-id"); got != want {
			t.Errorf("%d failures, %d retries: %q, want %q", fails, retries, got, want)
		}
	}
	f(0, 0, "i-1234567890abcdef0")
	f(1, 0, "")
	f(1, 1, "i-1234567890abcdef0")
	s := Default()
	if got := s.InstanceMetadata(t.Context(), "no-such-thing"); got != "" {
		t.Errorf("got %q", got)
	}
}
