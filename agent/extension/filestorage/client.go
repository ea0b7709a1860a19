package filestorage

import (
	"context"
	"errors"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// A queueClient puts off transactions that only delete: what they delete goes in one transaction with the next that is not
// a request being written. Until then what was deleted is still there.
type queueClient struct {
	storage.Client

	mu   sync.Mutex
	late []*storage.Operation // what is still to be deleted
}

// Batch implements storage.Client.
func (c *queueClient) Batch(ctx context.Context, ops ...*storage.Operation) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case all(ops, storage.Delete):
		c.late = append(c.late, ops...)
		return nil
	case all(ops, storage.Set):
		c.keepLocked(ops...)
		return c.Client.Batch(ctx, ops...)
	}
	return c.withLateLocked(ctx, ops...)
}

func all(ops []*storage.Operation, kind storage.OpType) bool {
	return !slices.ContainsFunc(ops, func(op *storage.Operation) bool { return op.Type != kind })
}

// keepLocked takes what is written anew off the list.
func (c *queueClient) keepLocked(written ...*storage.Operation) {
	c.late = slices.DeleteFunc(c.late, func(gone *storage.Operation) bool {
		return slices.ContainsFunc(written, func(op *storage.Operation) bool { return op.Key == gone.Key })
	})
}

// withLateLocked does what was put off, and then ops, in one transaction.
func (c *queueClient) withLateLocked(ctx context.Context, ops ...*storage.Operation) error {
	if len(c.late) > 0 {
		ops = slices.Concat(c.late, ops)
	}
	err := c.Client.Batch(ctx, ops...)
	if err == nil {
		c.late = nil
	}
	return err
}

// Get implements storage.Client.
func (c *queueClient) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := c.Batch(ctx, op)
	return op.Value, err
}

// Set implements storage.Client.
func (c *queueClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

// Delete implements storage.Client.
func (c *queueClient) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

// Close implements storage.Client.
func (c *queueClient) Close(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	if len(c.late) > 0 {
		err = c.withLateLocked(ctx)
	}
	return errors.Join(err, c.Client.Close(ctx))
}
