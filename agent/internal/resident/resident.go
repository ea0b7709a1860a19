// Package resident keeps what a process has in memory small once it has started.
//
// The start of a collector runs the initialisation of a thousand packages, most of which are never used again: their
// garbage stays in the heap, and their code and tables, pages of the program's file, stay mapped. Release gives both
// back. Pages of the file that are used come back from the page cache at once.
package resident

import (
	"fmt"
	"runtime/debug"
)

// Release gives back what is not used. It takes some milliseconds, and does what can be done on the system at hand.
func Release() error {
	debug.FreeOSMemory()
	if err := release(); err != nil {
		return fmt.Errorf("release pages of the program's file: %w", err)
	}
	return nil
}
