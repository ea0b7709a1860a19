// Package storagecheck tells whether databases of file_storage are whole.
//
// To open a damaged one may end the process: bbolt, whose files they are, panics, reads beyond the file's end, or follows
// pages in a circle until the stack is full. So the program that wants to know, see [Files], has itself executed once more
// for it, as the subcommand [Command].
//
// https://github.com/etcd-io/bbolt#caveats--limitations
package storagecheck

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"time"
	"unsafe"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// Command is the subcommand that runs [Main].
const Command = "check-storage"

// patience is how long a database that another process has open is waited for.
const patience = 100 * time.Millisecond

// maxStack is what reading a database may take of it, which is little unless it goes in a circle.
const maxStack = 64 << 20

// What reading a database may take of memory, besides a part of the file's size: bbolt notes each page. A damaged page may
// say that billions belong to it.
const (
	memory      = 128 << 20
	memoryShare = 8 // the file's size by this
	memoryTick  = 10 * time.Millisecond
)

// crashed is the status with which Go's runtime ends a process.
const crashed = 2

// maxReason is how much is told of what is wrong, in characters: bbolt tells keys and pages, which may be damaged ones.
const maxReason = 300

// What Main says of a file, before its name.
const (
	reading = "reading"
	whole   = "whole"
	inUse   = "in use"
	damaged = "damaged"
)

var errDamaged = errors.New("at least one database is damaged")

// Main reads each of the databases and says on out, a line each, that it begins to, and what it found. It returns an error
// if one is damaged, or the system's error if one can't be opened, with which the process is to end with status 1. A damaged
// one may end it at once, with status 2.
func Main(files []string, out io.Writer) error {
	if len(files) == 0 || files[0] == "-h" || files[0] == "--help" {
		fmt.Fprintf(out, "usage: %s FILE...\nSays of each database of file_storage whether it is whole. It changes nothing.\n", Command)
		return nil
	}
	debug.SetMaxStack(maxStack)
	var found []error
	for _, file := range files {
		fmt.Fprintf(out, "%s %s\n", reading, file)
		err := read(file)
		var system syscall.Errno
		switch {
		case err == nil:
			fmt.Fprintf(out, "%s %s\n", whole, file)
		case errors.Is(err, bbolterrors.ErrTimeout):
			fmt.Fprintf(out, "%s %s\n", inUse, file)
		case errors.As(err, &system):
			found = append(found, err)
		default:
			fmt.Fprintf(out, "%s %s: %.*q\n", damaged, file, maxReason, err.Error())
			found = append(found, errDamaged)
		}
	}
	return errors.Join(found...)
}

// read goes through all of a database.
func read(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return nil // its process was killed before it wrote anything
	}
	done := make(chan struct{})
	defer close(done)
	go limitMemory(uint64(memory+info.Size()/memoryShare), done)

	db, err := bbolt.Open(file, 0, &bbolt.Options{ReadOnly: true, Timeout: patience})
	if err != nil {
		return err
	}
	defer db.Close()
	begin := db.Info().Data
	end := begin + uintptr(info.Size())
	return db.View(func(tx *bbolt.Tx) error {
		var first error
		for err := range tx.Check() { // to its end, or its goroutine would stay
			if first == nil {
				first = err
			}
		}
		if first != nil {
			return first
		}
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(key, value []byte) error {
				if !within(key, begin, end) || !within(value, begin, end) {
					return errOutside
				}
				return nil
			})
		})
	})
}

var errOutside = errors.New("a key or a value that is not within the file")

// within says whether a key or a value, for which bbolt takes its page's word, is in the file's memory.
func within(text []byte, begin, end uintptr) bool {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(text))) //nolint:gosec // compared only
	return len(text) == 0 || at >= begin && at < end && uintptr(len(text)) <= end-at
}

// limitMemory ends the process when it takes more.
func limitMemory(most uint64, done <-chan struct{}) {
	taken := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	for {
		select {
		case <-done:
			return
		case <-time.After(memoryTick):
		}
		if metrics.Read(taken); taken[0].Value.Uint64() > most {
			panic(fmt.Sprintf("reading it takes more than %d MiB of memory", most>>20))
		}
	}
}
