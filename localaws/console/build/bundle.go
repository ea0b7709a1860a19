package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// budget is how many bytes, gzip, a browser may load before it shows a page:
// the start must not be felt, not even on a slow laptop.
const budget = 75 << 10

const indexPage = "index.html"

// bundle makes all files of dist from the sources in a folder.
func bundle(dir string) (map[string][]byte, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		return nil, fmt.Errorf("the npm packages are not installed: %s", howTo)
	}
	result := api.Build(options(dir))
	if len(result.Errors) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	files := map[string][]byte{}
	for _, out := range result.OutputFiles {
		files[filepath.Base(out.Path)] = out.Contents
	}
	var meta metafile
	if err := json.Unmarshal([]byte(result.Metafile), &meta); err != nil {
		return nil, err
	}
	if files[indexPage], err = index(dir, meta); err != nil {
		return nil, err
	}
	if files["NOTICES.txt"], err = notices(dir, meta); err != nil {
		return nil, err
	}
	return files, nil
}

func options(dir string) api.BuildOptions {
	return api.BuildOptions{
		AbsWorkingDir:     dir,
		EntryPoints:       []string{"src/main.tsx"},
		EntryNames:        "[name]-[hash]",
		ChunkNames:        "[name]-[hash]",
		Outdir:            "dist",
		Bundle:            true,
		Splitting:         true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		JSX:               api.JSXAutomatic,
		JSXImportSource:   "preact",
		MinifySyntax:      true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		LegalComments:     api.LegalCommentsNone, // NOTICES.txt has them
		Charset:           api.CharsetUTF8,
		Metafile:          true,
	}
}

// A metafile is what esbuild tells about a bundle, as far as it is used here.
type metafile struct {
	Outputs map[string]struct {
		EntryPoint string
		CSSBundle  string
		Inputs     map[string]struct{ BytesInOutput int }
		Imports    []struct{ Path, Kind string }
	}
}

// index is the page with the names of the bundle's files filled in.
func index(dir string, meta metafile) ([]byte, error) {
	page, err := os.ReadFile(filepath.Join(dir, "src", indexPage))
	if err != nil {
		return nil, err
	}
	for path, out := range meta.Outputs {
		if out.EntryPoint != "src/main.tsx" {
			continue
		}
		var preload strings.Builder
		for _, name := range staticImports(meta, path) {
			fmt.Fprintf(&preload, "<link rel=\"modulepreload\" href=\"%s\">\n", filepath.Base(name))
		}
		return []byte(strings.NewReplacer(
			"{{script}}", filepath.Base(path),
			"{{style}}", filepath.Base(out.CSSBundle),
			"{{preload}}\n", preload.String(),
		).Replace(string(page))), nil
	}
	return nil, errors.New("the bundle has no entry point src/main.tsx")
}

// staticImports is what a file of the bundle needs before it can run, in the
// order in which it asks for it.
func staticImports(meta metafile, path string) []string {
	var list []string
	seen := map[string]bool{path: true}
	for queue := []string{path}; len(queue) > 0; queue = queue[1:] {
		for _, im := range meta.Outputs[queue[0]].Imports {
			if im.Kind == "import-statement" && !seen[im.Path] {
				seen[im.Path] = true
				list = append(list, im.Path)
				queue = append(queue, im.Path)
			}
		}
	}
	return list
}

// initialSize is what index.html names, gzip: all that a first visit loads.
func initialSize(files map[string][]byte) (int, error) {
	total := 0
	for name, content := range files {
		isCode := strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".css")
		if !isCode || !bytes.Contains(files[indexPage], []byte(name)) {
			continue
		}
		n, err := gzipSize(content)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

func gzipSize(content []byte) (int, error) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(content); err != nil {
		return 0, err
	}
	err = w.Close()
	return buf.Len(), err
}
