package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// example is where the configurations are that these tests run as they are.
const example = "../examples/gateway/"

// A member is an agent of the example, as a process of its own.
type member struct {
	listen string
	args   []string
	env    []string
	cmd    *exec.Cmd
}

// newMember makes a member with ports and a disk of its own, and starts it. Settings are of the example's variables.
func newMember(t *testing.T, config string, settings ...string) *member {
	t.Helper()
	_, metrics, err := net.SplitHostPort(agenttest.FreeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	m := &member{listen: agenttest.FreeAddr(t), args: []string{"--config", example + config}}
	m.env = append(append(os.Environ(), settings...), envRun+"=1", "LISTEN="+m.listen, "STORAGE="+t.TempDir(), "METRICS_PORT="+metrics, "HEALTH="+agenttest.FreeAddr(t))
	m.start(t)
	return m
}

func (m *member) start(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m.cmd = exec.Command(self, m.args...)
	m.cmd.Env = m.env
	var log bytes.Buffer
	m.cmd.Stderr = &log
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd := m.cmd
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_, _ = cmd.Process.Wait()
		if t.Failed() {
			t.Logf("%s: %s", m.args[1], log.String())
		}
	})
}

// kill ends the process at once, as a lost machine would.
func (m *member) kill() {
	_ = m.cmd.Process.Kill()
	_, _ = m.cmd.Process.Wait()
}

// A load is an application that sends to a sidecar, and knows what was acknowledged.
type load struct {
	addr string
	stop func() map[string]bool // ends it and returns the spans that were acknowledged

	mu  sync.Mutex
	ids map[string]bool
}

// pause is between two requests, so that what is tested is the agents and not the machine.
const pause = 10 * time.Millisecond

func startLoad(t *testing.T, addr string) *load {
	t.Helper()
	conn := agenttest.Dial(t, addr, grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	client := ptraceotlp.NewGRPCClient(conn)
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{addr: addr, ids: map[string]bool{}}
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			sent := map[string]bool{}
			if export(t, client, sent) {
				l.mu.Lock()
				for id := range sent {
					l.ids[id] = true
				}
				l.mu.Unlock()
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
	l.stop = func() map[string]bool { cancel(); done.Wait(); _ = conn.Close(); return l.ids }
	t.Cleanup(func() { l.stop() })
	return l
}

// acknowledged is how many spans are.
func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ids)
}

// more waits until n spans more are acknowledged.
func (l *load) more(t *testing.T, n int) {
	t.Helper()
	from := l.acknowledged()
	agenttest.Eventually(t, fmt.Sprintf("%d spans more", n), func() bool { return l.acknowledged() >= from+n })
}

// phase is how many spans are sent before and after something happens.
const phase = 1000

// TestGateway kills one of two gateways under load: the sidecars send its share to the other one, and what it had taken
// arrives when it is there again, from its disk.
func TestGateway(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	arrived := watch(agenttest.AWS(t, localaws.Config{}), "PutTraceSegments", segmentID, 100*time.Millisecond)
	first, second := newMember(t, "gateway.yaml"), newMember(t, "gateway.yaml")
	gateways := fmt.Sprintf("GATEWAYS=[%q, %q]", first.listen, second.listen)
	var loads [2]*load
	for i := range loads {
		loads[i] = startLoad(t, newMember(t, "sidecar.yaml", gateways).listen)
	}
	for _, l := range loads {
		l.more(t, phase)
	}
	first.kill()
	var before [2]map[string]bool
	for i, l := range loads {
		before[i] = l.stop()
		loads[i] = startLoad(t, l.addr)
		loads[i].more(t, phase)
	}
	var after [2]map[string]bool
	for i, l := range loads {
		after[i] = l.stop()
	}
	for _, ids := range after {
		agenttest.Eventually(t, "what was acknowledged after the kill is at AWS, by the other gateway", func() bool { return arrived.missing(ids) == 0 })
	}
	left := arrived.missing(before[0]) + arrived.missing(before[1])
	first.start(t)
	for _, ids := range before {
		agenttest.Eventually(t, "what was acknowledged before is at AWS", func() bool { return arrived.missing(ids) == 0 })
	}
	t.Logf("%d spans acknowledged before the kill, %d of them on the dead gateway's disk; %d after it; all at AWS", len(before[0])+len(before[1]), left, len(after[0])+len(after[1]))
}

