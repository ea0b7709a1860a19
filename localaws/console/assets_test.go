package console

import (
	"io/fs"
	"regexp"
	"testing"
)

// TestAssets_complete holds that the committed page names only files that are
// committed with it, and that the licences of what it ships are there.
func TestAssets_complete(t *testing.T) {
	page, err := fs.ReadFile(Assets(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?:src|href)="([^":]+)"`).FindAllSubmatch(page, -1)
	if len(names) < 2 {
		t.Fatalf("index.html names %d files; want a script and a style sheet: %s", len(names), page)
	}
	for _, name := range append(names, [][]byte{nil, []byte("NOTICES.txt")}) {
		if info, err := fs.Stat(Assets(), string(name[1])); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name[1], err)
		}
	}
}
