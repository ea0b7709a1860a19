package filestorage

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.uber.org/zap"
)

// A Checker returns which of the databases are damaged, and how. The error says why some could not be looked at.
type Checker func(ctx context.Context, files []string) (damaged map[string]string, err error)

// bootMark is a file that names the boot of the machine after which the directory's databases were opened without harm.
// What a process wrote the kernel keeps, however the process ends; but what it has not brought to the disk yet is lost with
// the machine. So databases are looked at where the machine has been booted since, and where opening them has not come to
// an end.
const bootMark = ".boot"

// boot is what this boot of the machine is called, the same in all containers, or nothing where the system does not tell.
// https://man7.org/linux/man-pages/man4/random.4.html
func boot() []byte {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return bytes.TrimSpace(id)
}

// trusted says whether the databases are as the kernel has them.
func (f *files) trusted() bool {
	was, err := os.ReadFile(filepath.Join(f.dir, bootMark))
	return err == nil && len(was) > 0 && bytes.Equal(was, boot())
}

func (f *files) trust() {
	_ = os.WriteFile(filepath.Join(f.dir, bootMark), boot(), 0o600) // without it they are looked at
}

func (f *files) distrust() { _ = os.Remove(filepath.Join(f.dir, bootMark)) }

// databaseNames are those that the collector's part gives: the kind of a component and its name, or a hash of these.
var databaseNames = regexp.MustCompile(`^((receiver|processor|exporter|extension|connector|other)_.*_.*|[0-9a-f]{64})$`)

// asideSuffix ends the names of files that are not opened again, as the collector's part makes them for recreate: true.
const asideSuffix = ".backup"

func aside(file string) string {
	return file + "." + time.Now().UTC().Format("20060102T150405.000Z0700") + asideSuffix
}

// databases are the paths of those that are there.
func (f *files) databases() (paths []string) {
	entries, _ := os.ReadDir(f.dir) // what is wrong with it opening a database tells
	for _, e := range entries {
		if e.Type().IsRegular() && databaseNames.MatchString(e.Name()) && !strings.HasSuffix(e.Name(), asideSuffix) {
			paths = append(paths, filepath.Join(f.dir, e.Name()))
		}
	}
	return paths
}

// setDamagedAside renames the databases that can't be read.
func (f *files) setDamagedAside(ctx context.Context) {
	paths := f.databases()
	if len(paths) == 0 {
		return
	}
	damaged, err := f.check(ctx, paths)
	if err != nil {
		f.log.Warn("Queues on disk could not be looked at before they are opened", zap.Error(err))
	}
	for path, reason := range damaged {
		to := aside(path)
		if err := os.Rename(path, to); err != nil {
			f.log.Error("A queue on disk is damaged and could not be set aside", zap.String("file", path), zap.String("damage", reason), zap.Error(err))
			continue
		}
		f.log.Error("A queue on disk is damaged and was set aside: what it held is not sent",
			zap.String("file", path), zap.String("set_aside", to), zap.String("damage", reason))
	}
}
