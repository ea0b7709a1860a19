package detect_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/updraft-otel/updraft/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

// nowhere leaves no sign of a platform in the environment.
func nowhere(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"ECS_CONTAINER_METADATA_URI", "ECS_CONTAINER_METADATA_URI_V4", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_LAMBDA_FUNCTION_NAME",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_PROFILE", "AWS_CA_BUNDLE",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// want holds the attributes of a resource to these, no more and no less, and the error to a text that it has.
func want(t *testing.T, what string, d resource.Detector, attributes map[string]any, message string) {
	t.Helper()
	res, err := d.Detect(t.Context())
	got := map[string]any{}
	for _, kv := range res.Attributes() {
		got[string(kv.Key)] = kv.Value.AsInterface()
	}
	for name, v := range attributes {
		if !reflect.DeepEqual(got[name], v) {
			t.Errorf("%s: %s is %v, want %v", what, name, got[name], v)
		}
	}
	for name, v := range got {
		if _, ok := attributes[name]; !ok {
			t.Errorf("%s: %s is %v, want none", what, name, v)
		}
	}
	if message == "" && err != nil || message != "" && (err == nil || !strings.Contains(err.Error(), message)) {
		t.Errorf("%s: error %v, want %q", what, err, message)
	}
}

// texts serves texts by path, to who has the token of the instance's metadata service where the path is one of its.
func texts(t *testing.T, by map[string]string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := by[r.URL.Path]
		switch {
		case r.URL.Path == "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
			_, _ = io.WriteString(w, "token")
		case strings.HasPrefix(r.URL.Path, "/latest/") && r.Header.Get("X-Aws-Ec2-Metadata-Token") != "token":
			w.WriteHeader(http.StatusUnauthorized)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = io.WriteString(w, text)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

// with is a copy of m with more.
func with(m, more map[string]any) map[string]any {
	all := maps.Clone(m)
	maps.Copy(all, more)
	return all
}

// without is a copy of m without these names.
func without(m map[string]any, names ...string) map[string]any {
	all := maps.Clone(m)
	for _, name := range names {
		delete(all, name)
	}
	return all
}
