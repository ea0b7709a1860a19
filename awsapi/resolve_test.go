package awsapi

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
)

// load reads a configuration as an application does, from this environment and this profile alone.
func load(t *testing.T, env map[string]string, profile string, options ...func(*config.LoadOptions) error) aws.Config {
	t.Helper()
	for _, kv := range os.Environ() {
		if k, _, _ := strings.Cut(kv, "="); strings.HasPrefix(k, "AWS_") {
			t.Setenv(k, "") // restored by the test
			os.Unsetenv(k)
		}
	}
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_REGION", "eu-west-1")
	for k, v := range env {
		t.Setenv(k, v)
	}
	cfg, err := config.LoadDefaultConfig(t.Context(), options...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestResolveEndpoint(t *testing.T) {
	type env = map[string]string
	const profile = `[default]
services = mine
endpoint_url = http://profile

[services mine]
xray =
  endpoint_url = http://profile-xray
cloudwatch_logs =
  endpoint_url = http://profile-logs
`
	f := func(name string, s Service, e env, profile, want, source string, options ...func(*config.LoadOptions) error) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			c, err := Resolve(t.Context(), load(t, e, profile, options...), s)
			if err != nil {
				t.Fatal(err)
			}
			if c.Endpoint != want || c.EndpointSource != source {
				t.Errorf("%q from %q, want %q from %q", c.Endpoint, c.EndpointSource, want, source)
			}
		})
	}
	f("region", XRay, nil, "", "https://xray.eu-west-1.amazonaws.com", "region")
	f("region", Logs, nil, "", "https://logs.eu-west-1.amazonaws.com", "region")
	f("region", CloudWatch, nil, "", "https://monitoring.eu-west-1.amazonaws.com", "region")
	f("environment", XRay, env{"AWS_ENDPOINT_URL": "http://env"}, "", "http://env", "AWS_ENDPOINT_URL")
	f("environment of a service", XRay, env{"AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_XRAY": "http://env-xray"}, "",
		"http://env-xray", "AWS_ENDPOINT_URL_XRAY")
	f("environment of a service", Logs, env{"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://env-logs"}, profile,
		"http://env-logs", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")
	f("environment of a service", CloudWatch, env{"AWS_ENDPOINT_URL_CLOUDWATCH": "http://env-cw"}, "", "http://env-cw", "AWS_ENDPOINT_URL_CLOUDWATCH")
	f("another service's", CloudWatch, env{"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://env-logs"}, "",
		"https://monitoring.eu-west-1.amazonaws.com", "region")
	f("services section", XRay, nil, profile, "http://profile-xray", `services section of profile "default"`)
	f("services section", Logs, nil, profile, "http://profile-logs", `services section of profile "default"`)
	f("profile", CloudWatch, nil, profile, "http://profile", `endpoint_url of profile "default"`)
	f("environment before services section", XRay, env{"AWS_ENDPOINT_URL": "http://env"}, profile, "http://env", "AWS_ENDPOINT_URL")
	f("ignored", XRay, env{"AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_XRAY": "http://x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
		profile, "https://xray.eu-west-1.amazonaws.com", "region")
	f("ignored in the profile", XRay, nil, "[default]\nignore_configured_endpoint_urls = true\nendpoint_url = http://profile",
		"https://xray.eu-west-1.amazonaws.com", "region")
	f("code", XRay, env{"AWS_ENDPOINT_URL": "http://env"}, profile, "http://code", "code", config.WithBaseEndpoint("http://code"))
	f("environment of a service before code", XRay, env{"AWS_ENDPOINT_URL_XRAY": "http://env-xray"}, "", "http://env-xray", "AWS_ENDPOINT_URL_XRAY",
		config.WithBaseEndpoint("http://code"))
	f("FIPS", XRay, env{"AWS_USE_FIPS_ENDPOINT": "true"}, "", "https://xray-fips.eu-west-1.amazonaws.com", "region, AWS_USE_FIPS_ENDPOINT")
	f("dual-stack", Logs, env{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "", "https://logs.eu-west-1.api.aws", "region, AWS_USE_DUALSTACK_ENDPOINT")
	f("both", CloudWatch, env{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"}, "",
		"https://monitoring-fips.eu-west-1.api.aws", "region, AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT")
	f("both in the profile", XRay, nil, "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n",
		"https://xray-fips.eu-west-1.api.aws", "region, AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT")
}

func TestResolveRefuses(t *testing.T) {
	f := func(name string, e map[string]string, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			if _, err := Resolve(t.Context(), load(t, e, ""), XRay); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		})
	}
	type env = map[string]string
	f("no region", env{"AWS_REGION": ""}, "set AWS_REGION")
	f("a region that is none", env{"AWS_REGION": "eu-west-1.evil.example/"}, `"eu-west-1.evil.example/" is not a region's name`)
	f("FIPS of one's own endpoint", env{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_ENDPOINT_URL": "http://env"}, "exclude each other")
	f("dual-stack of one's own endpoint", env{"AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_ENDPOINT_URL": "http://env"}, "exclude each other")
	if _, err := Resolve(t.Context(), aws.Config{Region: "eu-west-1"}, Service(9)); err == nil {
		t.Error("an unknown service is resolved")
	}
}

func TestResolveTheRest(t *testing.T) {
	cfg := load(t, map[string]string{"AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "77", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}, "")
	c, err := Resolve(t.Context(), cfg, CloudWatch)
	if err != nil {
		t.Fatal(err)
	}
	if c.Region != "eu-west-1" || c.CompressFrom != 77 || c.Credentials == nil || c.Service != CloudWatch {
		t.Errorf("%+v", c)
	}
	cfg.DisableRequestCompression = true
	if c, err = Resolve(t.Context(), cfg, CloudWatch); err != nil || c.CompressFrom >= 0 {
		t.Errorf("compressed from %d, %v", c.CompressFrom, err)
	}
}

// A configuration's HTTP client, of any kind, is what requests go through.
func TestResolveHTTPClient(t *testing.T) {
	p := serve(t, ok("{}"))
	f := func(name string, c aws.HTTPClient) {
		t.Helper()
		cfg, err := Resolve(t.Context(), aws.Config{Region: "us-east-1", Credentials: testCredentials(), HTTPClient: c,
			BaseEndpoint: aws.String(p.server.URL)}, XRay)
		if err != nil {
			t.Fatal(err)
		}
		client, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := callOf(t, client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	own := p.server.Client()
	f("standard", own)
	used := 0
	f("the SDK's interface", doer(func(r *http.Request) (*http.Response, error) {
		used++
		return own.Do(r)
	}))
	f("the SDK's own", awshttp.NewBuildableClient())
	pooled, ok := httpClient(awshttp.NewBuildableClient()).Transport.(*http.Transport)
	if !ok || pooled.MaxIdleConnsPerHost < idleConnections || pooled.Proxy == nil {
		t.Errorf("transport %+v", pooled)
	}
	if used != 1 {
		t.Errorf("used %d times", used)
	}
	client := &http.Client{Transport: roundTripper{doer(func(*http.Request) (*http.Response, error) { return nil, nil })}}
	if resp, err := client.Get(p.server.URL); err == nil {
		resp.Body.Close()
		t.Error("neither response nor error, and no error")
	}
}

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestNewRefuses(t *testing.T) {
	f := func(change func(*Config), want string) {
		t.Helper()
		c := Config{Service: XRay, Region: "us-east-1", Credentials: testCredentials()}
		change(&c)
		_, err := New(c)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	f(func(c *Config) { c.Service = 0 }, "Service(0) is not a service")
	f(func(c *Config) { c.Region = "" }, "set AWS_REGION")
	f(func(c *Config) { c.Credentials = nil }, "no credentials for xray")
	f(func(c *Config) { c.Endpoint = "localhost:4566" }, "it must be like https://host")
	f(func(c *Config) { c.Endpoint = "ftp://host" }, "it must be like")
	f(func(c *Config) { c.Endpoint = "http://user:hunter2@host" }, "user name or password")
	f(func(c *Config) { c.Endpoint = "http://user:hunter2@ho st" }, "not an address")
	f(func(c *Config) { c.Endpoint = "http://host?a=b" }, "query or fragment")
}

func TestNewDefaults(t *testing.T) {
	c, err := New(Config{Service: Logs, Region: "cn-north-1", Credentials: testCredentials()})
	if err != nil {
		t.Fatal(err)
	}
	if c.endpoint != "https://logs.cn-north-1.amazonaws.com.cn" || c.cfg.UserAgent != "updraft" || c.cfg.CompressFrom != DefaultCompressFrom {
		t.Errorf("%q, %+v", c.endpoint, c.cfg)
	}
	if transport, ok := c.cfg.HTTPClient.Transport.(*http.Transport); !ok || transport.MaxIdleConnsPerHost < idleConnections || !transport.DisableCompression {
		t.Errorf("transport %+v", c.cfg.HTTPClient.Transport)
	}
	if c.cfg.HTTPClient.Timeout != 0 {
		t.Errorf("timeout %v", c.cfg.HTTPClient.Timeout)
	}
}

func TestAnonymous(t *testing.T) {
	p := serve(t, ok("{}"))
	if err := callOf(t, p.client(t, XRay, func(c *Config) { c.Credentials = aws.AnonymousCredentials{} })); err != nil {
		t.Fatal(err)
	}
	if a := p.last(t).header.Get("Authorization"); a != "" {
		t.Errorf("Authorization %q", a)
	}
}

// The partitions must be those of AWS's SDK, for every region it knows.
func TestPartitions(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2").Output()
	if err != nil {
		t.Fatalf("where is the SDK: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "internal/endpoints/awsrulesfn/partitions.json"))
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Partitions []struct {
			ID          string
			RegionRegex string
			Regions     map[string]any
			Outputs     struct {
				DNSSuffix, DualStackDNSSuffix   string
				SupportsDualStack, SupportsFIPS bool
			}
		}
	}
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatal(err)
	}
	if len(table.Partitions) != len(partitions()) {
		t.Errorf("%d partitions, the SDK has %d", len(partitions()), len(table.Partitions))
	}
	regions := 0
	for _, p := range table.Partitions {
		isRegion := regexp.MustCompile(p.RegionRegex)
		for region := range p.Regions {
			if !isRegion.MatchString(region) {
				continue // "aws-global" and the like
			}
			regions++
			got := partitionOf(region)
			if got.suffix != p.Outputs.DNSSuffix || got.dualStackSuffix != p.Outputs.DualStackDNSSuffix {
				t.Errorf("%s (%s): %+v, the SDK has %+v", region, p.ID, got, p.Outputs)
			}
			if !p.Outputs.SupportsDualStack || !p.Outputs.SupportsFIPS {
				t.Errorf("%s no longer supports dual-stack or FIPS; endpointOf must refuse them", p.ID)
			}
		}
	}
	if regions < 40 {
		t.Errorf("%d regions seen", regions)
	}
}

func TestEndpointOf(t *testing.T) {
	f := func(s Service, region string, fips, dual bool, want string) {
		t.Helper()
		if got, err := endpointOf(s, region, fips, dual); err != nil || got != want {
			t.Errorf("%v %s: %s, %v, want %s", s, region, got, err, want)
		}
	}
	f(XRay, "xx-new-1", false, false, "https://xray.xx-new-1.amazonaws.com")
	f(Logs, "us-gov-west-1", true, false, "https://logs.us-gov-west-1.amazonaws.com")
	f(Logs, "us-gov-west-1", true, true, "https://logs-fips.us-gov-west-1.api.aws")
	f(XRay, "us-gov-west-1", true, false, "https://xray-fips.us-gov-west-1.amazonaws.com")
	f(CloudWatch, "us-isob-east-1", false, true, "https://monitoring.us-isob-east-1.api.aws.scloud")
	f(XRay, "eusc-de-east-1", true, false, "https://xray-fips.eusc-de-east-1.amazonaws.eu")
}
