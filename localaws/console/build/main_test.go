package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	dir := t.TempDir()
	put := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stale := func(files map[string][]byte, want string) {
		t.Helper()
		err := compare(dir, files)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), howTo) {
			t.Errorf("compare = %v; want an error that names %q and says what to do", err, want)
		}
	}

	files := map[string][]byte{"index.html": []byte("page"), "main.js": []byte("code")}
	put("index.html", "page")
	stale(files, "main.js")
	put("main.js", "old code")
	stale(files, "main.js")
	put("main.js", "code")
	if err := compare(dir, files); err != nil {
		t.Errorf("compare of equal files = %v", err)
	}
	put("left.js", "left over")
	stale(files, "left.js")

	if err := write(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := compare(dir, files); err != nil {
		t.Errorf("compare after write = %v", err)
	}
}

func TestInitialSize_lazyFilesAreFree(t *testing.T) {
	files := map[string][]byte{
		indexPage: []byte(`<link href="main.css"><script src="main.js">`),
		"main.js": []byte("code"), "main.css": []byte("style"), "map.js": []byte("later"),
	}
	with, err := initialSize(files)
	if err != nil {
		t.Fatal(err)
	}
	delete(files, "map.js")
	without, err := initialSize(files)
	if err != nil || with != without || with == 0 {
		t.Errorf("initialSize = %d with a file that no page names, %d without (%v)", with, without, err)
	}
}

func TestPackageOf(t *testing.T) {
	f := func(input, want string) {
		t.Helper()
		if got := packageOf(input); got != want {
			t.Errorf("packageOf(%q) = %q; want %q", input, got, want)
		}
	}
	f("src/main.tsx", "")
	f("node_modules/preact/dist/preact.mjs", "preact")
	f("node_modules/@preact/signals/dist/signals.mjs", "@preact/signals")
	f("node_modules/a/node_modules/@b/c/index.js", "@b/c")
}
