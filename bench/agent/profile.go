package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// profiles is an address for a program's profiles, "" where none are wanted.
func (o options) profiles(who subject) string {
	if o.profile == "" || who.contrib {
		return ""
	}
	return freeAddr()
}

// pprofExtension is what a configuration says to have profiles at addr, if there is one.
func pprofExtension(addr string) (settings, name string) {
	if addr == "" {
		return "", ""
	}
	return fmt.Sprintf(", pprof: {endpoint: %q}", addr), ", pprof"
}

// startProfile has a process at addr write its CPU profile of the next seconds, and then that of its allocations, into a
// folder. The channel has what came of it. Nothing is taken without an address.
func startProfile(ctx context.Context, addr, folder string, length time.Duration) <-chan error {
	done := make(chan error, 1)
	if addr == "" {
		done <- nil
		return done
	}
	go func() {
		seconds := max(1, int(length.Seconds()))
		err := download(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", addr, seconds), filepath.Join(folder, "cpu.pprof"))
		if err == nil {
			err = download(ctx, "http://"+addr+"/debug/pprof/allocs", filepath.Join(folder, "allocs.pprof"))
		}
		done <- err
	}()
	return done
}

func download(ctx context.Context, url, path string) error {
	text, err := get(ctx, url)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(resp.Body)
}

func indexOf(text []byte, what string) int { return bytes.Index(text, []byte(what)) }
