package main

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
)

// wantsBrowser tells whether someone is there to see a browser.
func wantsBrowser(system string, getenv func(string) string) bool {
	if getenv("CI") != "" {
		return false
	}
	if system == "linux" {
		return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
	}
	return true
}

// openBrowser shows url. It does not wait for the browser to end.
func openBrowser(url string) error {
	program, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		program = "open"
	case "windows":
		program, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return errors.New("no browser found: " + program + " is missing")
	}
	cmd := exec.Command(path, args...) //nolint:gosec // a fixed program, shown our own address
	cmd.Env = os.Environ()
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
