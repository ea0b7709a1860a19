package metrics

import (
	"hash/fnv"
	"strconv"
	"strings"
)

const upperHex = "0123456789ABCDEF"

// CleanName makes s fit to be the name of a metric or of a dimension: bytes
// outside printable ASCII and a colon at the beginning are written as "%" and
// two hexadecimal digits, so that different names stay different. What is
// longer than 255 bytes is cut and ends with "~" and a hash of the whole.
// A name without any visible character becomes empty: there is none.
func CleanName(s string) string { return clean(s, MaxNameBytes, true) }

// CleanValue makes s fit to be the value of a dimension, by the same rule; a
// value may have 1024 bytes and begin with a colon.
func CleanValue(s string) string { return clean(s, MaxDimensionValueBytes, false) }

// CleanNamespace makes s fit to be a namespace: what is no ASCII letter or
// digit and none of ".-_/#: " becomes "_", as do a colon at the beginning and
// the slash of "AWS/", which is AWS's own. Space around it is taken away, and
// what is too long is cut.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Namespace
func CleanNamespace(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		case r < 0x80 && strings.ContainsRune(".-_/#: ", r):
			return r
		}
		return '_'
	}, strings.TrimSpace(s))
	if strings.HasPrefix(s, ":") {
		s = "_" + s[1:]
	}
	if strings.HasPrefix(s, "AWS/") {
		s = "AWS_" + s[len("AWS/"):]
	}
	return s[:min(len(s), MaxNamespaceBytes)]
}

func clean(s string, limit int, name bool) string {
	if fits(s, limit, name) {
		return s
	}
	if strings.TrimSpace(s) == "" {
		return ""
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; printable(c) && (!name || i > 0 || c != ':') {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return shorten(b.String(), s, limit)
}

// fits says whether s may stay as it is, which is the usual case.
func fits(s string, limit int, name bool) bool {
	if len(s) > limit || name && strings.HasPrefix(s, ":") {
		return false
	}
	visible := false
	for i := range len(s) {
		if !printable(s[i]) {
			return false
		}
		visible = visible || s[i] != ' '
	}
	return visible || s == ""
}

func printable(c byte) bool { return ' ' <= c && c <= '~' }

// shorten cuts s to limit, with a hash of the original at its end, so that
// long texts with one beginning remain different.
func shorten(s, original string, limit int) string {
	if len(s) <= limit {
		return s
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(original))
	end := "~" + strconv.FormatUint(uint64(hash.Sum32())|1<<32, 16)[1:]
	return s[:limit-len(end)] + end
}
