package updraft

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// A document is what these tests read of one in the embedded metric format.
type document struct {
	AWS struct {
		LogGroupName, LogStreamName string
		CloudWatchMetrics           []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name string }
		}
	} `json:"_aws"`
	Orders float64 `json:"orders"`
}

func readDocument(t *testing.T, line string) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	if len(d.AWS.CloudWatchMetrics) != 1 || d.Orders != 3 {
		t.Fatalf("%s", line)
	}
	return d
}

func recordOrders(m metric.Meter) {
	orders, _ := m.Int64Counter("orders")
	orders.Add(context.Background(), 3, metric.WithAttributes(attribute.String("route", "/pay"), attribute.String("user", "7")))
}

// logsCalls is CloudWatch Logs: it keeps what is asked of it.
type logsCalls struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []string
	format string
	last   struct {
		LogGroupName, LogStreamName string
		LogEvents                   []struct{ Message string }
	}
}

func newLogsCalls(t *testing.T) *logsCalls {
	t.Helper()
	l := &logsCalls{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		call := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "Logs_20140328.")
		l.calls = append(l.calls, call)
		if call == "PutLogEvents" {
			l.format = r.Header.Get("X-Amzn-Logs-Format")
			if err := json.NewDecoder(r.Body).Decode(&l.last); err != nil {
				t.Error(err)
			}
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(l.Close)
	return l
}

func TestStart_emfToLogs(t *testing.T) {
	f := func(name, variables, group, stream, namespace string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			for pair := range strings.FieldsSeq(variables) {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, value)
			}
			l := newLogsCalls(t)
			report := recordMetrics(t, Config{Metrics: ExporterEMF}, l.URL, recordOrders)
			if report.Exporter != ExporterEMF || report.Delivered != 1 || report.DroppedTotal() != 0 || len(l.last.LogEvents) != 1 {
				t.Fatalf("%v, %+v", l.calls, report)
			}
			if l.last.LogGroupName != group || stream != "" && l.last.LogStreamName != stream || l.format != "json/emf" {
				t.Errorf("to %q, %q, %q", l.last.LogGroupName, l.last.LogStreamName, l.format)
			}
			d := readDocument(t, l.last.LogEvents[0].Message)
			if got := d.AWS.CloudWatchMetrics[0].Namespace; got != namespace {
				t.Errorf("namespace %q, want %q", got, namespace)
			}
		})
	}
	const headers = "OTEL_EXPORTER_OTLP_LOGS_HEADERS=x-aws-log-group=/g,x-aws-log-stream=s,x-aws-metric-namespace=N"
	f("defaults", "", "/metrics/shop", hostAndProcess(), "shop")
	f("headers", headers, "/g", "s", "N")
	f("Lambda with headers", "AWS_LAMBDA_FUNCTION_NAME=f "+headers, "/g", "s", "N")
	f("variables of AWS's libraries", "AWS_EMF_NAMESPACE=N AWS_EMF_LOG_GROUP_NAME=/own AWS_EMF_LOG_STREAM_NAME=mine", "/own", "mine", "N")
	f("headers over those", "AWS_EMF_NAMESPACE=X AWS_EMF_LOG_GROUP_NAME=/own "+headers, "/g", "s", "N")
	f("told to", "AWS_LAMBDA_FUNCTION_NAME=f UPDRAFT_EMF=logs", "/metrics/shop", "", "shop")
}

func TestStart_emfToStdout(t *testing.T) {
	f := func(name string, c Config, variables string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			for pair := range strings.FieldsSeq(variables) {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, value)
			}
			var out bytes.Buffer
			c.ServiceName, c.Traces, c.Logs, c.Console, c.NoGlobals, c.Strict = "shop", "none", "none", &out, true, true
			tel, err := c.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			recordOrders(tel.MeterProvider().Meter("test"))
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			d := readDocument(t, out.String())
			if r := tel.Report().Signals[0]; r.Exporter != ExporterEMF || r.Endpoint != "stdout" || r.Delivered != 1 || d.AWS.CloudWatchMetrics[0].Namespace != "shop" {
				t.Errorf("%+v, %+v", r, d)
			}
		})
	}
	f("the default in Lambda", Config{}, "AWS_LAMBDA_FUNCTION_NAME=f")
	f("Lambda, half of the headers", Config{}, "AWS_LAMBDA_FUNCTION_NAME=f OTEL_EXPORTER_OTLP_LOGS_HEADERS=x-aws-log-group=/g")
	f("variable", Config{}, "OTEL_METRICS_EXPORTER=awsemf UPDRAFT_EMF=stdout")
	f("AWS's variable", Config{Metrics: ExporterEMF}, "AWS_EMF_ENVIRONMENT=Local AWS_EMF_AGENT_ENDPOINT=tcp://127.0.0.1:1")
	f("argument", Config{Metrics: ExporterEMF, EMF: "stdout"}, "AWS_EMF_AGENT_ENDPOINT=tcp://127.0.0.1:1")
}

