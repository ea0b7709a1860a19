package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
)

// usage is all the help there is.
const usage = `updraft: OpenTelemetry for Go on AWS, and AWS on a laptop

usage:
  updraft demo  [--listen ADDR] [--listen-udp ADDR] [--for TIME] [--no-browser] [--data DIR] [--rate N]
                run a complete application against a local AWS and open its console
  updraft local [--listen ADDR] [--listen-udp ADDR] [--data DIR] [--no-auth]
                run the local AWS alone, for an application in any language
  updraft agent [--config FILE]... [FLAGS OF A COLLECTOR]
                run the agent, an OpenTelemetry Collector; updraft agent --help has its flags
  updraft agent --watch[=URL] [--for TIME]
                show in the terminal how a running agent, or any collector, does
  updraft version
  updraft help

flags:
  --listen ADDR      host and port of the local AWS and its console (127.0.0.1:4580); port 0 is a free one
  --listen-udp ADDR  where it takes what is sent to the X-Ray daemon, by UDP and TCP (local: 127.0.0.1:2000; demo: off)
  --data DIR         keep what arrives in this directory; without it, in memory
  --no-auth          accept requests without a valid signature
  --for TIME         stop after this time, e.g. 20s; without it, at Ctrl-C
  --rate N           requests a second that the demo's customers make (10)
  --no-browser       print the console's address and leave the browser alone

examples:
  updraft demo                               the whole tour; stop it with Ctrl-C
  updraft demo --for 20s --no-browser        what a script runs: fails if a signal does not arrive
  updraft local --data ~/.local/share/updraft
  aws --endpoint-url http://127.0.0.1:4580 logs describe-log-groups
                                             with the variables that updraft local prints
`

// errUsage is in the chain of every error about how updraft was called.
var errUsage = errors.New("usage")

// A hintError is an error that ends with what to do.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

func withHint(err error, hint string) error { return &hintError{err, hint} }

// badUsage is an error text that is an errUsage.
type badUsage string

func (e badUsage) Error() string      { return string(e) }
func (badUsage) Is(target error) bool { return target == errUsage }

func usageError(text, hint string) error { return withHint(badUsage(text), hint) }

// errHelp says that help was asked for, and given.
var errHelp = errors.New("help")

// parse reads flags that stand alone, as all of updraft's do.
func parse(fs *flag.FlagSet, args []string, std stdio) error {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(std.out, usage)
		return errHelp
	case err != nil:
		return usageError(fs.Name()+": "+err.Error(), "the flags of "+fs.Name()+" are "+flagNames(fs)+"; updraft help explains them")
	case fs.NArg() > 0:
		return usageError(fmt.Sprintf("%s: unexpected argument %q", fs.Name(), fs.Arg(0)), "updraft help shows what it takes")
	}
	return nil
}

func flagNames(fs *flag.FlagSet) string {
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	slices.Sort(names)
	return strings.Join(names, " ")
}

// checkListen refuses what net.Listen would take and not mean.
func checkListen(flag, addr string) error {
	const hint = "an address is HOST:PORT, e.g. 127.0.0.1:4580, or 127.0.0.1:0 for a free port"
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return usageError(fmt.Sprintf("--%s %q: %v", flag, addr, err), hint)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return usageError(fmt.Sprintf("--%s %q: port %q is not a number from 0 to 65535", flag, addr, port), hint)
	}
	return nil
}
