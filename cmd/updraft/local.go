package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"

	"github.com/updraft-otel/updraft/localaws"
)

// udpOff is what --listen-udp takes for no address.
const udpOff = "off"

func localCommand(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("local", flag.ContinueOnError)
	cfg := localaws.Config{Logger: slog.New(slog.NewTextHandler(std.err, nil))}
	fs.StringVar(&cfg.Listen, "listen", localaws.DefaultListen, "")
	fs.StringVar(&cfg.ListenUDP, "listen-udp", localaws.DefaultListenUDP, "")
	fs.StringVar(&cfg.DataDir, "data", "", "")
	fs.BoolVar(&cfg.NoAuth, "no-auth", false, "")
	if err := parse(fs, args, std); err != nil {
		return ignoreHelp(err)
	}
	srv, err := startLocal(ctx, cfg, std.err)
	if errors.Is(err, localaws.ErrDaemonAddress) && errors.Is(err, syscall.EADDRINUSE) && !given(fs, "listen-udp") {
		fmt.Fprintf(std.err, "note: %s is in use, by an X-Ray daemon or another updraft: segments sent there are not seen here; --listen-udp ADDR takes another address\n", cfg.ListenUDP)
		cfg.ListenUDP = ""
		srv, err = startLocal(ctx, cfg, std.err)
	}
	if err != nil {
		return err
	}
	printLocal(std.out, srv, cfg)
	<-ctx.Done()
	return srv.Close()
}

// given tells whether a flag was on the command line.
func given(fs *flag.FlagSet, name string) bool {
	found := false
	fs.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// ignoreHelp is nil where help was asked for: it has been printed.
func ignoreHelp(err error) error {
	if errors.Is(err, errHelp) {
		return nil
	}
	return err
}

// startLocal starts the local AWS. The server outlives ctx: the caller closes
// it when the last telemetry is in.
func startLocal(ctx context.Context, cfg localaws.Config, stderr io.Writer) (*localaws.Server, error) {
	if err := checkListen("listen", cfg.Listen); err != nil {
		return nil, err
	}
	if cfg.ListenUDP == udpOff {
		cfg.ListenUDP = ""
	}
	if cfg.ListenUDP != "" {
		if err := checkListen("listen-udp", cfg.ListenUDP); err != nil {
			return nil, err
		}
	}
	srv, err := localaws.Start(context.WithoutCancel(ctx), cfg)
	switch {
	case err == nil:
		noteReachable(stderr, cfg.Listen)
		noteReachable(stderr, cfg.ListenUDP)
		return srv, nil
	case errors.Is(err, localaws.ErrDaemonAddress):
		const hint = "--listen-udp off goes without what is sent to the X-Ray daemon, --listen-udp 127.0.0.1:0 takes a free port"
		return nil, withHint(err, hint)
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, withHint(fmt.Errorf("%s is in use", cfg.Listen),
			"is another updraft running? stop it, or take a free port with --listen 127.0.0.1:0")
	case cfg.DataDir != "":
		return nil, withHint(err, fmt.Sprintf("%s must be writable, and only one process may use it at a time", cfg.DataDir))
	}
	return nil, withHint(err, "another address can be given with --listen")
}

// noteReachable says that an address is open to other machines.
func noteReachable(stderr io.Writer, addr string) {
	if host, _, err := net.SplitHostPort(addr); err == nil && !isLoopback(host) {
		fmt.Fprintf(stderr, "note: %s can be reached from other machines; what it takes, they can read\n", addr)
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func printLocal(w io.Writer, srv *localaws.Server, cfg localaws.Config) {
	fmt.Fprintf(w, `Local AWS: X-Ray, CloudWatch Logs and CloudWatch

  console  %s
  daemon   %s
  data     %s

For an application in any language, copy this into its shell:

  unset AWS_PROFILE AWS_SESSION_TOKEN
`, consoleURL(srv), daemonText(srv), dataText(cfg.DataDir))
	for _, pair := range srv.Env() {
		fmt.Fprintf(w, "  export %s\n", pair)
	}
	fmt.Fprintf(w, `
The AWS CLI, in the same shell:

  aws --endpoint-url %[1]s xray get-service-graph --start-time $(($(date +%%s)-600)) --end-time $(date +%%s)
  aws --endpoint-url %[1]s logs describe-log-groups
  aws --endpoint-url %[1]s cloudwatch list-metrics

Ctrl-C stops it.
`, srv.URL())
}

func consoleURL(srv *localaws.Server) string {
	return strings.TrimSuffix(srv.URL(), "/") + "/console/"
}

func daemonText(srv *localaws.Server) string {
	if addr := srv.UDPAddr(); addr != "" {
		return addr + ", as the X-Ray daemon: segments by UDP, sampling rules by TCP"
	}
	return "off; --listen-udp ADDR takes what is sent to the X-Ray daemon"
}

func dataText(dir string) string {
	if dir == "" {
		return "in memory; --data DIR keeps it across restarts"
	}
	return "kept in " + dir
}
