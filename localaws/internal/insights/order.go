package insights

import (
	"cmp"
	"strings"
)

// naturalOrder is the order of sort, as AWS describes it: what is no number
// before all numbers; texts by chunks, of which runs of digits compare by length
// and then as numbers, and everything else by Unicode. Missing values are first.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
func naturalOrder(a, b value) int {
	if a.kind == null || b.kind == null {
		return cmp.Compare(min(a.kind, 1), min(b.kind, 1))
	}
	x, ok := a.num()
	y, ok2 := b.num()
	switch {
	case ok && ok2:
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
		return cmp.Compare(a.s, b.s) // 0 before 01
	case ok:
		return 1
	case ok2:
		return -1
	}
	return compareChunks(a.String(), b.String())
}

func compareChunks(a, b string) int {
	for a != "" && b != "" {
		x, y := chunk(a), chunk(b)
		if c := compareChunk(x, y); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return cmp.Compare(len(a), len(b))
}

func compareChunk(x, y string) int {
	if isDigit(x[0]) && isDigit(y[0]) {
		if c := cmp.Compare(len(x), len(y)); c != 0 {
			return c
		}
	}
	return strings.Compare(x, y)
}

// chunk is the run of digits, or of other characters, that s begins with.
func chunk(s string) string {
	n := 1
	for n < len(s) && isDigit(s[n]) == isDigit(s[0]) {
		n++
	}
	return s[:n]
}
