package xraydaemon

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.yaml.in/yaml/v3"
)

func at(t *testing.T, text string, path ...string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cfg.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// documented is the file of the daemon's documentation.
const documented = `
TotalBufferSizeMB: 24
Concurrency: 4
Region: "us-east-2"
Endpoint: "http://127.0.0.1:1"
Socket:
  UDPAddress: "127.0.0.1:3000"
  TCPAddress: "127.0.0.1:3001"
Logging:
  LogRotation: true
  LogLevel: "warn"
  LogPath: "/var/log/xray.log"
LocalMode: true
ResourceARN: "arn:r"
RoleARN: "arn:role"
NoVerifySSL: true
ProxyAddress: "http://proxy:1"
Version: 2
`

func TestCollector(t *testing.T) {
	f := func(args []string, checks map[string]any) {
		t.Helper()
		o, err := Parse(args, io.Discard)
		if err != nil {
			t.Errorf("%v: %v", args, err)
			return
		}
		text, err := o.Collector()
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range checks {
			if got := at(t, text, strings.Split(path, ".")...); got != want {
				t.Errorf("%v: %s is %v, want %v", args, path, got, want)
			}
		}
	}
	f(nil, map[string]any{
		"receivers.awsxray.endpoint": "127.0.0.1:2000", "receivers.awsxray.proxy_server.endpoint": "127.0.0.1:2000",
		"receivers.awsxray.verbatim": true, "exporters.awsxray.num_workers": 8, "exporters.awsxray.region": nil,
		"exporters.awsxray.telemetry.enabled": true, "service.telemetry.logs.level": "info",
	})
	// As the daemon's image starts it, and as ECS's documentation does.
	f([]string{"-t", "0.0.0.0:2000", "-b", "0.0.0.0:2000"}, map[string]any{
		"receivers.awsxray.endpoint": "0.0.0.0:2000", "receivers.awsxray.proxy_server.endpoint": "0.0.0.0:2000",
	})
	f([]string{"-o", "-n", "us-west-2", "--log-level=debug", "-m", "50", "--role-arn", "arn:x"}, map[string]any{
		"exporters.awsxray.local_mode": true, "exporters.awsxray.region": "us-west-2", "receivers.awsxray.proxy_server.region": "us-west-2",
		"service.telemetry.logs.level": "debug", "receivers.awsxray.buffer_mib": 50, "exporters.awsxray.role_arn": "arn:x",
		"exporters.awsxray.telemetry.include_metadata": false,
	})
	f([]string{"-c", write(t, documented), "-n", "eu-west-1"}, map[string]any{
		"exporters.awsxray.region": "eu-west-1", "receivers.awsxray.endpoint": "127.0.0.1:3000",
		"receivers.awsxray.proxy_server.endpoint": "127.0.0.1:3001", "exporters.awsxray.endpoint": "http://127.0.0.1:1",
		"exporters.awsxray.no_verify_ssl": true, "exporters.awsxray.resource_arn": "arn:r", "exporters.awsxray.num_workers": 4,
		"receivers.awsxray.buffer_mib": 24, "service.telemetry.logs.level": "warn", "exporters.awsxray.proxy_address": "http://proxy:1",
		"receivers.awsxray.proxy_server.tls.insecure_skip_verify": true,
	})
}

// resolved is the configuration as a collector has it, with what stands for other things replaced.
func resolved(t *testing.T, text string) (*confmap.Conf, error) {
	t.Helper()
	r, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs: []string{"yaml:" + text}, DefaultScheme: "env",
		ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory(), envprovider.NewFactory()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.Resolve(t.Context())
}

// TestCollector_dollars: a password's dollars reach the proxy.
func TestCollector_dollars(t *testing.T) {
	const proxy = "http://user:pa$$wo${HOME}rd$@proxy:1"
	o, err := Parse([]string{"-p", proxy}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	text, err := o.Collector()
	if err != nil {
		t.Fatal(err)
	}
	conf, err := resolved(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if got := conf.Get("exporters::awsxray::proxy_address"); got != proxy || o.ProxyAddress != proxy {
		t.Errorf("got %v, and %s", got, o.ProxyAddress)
	}
}

// FuzzConfig: whatever is in cfg.yaml, a collector gets what it says, or the operator an error.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(documented))
	f.Add([]byte("Socket: {UDPAddress: ${env:X}}\nLogging: {LogPath: $$}"))
	f.Add([]byte("Version: 1\nRegion: &a x\nEndpoint: *a"))
	f.Add([]byte("---\n---\nRegion: y"))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := decode(text)
		if err != nil || o.check() != nil {
			return
		}
		said, err := o.Collector()
		if err != nil {
			t.Fatal(err)
		}
		conf, err := resolved(t, said)
		if err != nil {
			t.Fatalf("%v in\n%s", err, said)
		}
		want := func(key string, value any) {
			t.Helper()
			if got := conf.Get(key); got != value && (got != nil || value != "") {
				t.Errorf("%s is %#v, want %#v", key, got, value)
			}
		}
		want("receivers::awsxray::endpoint", o.Socket.UDPAddress)
		want("receivers::awsxray::proxy_server::endpoint", o.Socket.TCPAddress)
		want("exporters::awsxray::region", o.Region)
		want("exporters::awsxray::role_arn", o.RoleARN)
		want("exporters::awsxray::endpoint", o.Endpoint)
		want("exporters::awsxray::proxy_address", o.ProxyAddress)
		want("exporters::awsxray::num_workers", o.Concurrency)
	})
}

func TestParse_errors(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		if _, err := Parse(args, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %s", args, err, want)
		}
	}
	f("unknown flag", "--nonsense")
	f("unknown argument", "start")
	f("log level", "-l", "loud")
	f("buffer memory", "-m", "2")
	f("no such file", "-c", filepath.Join(t.TempDir(), "none"))
	f("field Regoin not found", "-c", write(t, "Regoin: x"))
	f("version", "-c", write(t, "Version: 3"))
	f("Concurrency", "-c", write(t, "Concurrency: 0"))
	if _, err := Parse([]string{"-v"}, io.Discard); !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
	var help strings.Builder
	if _, err := Parse([]string{"--help"}, &help); !errors.Is(err, ErrHelp) || !strings.Contains(help.String(), "--bind-tcp") {
		t.Errorf("%v: %s", err, help.String())
	}
}

func TestIgnored(t *testing.T) {
	o, err := Parse([]string{"-f", "x.log"}, io.Discard)
	if err != nil || len(o.Ignored()) != 1 {
		t.Errorf("%v, %v", o.Ignored(), err)
	}
}
