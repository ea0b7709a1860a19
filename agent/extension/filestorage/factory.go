// Package filestorage is the collector's file_storage, with one thing more: an exporter's queue that was killed while it sent
// loses nothing if it is killed again while it takes up what it had sent.
//
// The queue of exporterhelper, when it starts, reads the requests that were under way, deletes them, and then writes them
// again at its end, one by one: whoever is killed in between has lost the rest. Here what it deletes stays until it has
// written them all.
//
// https://github.com/open-telemetry/opentelemetry-collector/blob/exporter/exporterhelper/v0.159.0/exporter/exporterhelper/internal/queue/persistent_queue.go
package filestorage

import (
	"context"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// NewFactory returns the factory of the file_storage extension. Its configuration is the collector's.
func NewFactory() extension.Factory {
	base := filestorage.NewFactory()
	return extension.NewFactory(base.Type(), base.CreateDefaultConfig,
		func(ctx context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
			e, err := base.Create(ctx, set, cfg)
			if err != nil {
				return nil, err
			}
			return files{e.(storage.Extension)}, nil
		}, base.Stability())
}

// files are the files of all clients.
type files struct{ storage.Extension }

// GetClient gives exporters, whose only use of it is a queue, a client that deletes late.
func (f files) GetClient(ctx context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	client, err := f.Extension.GetClient(ctx, kind, id, name)
	if err != nil || kind != component.KindExporter {
		return client, err
	}
	return &queueClient{Client: client}, nil
}
