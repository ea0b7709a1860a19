package resident

import (
	"os"
	"strings"
	"testing"
)

const smaps = `00400000-02c5e000 r-xp 00000000 fe:00 1234                               /usr/bin/up draft
Size:              41336 kB
Rss:               28840 kB
Anonymous:             0 kB
02c5e000-05aee000 r--p 0285e000 fe:00 1234                               /usr/bin/up draft
Rss:               32632 kB
Anonymous:             4 kB
05aee000-05c94000 rw-p 056ee000 fe:00 1234                               /usr/bin/up draft
Rss:                 976 kB
Anonymous:             0 kB
05c94000-05e94000 r--s 00000000 fe:00 1234                               /usr/bin/up draft
Anonymous:             0 kB
324af1400000-324af2400000 rw-p 00000000 00:00 0
Anonymous:          7744 kB
7f0000000000-7f0000001000 r--p 00000000 fe:00 99                         /lib/other.so
Anonymous:             0 kB
7f0000002000-7f0000003000 r--p 00000000 fe:00 1234                       /usr/bin/up draft
Anonymous:             0 kB
VmFlags: rd mr mw me
`

// TestMappings takes what is the program's file and was never written; the part that a debugger or a loader wrote to stays.
func TestMappings(t *testing.T) {
	got, err := mappings(strings.NewReader(smaps), "/usr/bin/up draft")
	if err != nil {
		t.Fatal(err)
	}
	want := []mapping{{0x400000, 0x2c5e000}, {0x7f0000002000, 0x7f0000003000}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%x, want %x", got, want)
	}
}

func TestMappings_strange(t *testing.T) {
	for _, text := range []string{"", "x", "zz-1 r-xp 0 0 0 f\nAnonymous: 0 kB", "2-1 r-xp 0 0 0 f\nAnonymous: 0", "Anonymous: 0 kB"} {
		if got, err := mappings(strings.NewReader(text), "f"); err != nil || len(got) != 0 {
			t.Errorf("%q: %x, %v", text, got, err)
		}
	}
}

// TestRelease runs on after it has let go of its own code, with less of it in memory.
func TestRelease(t *testing.T) {
	before := resident(t)
	if err := Release(); err != nil {
		t.Fatal(err)
	}
	if after := resident(t); after >= before {
		t.Errorf("%d pages of files before, %d after", before, after)
	}
}

// resident is the number of resident pages of files.
// https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
func resident(t *testing.T) (pages int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Fields(string(text))[2] {
		pages = 10*pages + int(c-'0')
	}
	return pages
}
