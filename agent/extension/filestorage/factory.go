// Package filestorage is the collector's file_storage, with two things more: an exporter's queue that was killed while it
// sent loses nothing if it is killed again while it takes up what it had sent, and a damaged database does not keep the
// agent from starting.
//
// The queue of exporterhelper, when it starts, reads the requests that were under way, deletes them, and then writes them
// again at its end, one by one: whoever is killed in between has lost the rest. Here what it deletes stays until it has
// written them all.
//
// Without fsync: true a machine that dies may leave a damaged database, which ends each process that opens it. So after a
// boot [NewCheckingFactory] has the databases looked at first, and what is damaged set aside.
//
// https://github.com/open-telemetry/opentelemetry-collector/blob/exporter/exporterhelper/v0.159.0/exporter/exporterhelper/internal/queue/persistent_queue.go
package filestorage

import (
	"context"
	"sync"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
)

// NewFactory returns the factory of the file_storage extension. Its configuration is the collector's.
func NewFactory() extension.Factory { return NewCheckingFactory(nil) }

// NewCheckingFactory is NewFactory, but that check looks at the databases before they are opened if the machine was booted
// since, or the process that opened them before did not come to the end of it. A damaged one is renamed, with the ending
// .backup, and an error is logged; an empty one takes its place. check may be nil.
func NewCheckingFactory(check Checker) extension.Factory {
	base := filestorage.NewFactory()
	return extension.NewFactory(base.Type(), base.CreateDefaultConfig,
		func(ctx context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
			e, err := base.Create(ctx, set, cfg)
			if err != nil {
				return nil, err
			}
			return &files{Extension: e.(storage.Extension), check: check, dir: cfg.(*filestorage.Config).Directory, log: set.Logger}, nil
		}, base.Stability())
}

// files is the collector's extension.
type files struct {
	storage.Extension
	dir   string
	check Checker
	log   *zap.Logger

	opening sync.Mutex // one database at a time, so that the mark is missing while one is opened
}

// Start implements component.Component.
func (f *files) Start(ctx context.Context, host component.Host) error {
	if f.check != nil && !f.trusted() {
		f.setDamagedAside(ctx)
	}
	return f.Extension.Start(ctx, host)
}

// GetClient implements storage.Extension.
func (f *files) GetClient(ctx context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	client, err := f.client(ctx, kind, id, name)
	if err != nil || kind != component.KindExporter {
		return client, err
	}
	return &queueClient{Client: client}, nil
}

func (f *files) client(ctx context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	if f.check == nil {
		return f.Extension.GetClient(ctx, kind, id, name)
	}
	f.opening.Lock()
	defer f.opening.Unlock()
	f.distrust()
	client, err := f.Extension.GetClient(ctx, kind, id, name)
	if err == nil {
		f.trust()
	}
	return client, err
}
