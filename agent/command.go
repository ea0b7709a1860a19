package agent

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/httpprovider"
	"go.opentelemetry.io/collector/confmap/provider/httpsprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/updraft-otel/updraft/agent/extension/filestorage"
	"github.com/updraft-otel/updraft/agent/internal/formerly"
	"github.com/updraft-otel/updraft/agent/internal/procs"
	"github.com/updraft-otel/updraft/agent/internal/resident"
	"github.com/updraft-otel/updraft/agent/internal/storagecheck"
	"github.com/updraft-otel/updraft/agent/internal/uncopiedconverter"
	"github.com/updraft-otel/updraft/agent/internal/verbatimconverter"
	"github.com/updraft-otel/updraft/agent/internal/watch"
)

// Version is what the agent says it is, in its telemetry and in the User-Agent of its calls.
const Version = "0.1.0"

// command is the program's name.
const command = "updraft-agent"

// settled is when the start is over for sure, and what it used is given back.
const settled = 2 * time.Second

// envConfig is a variable that holds a whole configuration, as in the AWS Distro for OpenTelemetry. It counts instead of
// --config, as there: an image's own command has a --config already. There it counts instead of --set too, and an empty
// one is a configuration that can't start; here --set is laid over it, and an empty one is as good as none.
// https://aws-otel.github.io/docs/setup/ecs/config-through-ssm
// https://github.com/aws-observability/aws-otel-collector/blob/v0.49.0/pkg/config/config_factory.go
const envConfig = "AOT_CONFIG_CONTENT"

// withConfig are the subcommands that read a configuration; "" is the agent itself.
var withConfig = []string{"", "validate", "print-config"}

// Main runs the agent as args say, args[0] being the program's name, until ctx ends or a signal comes, and returns the
// exit status. A program named healthcheck is the health check.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if err := run(ctx, args, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", command, err)
		return 1
	}
	return 0
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return errors.New("no program name")
	}
	ctx, end := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { settle(ctx) })
	defer running.Wait()
	defer end()
	name, args := programName(args[0]), args[1:]
	if name == "healthcheck" {
		return healthCheck(ctx, args, stdout)
	}
	if len(args) > 0 && args[0] == "healthcheck" {
		return healthCheck(ctx, args[1:], stdout)
	}
	if len(args) > 0 && args[0] == "xray-daemon" {
		return xrayDaemon(ctx, args[1:], stdout, stderr)
	}
	if len(args) > 0 && args[0] == storagecheck.Command {
		return storagecheck.Main(args[1:], stdout)
	}
	if watch.Wanted(args) {
		return watchAgent(ctx, args, stdout)
	}
	args, said := withDefaultConfig(args, os.Getenv(envConfig) != "", where)
	if said != "" {
		fmt.Fprintf(stderr, "%s: %s\n", command, said)
	}
	settings := Settings()
	settings.Factories = programComponents
	cmd := otelcol.NewCommand(settings)
	cmd.Short = "An OpenTelemetry Collector for AWS"
	cmd.Long = cmd.Short + ". Without --config it runs a built-in configuration for where it is;\n" +
		envConfig + " holds one and counts instead of --config. `" + command + " healthcheck` asks a running one whether it is well,\n" +
		"`" + command + " xray-daemon` takes the X-Ray daemon's place, with its flags and its cfg.yaml,\n" +
		"`" + command + " " + storagecheck.Command + " FILE...` says whether queues on disk are whole,\n" +
		"`" + command + " --watch` shows how a running one does."
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cmd.SilenceErrors = true
	return cmd.ExecuteContext(ctx)
}

// programComponents are [Components] for this program, which can have itself executed to look at queues on disk.
func programComponents() (otelcol.Factories, error) {
	all, err := Components()
	if err == nil {
		f := filestorage.NewCheckingFactory(storagecheck.Files)
		all.Extensions[f.Type()] = f
	}
	return all, err
}

// settle makes the process small once it has started, and keeps it on as few processors as will do until ctx ends.
func settle(ctx context.Context) {
	select {
	case <-time.After(settled):
		_ = resident.Release() // what can't be given back is kept
		procs.Governor{}.Run(ctx)
	case <-ctx.Done():
	}
}

// watchAgent shows how a running agent does.
func watchAgent(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := watch.Parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err == nil {
		err = watch.Run(ctx, o, stdout)
	}
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	return nil
}

func programName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}

// Settings is what a collector of this distribution is made of. The configuration's address is the caller's to add.
func Settings() otelcol.CollectorSettings {
	return otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: command, Description: "Updraft agent", Version: Version},
		Factories: Components,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			DefaultScheme: "env", // ${NAME} is ${env:NAME}
			ProviderFactories: []confmap.ProviderFactory{
				newFileProvider(),
				newBuiltinProvider(),
				envprovider.NewFactory(),
				httpprovider.NewFactory(),
				httpsprovider.NewFactory(),
				yamlprovider.NewFactory(),
			},
			ConverterFactories: []confmap.ConverterFactory{formerly.NewFactory(), verbatimconverter.NewFactory(), uncopiedconverter.NewFactory()},
		}},
	}
}

// withDefaultConfig gives args a --config where they have none, or the environment has one, and returns what to tell the
// operator about it.
func withDefaultConfig(args []string, inEnv bool, here func() place) (out []string, said string) {
	if !slices.Contains(withConfig, subcommand(args)) || wantsHelp(args) {
		return args, ""
	}
	rest := withoutConfig(args)
	switch {
	case inEnv:
		return append(rest, "--config=env:"+envConfig), "configuration from the environment variable " + envConfig
	case len(rest) < len(args):
		return args, ""
	}
	p := here()
	return append(rest, "--config="+builtinScheme+":"+p.config),
		fmt.Sprintf("no --config: this is %s, so the built-in %s is taken; %s print-config shows it", p.what, p.config, command)
}

// subcommand is the first argument that is neither a flag nor a flag's value.
func subcommand(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		case !strings.Contains(args[i], "="):
			i++ // every flag but those of wantsHelp has a value
		}
	}
	return ""
}

func wantsHelp(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return slices.Contains([]string{"-h", "--help", "-v", "--version"}, a)
	})
}

// withoutConfig leaves the --config flags out.
func withoutConfig(args []string) []string {
	var rest []string
	for i := 0; i < len(args); i++ {
		name, _, hasValue := strings.Cut(args[i], "=")
		if name != "--config" && name != "-config" {
			rest = append(rest, args[i])
		} else if !hasValue {
			i++
		}
	}
	return rest
}
