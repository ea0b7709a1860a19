package filestorage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/plog"
)

// A mortal storage stops to do anything after so many writes, as one whose process was killed.
type mortal struct {
	storage.Extension
	writes *atomic.Int64 // left
}

func (m mortal) GetClient(ctx context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	client, err := m.Extension.GetClient(ctx, kind, id, name)
	return mortalClient{client, m.writes}, err
}

type mortalClient struct {
	storage.Client
	writes *atomic.Int64
}

var errDead = errors.New("killed")

func (c mortalClient) Batch(ctx context.Context, ops ...*storage.Operation) error {
	if !all(ops, storage.Get) && c.writes.Add(-1) < 0 {
		return errDead
	}
	return c.Client.Batch(ctx, ops...)
}

func (c mortalClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

// A process is an exporter with a queue on disk, and its storage.
type process struct {
	storage  component.Component
	exporter exporter.Logs
	writes   atomic.Int64
}

func (p *process) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{storageID: p.storage}
}

var (
	storageID  = component.MustNewID("file_storage")
	exporterID = component.MustNewID("test")
)

const immortal = 1 << 30

// start starts a process that dies after so many writes.
func start(t *testing.T, dir string, writes int64, wrap func(storage.Extension) storage.Extension, push func(context.Context, plog.Logs) error) *process {
	t.Helper()
	base := filestorage.NewFactory()
	cfg := base.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory = dir
	e, err := base.Create(t.Context(), extensiontest.NewNopSettings(base.Type()), cfg)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{}
	p.writes.Store(writes)
	p.storage = wrap(mortal{e.(storage.Extension), &p.writes})
	queue := exporterhelper.NewDefaultQueueConfig()
	queue.StorageID = &storageID
	queue.Batch = configoptional.None[exporterhelper.BatchConfig]()
	set := exportertest.NewNopSettings(exporterID.Type())
	set.ID = exporterID
	p.exporter, err = exporterhelper.NewLogs(t.Context(), set, &struct{}{}, push,
		exporterhelper.WithQueue(configoptional.Some(queue)), exporterhelper.WithTimeout(exporterhelper.TimeoutConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []component.Component{p.storage, p.exporter} {
		if err := c.Start(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// kill has nothing more written, and ends what the process holds.
func (p *process) kill(t *testing.T) {
	t.Helper()
	p.writes.Store(0)
	ctx := context.WithoutCancel(t.Context())
	_ = p.exporter.Shutdown(ctx) // which writes nothing
	_ = p.storage.Shutdown(ctx)
}

const requests = 30

// trial kills a process that has taken requests while it sends, and the next after so many writes, and returns whether
// that one and the third send all requests.
func trial(t *testing.T, writes int64, wrap func(storage.Extension) storage.Extension) bool {
	t.Helper()
	dir := t.TempDir()
	var sending atomic.Int64
	dead := make(chan struct{})
	blocked := func(context.Context, plog.Logs) error {
		sending.Add(1)
		<-dead
		return nil
	}
	first := start(t, dir, immortal, wrap, blocked)
	for i := range requests {
		ld := plog.NewLogs()
		ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr(fmt.Sprint(i))
		if err := first.exporter.ConsumeLogs(t.Context(), ld); err != nil {
			t.Fatal(err)
		}
	}
	if !eventually(func() bool { return sending.Load() >= 10 }) {
		t.Fatal("not all consumers send")
	}
	first.writes.Store(0)
	close(dead)
	first.kill(t)

	var mu sync.Mutex
	seen := map[string]bool{}
	send := func(_ context.Context, ld plog.Logs) error {
		mu.Lock()
		defer mu.Unlock()
		seen[ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().Str()] = true
		return nil
	}
	start(t, dir, writes, wrap, send).kill(t)
	defer start(t, dir, immortal, wrap, send).kill(t)
	return eventually(func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(seen) == requests
	})
}

func eventually(ok func() bool) bool {
	for deadline := time.Now().Add(10 * time.Second); !ok(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// TestQueue_killedTwice has a process die after each of the writes with which it takes up what was under way: all requests
// are sent, by the next at the latest.
func TestQueue_killedTwice(t *testing.T) {
	ours := func(e storage.Extension) storage.Extension { return &files{Extension: e} }
	for writes := range int64(14) {
		if !trial(t, writes, ours) {
			t.Errorf("killed after %d writes: requests are lost", writes)
		}
	}
}