// TestGateway_sidecar kills a sidecar whose gateways are away: what it had taken arrives when it and a gateway are there.
func TestGateway_sidecar(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	arrived := watch(agenttest.AWS(t, localaws.Config{}), "PutTraceSegments", segmentID, 0)
	gateway := newMember(t, "gateway.yaml")
	gateway.kill()
	sidecar := newMember(t, "sidecar.yaml", fmt.Sprintf("GATEWAYS=[%q, %q]", gateway.listen, agenttest.FreeAddr(t)))
	l := startLoad(t, sidecar.listen)
	l.more(t, phase)
	sidecar.kill()
	ids := l.stop()
	if n := arrived.missing(ids); n != len(ids) {
		t.Errorf("%d of %d spans arrived although no gateway was there", len(ids)-n, len(ids))
	}
	gateway.start(t)
	sidecar.start(t)
	agenttest.Eventually(t, "what was acknowledged is at AWS", func() bool { return arrived.missing(ids) == 0 })
	t.Logf("%d spans acknowledged, all at AWS", len(ids))
}

// TestGateway_kafka kills one of two gateways that read from Kafka: its partitions go to the other one, which sends again
// what was not yet at AWS. The dead one is not needed.
func TestGateway_kafka(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(8, "otlp_spans"), kfake.GroupMinSessionTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kafka.Close)
	arrived := watch(agenttest.AWS(t, localaws.Config{}), "PutTraceSegments", segmentID, 1100*time.Millisecond) // longer than a record that is marked too early stays uncommitted
	settings := []string{fmt.Sprintf("KAFKA_BROKERS=[%q]", kafka.ListenAddrs()[0]), "KAFKA_SESSION_TIMEOUT=2s"}
	first := newMember(t, "kafka-gateway.yaml", settings...)
	newMember(t, "kafka-gateway.yaml", settings...)
	l := startLoad(t, newMember(t, "kafka-sidecar.yaml", settings...).listen)
	l.more(t, 4*phase) // more than a gateway has under way at a time
	agenttest.Eventually(t, "spans are at AWS", func() bool {
		arrived.mu.Lock()
		defer arrived.mu.Unlock()
		return len(arrived.seen) >= phase
	})
	first.kill()
	l.more(t, phase)
	ids := l.stop()
	agenttest.Eventually(t, "what was acknowledged is at AWS", func() bool { return arrived.missing(ids) == 0 })
	t.Logf("%d spans acknowledged, all at AWS", len(ids))
}

// TestGateway_configurations validates the example's files, in every way that its README puts them together.
func TestGateway_configurations(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("KAFKA_USER", "user")
	t.Setenv("KAFKA_PASSWORD", "password")
	used := map[string]bool{}
	f := func(files ...string) {
		t.Helper()
		args := []string{"updraft-agent", "validate"}
		for _, file := range files {
			used[file] = true
			args = append(args, "--config", example+file)
		}
		var out, log strings.Builder
		if status := agent.Main(t.Context(), args, &out, &log); status != 0 {
			t.Errorf("%q: %s%s", files, out.String(), log.String())
		}
	}
	f("sidecar.yaml")
	f("gateway.yaml")
	f("gateway.yaml", "tail-sampling.yaml")
	f("kafka-sidecar.yaml")
	f("kafka-gateway.yaml")
	f("kafka-sidecar.yaml", "msk-iam.yaml")
	f("kafka-gateway.yaml", "msk-iam.yaml")
	f("kafka-sidecar.yaml", "msk-scram.yaml")
	f("kafka-gateway.yaml", "msk-scram.yaml")
	all, err := filepath.Glob(example + "*.yaml")
	if err != nil || len(all) != len(used) {
		t.Errorf("%d of the files %q are tested (%v)", len(used), all, err)
	}
}
