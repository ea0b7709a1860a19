package localaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"

	"github.com/updraft-otel/updraft/localaws/console"
)

// A consoleRoute is one page of data for the console: a path as http.ServeMux
// writes it, under /console/api/, and what answers it.
type consoleRoute struct {
	path   string // e.g. "traces/{id}"
	handle func(s *Server, r *http.Request) (any, error)
}

// consoleRoutes is the console's whole API.
func consoleRoutes() []consoleRoute {
	var routes []consoleRoute
	for _, list := range [][]consoleRoute{consoleCommonRoutes(), consoleXRayRoutes(), consoleSamplingRoutes(), consoleLogsRoutes(), consoleInsightsRoutes(), consoleMetricsRoutes()} {
		routes = append(routes, list...)
	}
	return routes
}

// A consoleError is an answer that says no, with an HTTP status.
type consoleError struct {
	status int
	text   string
}

func (e *consoleError) Error() string { return e.text }

// badRequest is a consoleError for a parameter that cannot be.
func badRequest(format string, args ...any) error {
	return &consoleError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// notFound is a consoleError for what is not there, or not any more.
func notFound(format string, args ...any) error {
	return &consoleError{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// consolePolicy lets the console load its own files and talk to its own server.
const consolePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// console serves everything under /console/.
func (s *Server) console() http.Handler {
	mux := http.NewServeMux()
	for _, route := range consoleRoutes() {
		mux.HandleFunc("GET /console/api/"+route.path, func(w http.ResponseWriter, r *http.Request) {
			out, err := route.handle(s, r)
			answerConsole(w, out, err)
		})
	}
	for _, route := range consoleWrites() {
		mux.Handle("POST /console/api/"+route.path, writing(func(r *http.Request) (any, error) { return route.handle(s, r) }))
	}
	mux.HandleFunc("GET /console/api/events", s.serveEvents)
	mux.HandleFunc("GET /console/api/tail", s.serveTail)
	mux.HandleFunc("GET /console/api/", func(w http.ResponseWriter, r *http.Request) {
		answerConsole(w, nil, notFound("%s is nothing that this server tells", r.URL.Path))
	})
	mux.Handle("GET /console/", http.StripPrefix("/console", serveAssets(console.Assets())))
	return s.guard(mux)
}

// serveAssets serves the built console. Its files carry a hash in their names,
// so that a browser may keep them for good; the page that names them may not.
func serveAssets(assets fs.FS) http.Handler {
	files := http.FileServerFS(assets)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keep := "public, max-age=31536000, immutable"
		if r.URL.Path == "/" || strings.HasSuffix(r.URL.Path, ".html") {
			keep = "no-cache"
		}
		w.Header().Set("Cache-Control", keep)
		files.ServeHTTP(w, r)
	})
}

// guard turns away what is no browser on this machine: another page's script can
// reach a loopback port, by its own name for it. What may be changed by POST is
// guarded by writing too.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", consolePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !s.ownHost(r.Host):
			answerConsole(w, nil, &consoleError{http.StatusForbidden, fmt.Sprintf("host %q is not this server; open %s/console/", r.Host, s.url)})
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
			h.Set("Allow", "GET, HEAD, POST")
			answerConsole(w, nil, &consoleError{http.StatusMethodNotAllowed, "the console reads, and changes sampling rules by POST"})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ownHost tells whether a Host header names a loopback address or the one
// listened on.
func (s *Server) ownHost(host string) bool {
	if host == s.host {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.Trim(name, "[]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

// answerConsole sends one answer of the console's API.
func answerConsole(w http.ResponseWriter, out any, err error) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if err != nil {
		status := http.StatusInternalServerError
		var e *consoleError
		if errors.As(err, &e) {
			status = e.status
		}
		w.WriteHeader(status)
		out = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(out) // a browser that has gone is no error of ours
}
