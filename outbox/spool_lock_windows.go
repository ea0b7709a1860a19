package outbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

const errorSharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION

// lockFile opens a file that nobody else can open, until the process ends, however it does.
func lockFile(path string) (io.Closer, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("outbox: spool: %w", err)
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, errorSharingViolation):
		return nil, fmt.Errorf("%w: %s", ErrSpoolLocked, path)
	case err != nil:
		return nil, fmt.Errorf("outbox: spool: lock %s: %w", path, err)
	}
	return os.NewFile(uintptr(h), path), nil
}
