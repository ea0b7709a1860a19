package xray

import (
	"net"
	"strings"
)

// withoutPassword takes what proves who calls out of a URL or a connection
// string: a user and password before the host, and parameters that are
// passwords. It reads no more of it than that, so that a text that is no URL
// loses them too.
func withoutPassword(address string) string {
	return withoutPasswordParameter(withoutUser(address))
}

func withoutUser(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	host := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host = rest[:end]
	}
	at := strings.LastIndexByte(host, '@')
	if at < 0 {
		return address
	}
	return address[:len(address)-len(rest)] + rest[at+1:]
}

// withoutPasswordParameter takes out parameters like "Password=x;" and "&pwd=x".
func withoutPasswordParameter(address string) string {
	for from := 0; ; {
		equals := strings.IndexByte(address[from:], '=')
		if equals < 0 {
			return address
		}
		equals += from
		start := strings.LastIndexAny(address[:equals], "?&; ") + 1
		from = equals + 1
		if !isPasswordKey(address[start:equals]) {
			continue
		}
		end := strings.IndexAny(address[from:], "&; ")
		if end < 0 {
			return strings.TrimRight(address[:start], "?&; ")
		}
		address, from = address[:start]+address[from+end+1:], start
	}
}

func isPasswordKey(key string) bool {
	return strings.EqualFold(key, "password") || strings.EqualFold(key, "pwd")
}

// hostOf is the host of a URL, or of a host with or without a port; an IPv6
// address has no brackets any more.
func hostOf(address string) string {
	if _, rest, found := strings.Cut(withoutUser(address), "://"); found {
		address = rest
	}
	if end := strings.IndexAny(address, "/?#"); end >= 0 {
		address = address[:end]
	}
	if !strings.ContainsAny(address, ":[]") {
		return address // as most are; SplitHostPort would make an error of it
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
}

// bracketed is a host as it stands before a port.
func bracketed(host string) string {
	if strings.Count(host, ":") > 1 && host[0] != '[' {
		return "[" + host + "]"
	}
	return host
}
