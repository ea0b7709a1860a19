package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/updraft-otel/updraft"
)

// shop is the demo's application: two services, each a process.
type shop struct {
	inventory, web *process
	url            string // of the web service
}

// startShop starts the services with aws, the variables that lead to the local
// AWS, and returns when both answer.
func startShop(ctx context.Context, aws []string, stderr *lineWriter) (*shop, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	env := serviceEnv(os.Environ(), aws)
	s := &shop{}
	start := func(name string, args ...string) (*process, string, error) {
		p, err := startProcess(name, self, append([]string{serviceCommandName, "--name", name}, args...), env, stderr)
		if err != nil {
			return nil, "", err
		}
		url, err := p.waitReady(ctx)
		return p, url, err
	}
	var inventoryURL string
	if s.inventory, inventoryURL, err = start("inventory"); err == nil {
		s.web, s.url, err = start("web", "--inventory", inventoryURL)
	}
	if err != nil {
		_, _ = s.stop()
		return nil, err
	}
	return s, nil
}

// serviceEnv is our environment without what would lead telemetry elsewhere,
// and with what makes it appear soon.
func serviceEnv(environ, aws []string) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		return strings.HasPrefix(pair, "AWS_") || strings.HasPrefix(pair, "OTEL_")
	})
	env = append(env, aws...)
	return append(env,
		"AWS_CONFIG_FILE="+os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"OTEL_METRIC_EXPORT_INTERVAL=5000",
		"OTEL_TRACES_SAMPLER=xray", // by the rules that the demo makes
		"OTEL_TRACES_SAMPLER=xray", // the rules of createRules
		"OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=demo",
	)
}

// stop ends the services, callers first, and returns their reports.
func (s *shop) stop() ([]updraft.Report, error) {
	var reports []updraft.Report
	var errs []error
	for _, p := range []*process{s.web, s.inventory} {
		if p == nil {
			continue
		}
		r, err := p.stop()
		reports, errs = append(reports, r), append(errs, err)
	}
	return reports, errors.Join(errs...)
}