func TestStart_emfToAgent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	lines := make(chan string, 1)
	go func() {
		defer close(lines)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for scanner := bufio.NewScanner(conn); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	t.Setenv("AWS_EMF_AGENT_ENDPOINT", "tcp://"+l.Addr().String())
	report := recordMetrics(t, Config{Metrics: ExporterEMF}, "", recordOrders)
	if report.Delivered != 1 || report.Endpoint != "tcp://"+l.Addr().String() {
		t.Errorf("%+v", report)
	}
	d := readDocument(t, <-lines)
	if d.AWS.LogGroupName != "/metrics/shop" || d.AWS.LogStreamName != hostAndProcess() {
		t.Errorf("%+v", d)
	}
	for range lines {
		t.Error("more than one document")
	}
}

// TestStart_emfDatagrams: what no datagram holds is counted, with the way out.
func TestStart_emfDatagrams(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	report := recordMetrics(t, Config{Metrics: ExporterEMF, EMF: "udp://" + conn.LocalAddr().String()}, "", func(m metric.Meter) {
		recordOrders(m)
		var many []attribute.KeyValue
		for i := range 80 {
			many = append(many, attribute.String("k"+strconv.Itoa(i), strings.Repeat("v", 1000)))
		}
		long, _ := m.Int64Counter("long")
		long.Add(context.Background(), 1, metric.WithAttributes(many...))
	})
	buffer := make([]byte, 1<<16)
	n, _, err := conn.ReadFrom(buffer)
	if err != nil || report.Delivered != 1 || report.Dropped["refused"] != 1 || !strings.Contains(report.LastError, "use tcp://") {
		t.Fatalf("%v, %+v", err, report)
	}
	readDocument(t, strings.TrimSpace(string(buffer[:n])))
}

func TestStart_emfErrors(t *testing.T) {
	f := func(c Config, variable, value, want string) {
		t.Helper()
		t.Setenv(variable, value)
		c.Traces, c.Logs, c.Strict = "none", "none", true
		if c.Metrics == "" {
			c.Metrics = ExporterEMF
		}
		if _, err := c.Start(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f(Config{EMF: "file"}, "X", "", "want logs, stdout, or an agent's address")
	f(Config{}, "AWS_EMF_ENVIRONMENT", "Moon", `AWS_EMF_ENVIRONMENT="Moon" is none of`)
	f(Config{EMF: "http://localhost"}, "X", "", "no address of a CloudWatch agent")
	f(Config{EMF: "stdout"}, envDeclarations, "/nowhere", envDeclarations+": open /nowhere")
	f(Config{EMF: "stdout"}, envDeclarations, "[{metric: a}]", envDeclarations+": ")
	f(Config{Metrics: "emf"}, envDeclarations, "", `"emf" is none of cloudwatch, awsemf, otlp, console, none`)
}

// TestStart_metricDeclarations: the environment says what becomes a dimension.
func TestStart_metricDeclarations(t *testing.T) {
	f := func(value string, c Config) {
		t.Helper()
		t.Setenv(envDeclarations, value)
		var out bytes.Buffer
		c.ServiceName, c.Metrics, c.EMF, c.Console, c.AWS = "shop", ExporterEMF, "stdout", &out, nil
		recordMetrics(t, c, "", recordOrders)
		d := readDocument(t, out.String())
		if got := d.AWS.CloudWatchMetrics[0].Dimensions; len(got) != 1 || strings.Join(got[0], ",") != "route" {
			t.Errorf("%q: dimensions %v", value, got)
		}
	}
	const text = "[{metrics: [orders], deny_attributes: [user]}]"
	path := filepath.Join(t.TempDir(), "declarations.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f(text, Config{})
	f(path, Config{})
	c := Config{}
	c.MetricSettings.Attributes = func(key attribute.Key) bool { return key != "user" }
	f("", c)
}
