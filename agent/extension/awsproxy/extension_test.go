package awsproxy

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension/extensiontest"
)

func TestExtension(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	xray := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/xray/aws4_request") {
			t.Errorf("Authorization: %s", r.Header.Get("Authorization"))
		}
		_, _ = io.WriteString(w, `{"SamplingRuleRecords":[]}`)
	}))
	t.Cleanup(xray.Close)
	f := NewFactory()
	cfg := f.CreateDefaultConfig().(*Config)
	cfg.Endpoint, cfg.Region, cfg.AWSEndpoint = "127.0.0.1:0", "eu-west-1", xray.URL
	e, err := f.Create(t.Context(), extensiontest.NewNopSettings(Type), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post("http://"+e.(*proxy).server.Addr().String()+"/GetSamplingRules", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(text), "SamplingRuleRecords") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
