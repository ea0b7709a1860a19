package otlp

import (
	"context"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/configmiddleware"
	"go.opentelemetry.io/collector/extension/extensionmiddleware"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"

	"github.com/updraft-otel/updraft/agent/internal/jsondepth"
)

// jsonDepth is the name under which the receiver's HTTP server finds its last middleware, in the host that [hosted] gives it.
var jsonDepth = configmiddleware.Config{ID: component.MustNewID("updraft_json_depth")}

// withMiddleware has the HTTP server of cfg, which the receivers of all signals share, use the middleware.
func withMiddleware(cfg component.Config) {
	server := cfg.(*otlpreceiver.Config).Protocols.HTTP.Get()
	if server != nil && !slices.Contains(server.ServerConfig.Middlewares, jsonDepth) {
		server.ServerConfig.Middlewares = append(server.ServerConfig.Middlewares, jsonDepth)
	}
}

// hosted is a receiver of the collector whose host has the middleware.
type hosted struct{ component.Component }

func (r hosted) Start(ctx context.Context, h component.Host) error {
	return r.Component.Start(ctx, host{h})
}

type host struct{ component.Host }

func (h host) GetExtensions() map[component.ID]component.Component {
	all := maps.Clone(h.Host.GetExtensions())
	if all == nil {
		all = make(map[component.ID]component.Component, 1)
	}
	all[jsonDepth.ID] = middleware{}
	return all
}

// Report passes on what the receiver tells of its state.
func (h host) Report(e *componentstatus.Event) { componentstatus.ReportStatus(h.Host, e) }

// middleware looks at JSON while it is read.
type middleware struct {
	component.StartFunc
	component.ShutdownFunc
}

func (middleware) GetHTTPHandler(context.Context) (extensionmiddleware.WrapHTTPHandlerFunc, error) {
	return func(_ context.Context, next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
				r.Body = body{jsondepth.NewReader(r.Body), r.Body}
			}
			next.ServeHTTP(w, r)
		}), nil
	}, nil
}

type body struct {
	io.Reader
	io.Closer
}
