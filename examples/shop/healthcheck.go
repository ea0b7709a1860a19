package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// healthTime is less than a container's health check may take.
const healthTime = 2 * time.Second

// healthcheck asks the web service whether it is well: an image without a shell
// has nothing else that could.
func healthcheck(ctx context.Context) error {
	host, port := "127.0.0.1", "8080"
	if listen := os.Getenv("SHOP_WEB_LISTEN"); listen != "" {
		_, p, err := net.SplitHostPort(listen)
		if err != nil {
			return fmt.Errorf("SHOP_WEB_LISTEN: %w", err)
		}
		port = p
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/health", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answers %s", resp.Status)
	}
	return nil
}
