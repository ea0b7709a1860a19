package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A manifest is what a package.json tells, as far as it is used here.
type manifest struct {
	Name, Version, License string
	Dependencies           map[string]string
}

// notices is the text of the licences of every npm package of which something
// is in the bundle, and of what those packages were made with: some come with
// their dependencies built in.
func notices(dir string, meta metafile) ([]byte, error) {
	packages := map[string]manifest{}
	for _, out := range meta.Outputs {
		for input := range out.Inputs {
			if err := addPackage(packages, dir, packageOf(input)); err != nil {
				return nil, err
			}
		}
	}
	var text bytes.Buffer
	fmt.Fprintln(&text, "The console contains the following software.")
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		if err := appendNotice(&text, filepath.Join(dir, "node_modules", name), packages[name]); err != nil {
			return nil, fmt.Errorf("licence of %s: %w", name, err)
		}
	}
	return text.Bytes(), nil
}

// addPackage adds a package and its dependencies.
func addPackage(packages map[string]manifest, dir, name string) error {
	if _, known := packages[name]; known || name == "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "node_modules", name, "package.json"))
	if err != nil {
		return err
	}
	var about manifest
	if err := json.Unmarshal(text, &about); err != nil {
		return fmt.Errorf("package.json of %s: %w", name, err)
	}
	packages[name] = about
	for dependency := range about.Dependencies {
		if err := addPackage(packages, dir, dependency); err != nil {
			return err
		}
	}
	return nil
}

// packageOf is the npm package that a file belongs to, "" for one of ours.
func packageOf(input string) string {
	i := strings.LastIndex(input, "node_modules/")
	if i < 0 {
		return ""
	}
	parts := strings.SplitN(input[i+len("node_modules/"):], "/", 3)
	if strings.HasPrefix(parts[0], "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func appendNotice(text *bytes.Buffer, dir string, about manifest) error {
	if about.License == "" {
		return errors.New("its package.json names none")
	}
	found, err := filepath.Glob(filepath.Join(dir, "LICENSE*"))
	if err != nil || len(found) == 0 {
		return fmt.Errorf("no file LICENSE* (package.json says %s)", about.License)
	}
	licence, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(text, "\n%s\n%s %s (%s)\n\n%s\n", strings.Repeat("-", 78),
		about.Name, about.Version, about.License, bytes.TrimSpace(bytes.ReplaceAll(licence, []byte("\r\n"), []byte("\n"))))
	return nil
}
