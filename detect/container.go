package detect

import (
	"io/fs"
	"regexp"
)

// idPlaces are where a container's id stands: in the path of its control group where it sees it, and else in the paths of
// what its runtime mounts into it.
// https://man7.org/linux/man-pages/man7/cgroups.7.html
var idPlaces = [...]struct {
	path string
	id   *regexp.Regexp
}{
	{"proc/self/cgroup", regexp.MustCompile(`(?m)[/-]([0-9a-f]{64})(?:\.scope)?$`)},
	{"proc/self/mountinfo", regexp.MustCompile(`containers/([0-9a-f]{64})/`)},
}

// containerID is "" outside of containers, and where the runtime does not show it.
func containerID(files fs.FS) string {
	for _, place := range idPlaces {
		text, err := fs.ReadFile(files, place.path)
		if err != nil {
			continue
		}
		if found := place.id.FindSubmatch(text); found != nil {
			return string(found[1])
		}
	}
	return ""
}
