// Package xraydaemon reads what the X-Ray daemon is started with, its flags and
// its cfg.yaml, and says it as a collector's configuration: the agent can then
// take the daemon's place by a change of the image alone.
//
// https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-configuration.html
package xraydaemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// paths are where the daemon looks for its configuration where none is named.
var paths = []string{"/etc/amazon/xray/cfg.yaml", "cfg.yaml"}

// Options are what the daemon can be told. Names and defaults of the file's keys
// are the daemon's.
type Options struct {
	TotalBufferSizeMB int    `yaml:"TotalBufferSizeMB"`
	Concurrency       int    `yaml:"Concurrency"`
	Region            string `yaml:"Region"`
	Endpoint          string `yaml:"Endpoint"`
	Socket            struct {
		UDPAddress string `yaml:"UDPAddress"`
		TCPAddress string `yaml:"TCPAddress"`
	} `yaml:"Socket"`
	Logging struct {
		LogRotation *bool  `yaml:"LogRotation"`
		LogLevel    string `yaml:"LogLevel"`
		LogPath     string `yaml:"LogPath"`
	} `yaml:"Logging"`
	LocalMode    bool   `yaml:"LocalMode"`
	ResourceARN  string `yaml:"ResourceARN"`
	RoleARN      string `yaml:"RoleARN"`
	NoVerifySSL  bool   `yaml:"NoVerifySSL"`
	ProxyAddress string `yaml:"ProxyAddress"`
	Version      int    `yaml:"Version"`

	showVersion bool
}

// Defaults of the daemon.
const (
	defaultAddress     = "127.0.0.1:2000"
	defaultConcurrency = 8
	defaultLogLevel    = "prod"
	newestVersion      = 2
	// defaultBufferMB stands for the daemon's 1 % of the machine's memory.
	defaultBufferMB = 16
)

// ErrVersion asks for the version to be printed, and ErrHelp for the help that was
// printed already.
var (
	ErrVersion = errors.New("the version is asked for")
	ErrHelp    = pflag.ErrHelp
)

// Parse reads the daemon's arguments, and the file that they or the daemon's paths
// name; flags come before the file. Help is written to help.
func Parse(args []string, help io.Writer) (Options, error) {
	o := defaults()
	var path string
	flags := o.flags(&path, help)
	if err := flags.Parse(args); err != nil {
		return Options{}, err
	}
	if o.showVersion {
		return Options{}, ErrVersion
	}
	if flags.NArg() > 0 {
		return Options{}, fmt.Errorf("unknown argument %q; see --help", flags.Arg(0))
	}
	fromFile, err := load(path)
	if err != nil {
		return Options{}, err
	}
	o = fromFile
	again := o.flags(&path, io.Discard) // over what the file says
	if err := again.Parse(args); err != nil {
		return Options{}, err
	}
	return o, o.check()
}

func defaults() Options {
	o := Options{Concurrency: defaultConcurrency, Version: newestVersion}
	o.Socket.UDPAddress, o.Socket.TCPAddress = defaultAddress, defaultAddress
	o.Logging.LogLevel = defaultLogLevel
	return o
}

// flags are the daemon's, with what o holds as defaults.
func (o *Options) flags(path *string, help io.Writer) *pflag.FlagSet {
	f := pflag.NewFlagSet("xray-daemon", pflag.ContinueOnError)
	f.SetOutput(help)
	f.SortFlags = false
	f.StringVarP(&o.ResourceARN, "resource-arn", "a", o.ResourceARN, "ARN of the AWS resource that the daemon runs on")
	f.BoolVarP(&o.LocalMode, "local-mode", "o", o.LocalMode, "do not ask the EC2 metadata service")
	f.IntVarP(&o.TotalBufferSizeMB, "buffer-memory", "m", o.TotalBufferSizeMB, "memory for documents that wait, in MB, 3 or more; 0 for the default")
	f.StringVarP(&o.Region, "region", "n", o.Region, "AWS region to send to")
	f.StringVarP(&o.Socket.UDPAddress, "bind", "b", o.Socket.UDPAddress, "UDP address for segment documents")
	f.StringVarP(&o.Socket.TCPAddress, "bind-tcp", "t", o.Socket.TCPAddress, "TCP address for sampling rules")
	f.StringVarP(&o.RoleARN, "role-arn", "r", o.RoleARN, "IAM role to assume")
	f.StringVarP(path, "config", "c", *path, "configuration file; default: "+strings.Join(paths, ", "))
	f.StringVarP(&o.Logging.LogPath, "log-file", "f", o.Logging.LogPath, "file to log to")
	f.StringVarP(&o.Logging.LogLevel, "log-level", "l", o.Logging.LogLevel, "one of dev, debug, info, warn, error, prod")
	f.StringVarP(&o.ProxyAddress, "proxy-address", "p", o.ProxyAddress, "HTTP proxy on the way to AWS")
	f.BoolVarP(&o.showVersion, "version", "v", false, "print the version")
	return f
}

