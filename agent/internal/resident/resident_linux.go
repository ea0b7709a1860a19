package resident

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// release tells the kernel that the pages of the program's own file are not needed at present.
func release() error {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return err
	}
	defer f.Close()
	unwritten, err := mappings(f, exe)
	if err != nil {
		return err
	}
	for _, m := range unwritten {
		if _, _, errno := syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED); errno != 0 {
			return fmt.Errorf("madvise: %w", errno)
		}
	}
	return nil
}

// A mapping is a part of the address space.
type mapping struct{ from, to uintptr }

// mappings reads, in the form of /proc/PID/smaps, those of a file that can't be written and never were: what is in them
// is what is in the file. A program that was relocated when it was loaded, or has a debugger's breakpoints, has pages of
// its own in them, which must stay.
// https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html
func mappings(smaps io.Reader, file string) ([]mapping, error) {
	var all []mapping
	var m mapping
	ours := false
	for lines := bufio.NewScanner(smaps); ; {
		if !lines.Scan() {
			return all, lines.Err()
		}
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) >= 6 && strings.Contains(fields[0], "-"):
			m, ours = parse(fields[0]), strings.HasPrefix(fields[1], "r-") && strings.HasSuffix(fields[1], "p") && strings.Join(fields[5:], " ") == file
		case len(fields) >= 2 && fields[0] == "Anonymous:" && ours && fields[1] == "0" && m.to > m.from:
			all = append(all, m)
		}
	}
}

// parse reads a range of addresses.
func parse(text string) (m mapping) {
	from, to, _ := strings.Cut(text, "-")
	low, err1 := strconv.ParseUint(from, 16, strconv.IntSize)
	high, err2 := strconv.ParseUint(to, 16, strconv.IntSize)
	if err1 != nil || err2 != nil {
		return mapping{}
	}
	return mapping{uintptr(low), uintptr(high)}
}
