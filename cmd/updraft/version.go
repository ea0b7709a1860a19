package main

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

func versionCommand(args []string, std stdio) error {
	if err := parse(flag.NewFlagSet("version", flag.ContinueOnError), args, std); err != nil {
		return ignoreHelp(err)
	}
	fmt.Fprintf(std.out, "updraft %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version is what the go command stamped into the binary: the tag, or a
// version made of the commit's time and id, with +dirty where files differ.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
