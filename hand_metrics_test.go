package updraft_test

import (
	"bufio"
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/metrics"
)

func TestMetrics_console(t *testing.T) {
	var console bytes.Buffer
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterNone, Metrics: updraft.ExporterConsole,
		Logs: updraft.ExporterNone, Console: &console, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tel.Metrics().Put("Orders", 1, metrics.Count, metrics.D("Page", "cart"))
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := console.String(); !strings.HasPrefix(got, `{"MetricName":"Orders","Dimensions":[{"Name":"Page","Value":"cart"}],"Timestamp":"`) {
		t.Error(got)
	}
	tel.Metrics().Put("Late", 1, "")
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := console.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "Late") {
		t.Error(got)
	}
}

func TestMetrics_otlp(t *testing.T) {
	r := newReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", r.URL+"/v1/metrics")
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterNone, Metrics: updraft.ExporterOTLP,
		Logs: updraft.ExporterNone, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tel.Metrics().Put("Orders", 1, metrics.Count, metrics.D("Page", "cart"))
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	body := string(r.body("/v1/metrics"))
	for _, want := range []string{"Orders", "Page", "cart", "shop"} {
		if !strings.Contains(body, want) {
			t.Errorf("there is no %q", want)
		}
	}
}

// TestMetrics_off puts metrics where there are none.
func TestMetrics_off(t *testing.T) {
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterNone, Metrics: updraft.ExporterNone,
		Logs: updraft.ExporterNone, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tel.Metrics().Put("Orders", 1, metrics.Count)
	if err := tel.EMF().With(metrics.D("Page", "cart")).Put("Orders", 1, metrics.Count).Close(); err != nil {
		t.Error(err)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestEMF_agent has documents go to a CloudWatch agent.
func TestEMF_agent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("AWS_EMF_AGENT_ENDPOINT", "tcp://"+l.Addr().String())
	t.Setenv("AWS_EMF_NAMESPACE", "MyApplication")
	t.Setenv("AWS_EMF_LOG_GROUP_NAME", "MyGroup")
	t.Setenv("AWS_EMF_LOG_STREAM_NAME", "mine")
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterNone, Metrics: updraft.ExporterNone,
		Logs: updraft.ExporterNone, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = tel.EMF().With(metrics.D("Page", "cart")).Put("Orders", 1, metrics.Count).Close()
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if want := `{"_aws":{"LogGroupName":"MyGroup","LogStreamName":"mine","CloudWatchMetrics":[{"Namespace":"MyApplication","Dimensions":[["Page"]],`; err != nil || !strings.HasPrefix(line, want) {
		t.Errorf("%s %v, want %s", line, err, want)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if report := tel.Report().String(); !strings.Contains(report, "awsemf to tcp://"+l.Addr().String()+": accepted 1, delivered 1") {
		t.Error(report)
	}
}

// TestEMF_stdout has documents go to standard output inside a Lambda function.
func TestEMF_stdout(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "resize")
	var console bytes.Buffer
	tel, err := updraft.Config{ServiceName: "shop", Traces: updraft.ExporterNone, Logs: updraft.ExporterNone,
		Console: &console, Strict: true, NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = tel.EMF().With().Put("Orders", 1, metrics.Count).Close()
	if got := console.String(); !strings.HasSuffix(got, "\"Orders\":1}\n") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
