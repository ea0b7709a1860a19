package agent

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// defaultHealthPort is the health_check extension's.
const defaultHealthPort = 13133

// healthTimeout is under what ECS gives a health check by default, 5 s, so that the reason is still told.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
const healthTimeout = 4 * time.Second

// healthCheck asks the health_check extension of an agent on this machine. It takes the flags of the AWS Distro's
// program of that name.
func healthCheck(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("healthcheck", flag.ContinueOnError)
	flags.SetOutput(stdout)
	port := flags.Int("port", defaultHealthPort, "port of the health_check extension")
	host := flags.String("host", "127.0.0.1", "its host, where it does not listen on loopback")
	path := flags.String("path", "/", "its path")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return fmt.Errorf("healthcheck: %w", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("healthcheck: unexpected argument %q; it takes --port, --host and --path", flags.Arg(0))
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := "http://" + net.JoinHostPort(*host, strconv.Itoa(*port)) + *path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	client := http.Client{Transport: &http.Transport{}} // no proxy between here and this machine
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("healthcheck: %w; is the health_check extension among service.extensions, and on this address?", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: %s answers %s", url, resp.Status)
	}
	return nil
}
