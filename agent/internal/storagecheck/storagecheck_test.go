package storagecheck_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/updraft-otel/updraft/agent/internal/storagecheck"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == storagecheck.Command {
		if err := storagecheck.Main(os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1) // as the agent does
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var bucket = []byte("default")

// options are those of file_storage.
var options = bbolt.Options{NoSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType}

// database is a queue's as it is in the middle of its work: large values, some of them gone.
func database(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole")
	db, err := bbolt.Open(path, 0o600, &options)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		if err := db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(bucket)
			if err != nil {
				return err
			}
			if i%3 == 0 {
				_ = b.Delete(fmt.Appendf(nil, "key %d", i/2))
			}
			return b.Put(fmt.Appendf(nil, "key %d", i), make([]byte, 200+rand.IntN(20_000)))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// use does what a queue does with a database, which may end the process if it is damaged.
func use(path string) error {
	db, err := bbolt.Open(path, 0o600, &options)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucket)
		if err != nil {
			return err
		}
		size := 0
		for c, key, value := first(b); key != nil; key, value = c.Next() {
			size += len(slices.Clone(value))
		}
		return b.Put([]byte("new"), binary.AppendVarint(nil, int64(size)))
	})
}

func first(b *bbolt.Bucket) (c *bbolt.Cursor, key, value []byte) {
	c = b.Cursor()
	key, value = c.First()
	return c, key, value
}

func TestFiles_whole(t *testing.T) {
	content := database(t)
	files := []string{write(t, content), write(t, nil), write(t, content)}
	open, err := bbolt.Open(files[2], 0o600, nil) // by another process, as an agent that is about to end
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if found, err := storagecheck.Files(t.Context(), files); err != nil || len(found) != 0 {
		t.Errorf("found %v, %v, want nothing", found, err)
	}
}

// TestFiles_damaged has all of a directory's databases but one damaged, each in its way.
func TestFiles_damaged(t *testing.T) {
	content := database(t)
	page := os.Getpagesize()
	branch := func() []byte { // whose children are itself
		c := slices.Clone(content)
		for at := 2 * page; at < len(c); at += page {
			if flags := binary.LittleEndian.Uint16(c[at+8:]); flags == 1 { // a branch page
				for i := range int(binary.LittleEndian.Uint16(c[at+10:])) {
					copy(c[at+16+16*i+8:], c[at:at+8])
				}
			}
		}
		return c
	}
	zeroed := slices.Clone(content)
	clear(zeroed[2*page : len(zeroed)/2])
	files := []string{
		write(t, content[:len(content)/2]),
		write(t, content),
		write(t, branch()),
		write(t, zeroed),
		write(t, content[:100]),
		write(t, make([]byte, len(content))),
		write(t, []byte("no database at all")),
	}
	found, err := storagecheck.Files(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		if _, damaged := found[file]; damaged != (i != 1) {
			t.Errorf("file %d: damaged is %v, %q", i, damaged, found[file])
		}
	}
}

// TestFiles_flipped flips bits: what counts as whole can be used.
func TestFiles_flipped(t *testing.T) {
	content := database(t)
	var files []string
	for i := range 14 {
		c := slices.Clone(content)
		for range 1 << i {
			at := rand.IntN(len(c))
			if i%2 == 0 { // where the pages begin, of which one in a few hundred bytes is
				at = at / os.Getpagesize() * os.Getpagesize()
				at += rand.IntN(100)
			}
			c[min(at, len(c)-1)] ^= 1 << rand.IntN(8)
		}
		files = append(files, write(t, c))
	}
	found, err := storagecheck.Files(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, damaged := found[file]; damaged {
			continue
		}
		if err := use(file); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d of %d damaged", len(found), len(files))
}

// TestFiles_notOpened has a file that is not damaged for all that is known.
func TestFiles_notOpened(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	if found, err := storagecheck.Files(t.Context(), []string{missing}); err == nil || len(found) != 0 {
		t.Errorf("found %v, %v, want an error", found, err)
	}
}
