// Command build bundles the console's sources into console/dist. It runs in the
// folder of the localaws module and wants the npm packages installed there:
//
//	(cd console && npm ci) && go run ./console/build
//
// With -check it writes nothing and fails if dist is not what the sources say.
// It fails, too, when what a browser loads first is over the size budget.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const (
	consoleDir = "console"
	howTo      = "(cd localaws/console && npm ci) && (cd localaws && go run ./console/build), then commit localaws/console/dist"
)

func main() {
	check := flag.Bool("check", false, "write nothing, fail if console/dist is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintf(os.Stderr, "console/build: %v\n", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	files, err := bundle(consoleDir)
	if err != nil {
		return err
	}
	size, err := initialSize(files)
	if err != nil {
		return err
	}
	fmt.Printf("console: %d files, %.1f of %d KB gzip before the first page\n", len(files), float64(size)/1024, budget>>10)
	if size > budget {
		return fmt.Errorf("the console's first load is %d bytes gzip, over the budget of %d; load what one page alone needs with import()", size, budget)
	}
	dist := filepath.Join(consoleDir, "dist")
	if check {
		return compare(dist, files)
	}
	return write(dist, files)
}

// compare fails if a folder holds anything but files.
func compare(dir string, files map[string][]byte) error {
	have, err := read(dir)
	if err != nil {
		return err
	}
	var wrong []string
	for name, content := range files {
		if old, ok := have[name]; !ok || string(old) != string(content) {
			wrong = append(wrong, name)
		}
	}
	for name := range have {
		if _, ok := files[name]; !ok {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	return fmt.Errorf("%s is stale: %q differ from what the sources give; run %s", dir, wrong, howTo)
}

func read(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	return files, err
}

// write makes a folder hold files and nothing else.
func write(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	have, err := read(dir)
	if err != nil {
		return err
	}
	for name := range have {
		if _, ok := files[name]; !ok {
			err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
		}
	}
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	return err
}