// load reads a configuration file: the one that is named, or the first of paths
// that is there, or none.
func load(named string) (Options, error) {
	look := paths
	if named != "" {
		look = []string{named}
	}
	for _, path := range look {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) && named == "" {
			continue
		}
		if err != nil {
			return Options{}, fmt.Errorf("configuration file: %w", err)
		}
		o, err := decode(text)
		if err != nil {
			return Options{}, fmt.Errorf("configuration file %s: %w", path, err)
		}
		return o, nil
	}
	return defaults(), nil
}

// decode reads the text of a configuration file.
func decode(text []byte) (Options, error) {
	o := defaults()
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&o); err != nil && !errors.Is(err, io.EOF) {
		return Options{}, err
	}
	return o, nil
}

// levels are the collector's names for the daemon's levels.
var levels = map[string]string{"dev": "debug", "debug": "debug", "info": "info", "warn": "warn", "error": "error", "prod": "info"}

func (o *Options) check() error {
	const leastBuffer = 3
	switch {
	case o.Version < 1 || o.Version > newestVersion:
		return fmt.Errorf("version of the configuration file is %d; it must be 1 or 2", o.Version)
	case levels[o.Logging.LogLevel] == "":
		return fmt.Errorf("log level is %q; it must be one of dev, debug, info, warn, error, prod", o.Logging.LogLevel)
	case o.TotalBufferSizeMB != 0 && o.TotalBufferSizeMB < leastBuffer:
		return fmt.Errorf("buffer memory is %d MB; it must be 3 or more, or 0 for the default", o.TotalBufferSizeMB)
	case o.Concurrency < 1:
		return fmt.Errorf("the key Concurrency is %d; it must be 1 or more", o.Concurrency)
	}
	return nil
}

// Collector is the collector's configuration, as YAML. The daemon takes its texts as they are, so a dollar is doubled in
// them: it begins what a collector replaces.
// https://opentelemetry.io/docs/collector/configure/#environment-variables
func (o *Options) Collector() (string, error) {
	said := *o
	o = &said
	for _, text := range []*string{
		&o.Region, &o.Endpoint, &o.Socket.UDPAddress, &o.Socket.TCPAddress, &o.Logging.LogPath, &o.ResourceARN, &o.RoleARN, &o.ProxyAddress,
	} {
		*text = strings.ReplaceAll(*text, "$", "$$")
	}
	buffer := o.TotalBufferSizeMB
	if buffer == 0 {
		buffer = defaultBufferMB
	}
	proxy := without(map[string]any{
		"endpoint": o.Socket.TCPAddress, "region": o.Region, "role_arn": o.RoleARN, "aws_endpoint": o.Endpoint,
		"local_mode": o.LocalMode, "proxy_address": o.ProxyAddress,
	})
	if o.NoVerifySSL {
		proxy["tls"] = map[string]any{"insecure_skip_verify": true}
	}
	exporter := without(map[string]any{
		"num_workers": o.Concurrency, "region": o.Region, "role_arn": o.RoleARN, "endpoint": o.Endpoint, "local_mode": o.LocalMode,
		"proxy_address": o.ProxyAddress, "resource_arn": o.ResourceARN, "no_verify_ssl": o.NoVerifySSL,
	})
	exporter["telemetry"] = map[string]any{"enabled": true, "include_metadata": !o.LocalMode}
	logs := map[string]any{"level": levels[o.Logging.LogLevel]}
	if o.Logging.LogPath != "" {
		logs["output_paths"] = []string{o.Logging.LogPath}
	}
	text, err := yaml.Marshal(map[string]any{
		"receivers": map[string]any{"awsxray": map[string]any{
			"endpoint": o.Socket.UDPAddress, "verbatim": true, "buffer_mib": buffer, "proxy_server": proxy,
		}},
		"exporters": map[string]any{"awsxray": exporter},
		"service": map[string]any{
			"pipelines": map[string]any{"traces": map[string]any{"receivers": []string{"awsxray"}, "exporters": []string{"awsxray"}}},
			"telemetry": map[string]any{"logs": logs, "metrics": map[string]any{"level": "none"}},
		},
	})
	return string(text), err
}

// without leaves out what is not said.
func without(m map[string]any) map[string]any {
	for key, v := range m {
		if v == "" || v == false {
			delete(m, key)
		}
	}
	return m
}

// Ignored names what was asked for that the agent has nothing for.
func (o *Options) Ignored() []string {
	var all []string
	if o.Logging.LogPath != "" && (o.Logging.LogRotation == nil || *o.Logging.LogRotation) {
		all = append(all, "Logging.LogRotation: the log file is not rotated; have logrotate do it, with copytruncate")
	}
	return slices.Clip(all)
}
