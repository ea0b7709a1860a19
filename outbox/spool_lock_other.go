//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package outbox

import (
	"errors"
	"io"
)

// lockFile has no lock here that goes with the process; without one, two processes would spoil each other's files.
func lockFile(string) (io.Closer, error) {
	return nil, errors.New("outbox: spool: not supported on this system; leave Config.Spool empty")
}
