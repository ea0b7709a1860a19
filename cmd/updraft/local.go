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

func localCommand(ctx context.Context, args []string, std stdio) error {
	fs := flag.NewFlagSet("local", flag.ContinueOnError)
	cfg := localaws.Config{Logger: slog.New(slog.NewTextHandler(std.err, nil))}
	fs.StringVar(&cfg.Listen, "listen", localaws.DefaultListen, "")
	fs.StringVar(&cfg.DataDir, "data", "", "")
	fs.BoolVar(&cfg.NoAuth, "no-auth", false, "")
	if err := parse(fs, args, std); err != nil {
		return ignoreHelp(err)
	}
	srv, err := startLocal(ctx, cfg, std.err)
	if err != nil {
		return err
	}
	printLocal(std.out, srv, cfg)
	<-ctx.Done()
	return srv.Close()
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
	if err := checkListen(cfg.Listen); err != nil {
		return nil, err
	}
	if host, _, _ := net.SplitHostPort(cfg.Listen); !isLoopback(host) {
		fmt.Fprintf(stderr, "note: %s can be reached from other machines; what it takes, they can read\n", cfg.Listen)
	}
	srv, err := localaws.Start(context.WithoutCancel(ctx), cfg)
	switch {
	case err == nil:
		return srv, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, withHint(fmt.Errorf("%s is in use", cfg.Listen),
			"is another updraft running? stop it, or take a free port with --listen 127.0.0.1:0")
	case cfg.DataDir != "":
		return nil, withHint(err, fmt.Sprintf("%s must be writable, and only one process may use it at a time", cfg.DataDir))
	}
	return nil, withHint(err, "another address can be given with --listen")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func printLocal(w io.Writer, srv *localaws.Server, cfg localaws.Config) {
	fmt.Fprintf(w, `Local AWS: X-Ray, CloudWatch Logs and CloudWatch

  console  %s
  data     %s

For an application in any language, copy this into its shell:

  unset AWS_PROFILE AWS_SESSION_TOKEN
`, consoleURL(srv), dataText(cfg.DataDir))
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

func dataText(dir string) string {
	if dir == "" {
		return "in memory; --data DIR keeps it across restarts"
	}
	return "kept in " + dir
}
