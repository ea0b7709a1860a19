package inventory

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/examples/shop/internal/serve"
)

// server answers for the warehouse.
type server struct {
	stock  *store
	log    *slog.Logger
	tracer trace.Tracer
	level  metric.Int64Gauge
	chance *serve.Chance
}

func stockGauge() (metric.Int64Gauge, error) {
	return otel.Meter(scope).Int64Gauge("shop.stock",
		metric.WithDescription("pieces of a product in the warehouse"), metric.WithUnit("{piece}"))
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { serve.JSON(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /stock", s.list)
	mux.HandleFunc("GET /stock/{id}", s.show)
	mux.HandleFunc("POST /reservations", s.reserve)
	mux.HandleFunc("GET /reservations/{id}", s.reservation)
	mux.HandleFunc("POST /reservations/{id}/{state}", s.settle)
	return mux
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	all, err := s.stock.products(r.Context(), r.URL.Query().Get("q"))
	s.answer(w, r, http.StatusOK, all, err)
}

func (s *server) show(w http.ResponseWriter, r *http.Request) {
	if err := s.scanShelf(r.Context(), r.PathValue("id")); err != nil {
		s.answer(w, r, 0, nil, err)
		return
	}
	p, err := s.stock.product(r.Context(), r.PathValue("id"))
	s.answer(w, r, http.StatusOK, p, err)
}

func (s *server) reserve(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Product  string `json:"product"`
		Quantity int64  `json:"quantity"`
	}
	if err := serve.Read(w, r, &in); err != nil || in.Quantity < 1 {
		serve.Error(w, http.StatusBadRequest, "wanted: a product and a quantity of at least 1")
		return
	}
	res, err := s.stock.reserve(r.Context(), in.Product, in.Quantity, time.Now())
	if err == nil {
		s.log.InfoContext(r.Context(), "stock reserved", "product", res.Product, "quantity", res.Quantity, "left", res.left)
		s.record(r.Context(), res)
	}
	s.answer(w, r, http.StatusCreated, res, err)
}

func (s *server) reservation(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		serve.Error(w, http.StatusBadRequest, "a reservation has a number")
		return
	}
	res, err := s.stock.reservation(r.Context(), id)
	s.answer(w, r, http.StatusOK, res, err)
}

func (s *server) settle(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	state := r.PathValue("state")
	if err != nil || state != "paid" && state != "released" {
		serve.Error(w, http.StatusBadRequest, `wanted: /reservations/NUMBER/paid or …/released`)
		return
	}
	res, err := s.stock.settle(r.Context(), id, state)
	if err == nil {
		s.log.InfoContext(r.Context(), "reservation "+state, "reservation", id, "product", res.Product)
		s.record(r.Context(), res)
	}
	s.answer(w, r, http.StatusOK, res, err)
}

func (s *server) record(ctx context.Context, r reservation) {
	s.level.Record(ctx, r.left, metric.WithAttributes(attribute.String("product", r.Product)))
}

// scanShelf is why some answers are slow: now and then someone has to go and look.
func (s *server) scanShelf(ctx context.Context, product string) error {
	if !s.chance.Hit(0.03) {
		return nil
	}
	ctx, span := s.tracer.Start(ctx, "scan shelf", trace.WithAttributes(attribute.String("product", product)))
	defer span.End()
	took := s.chance.Between(300*time.Millisecond, 900*time.Millisecond)
	s.log.WarnContext(ctx, "shelf has to be scanned", "product", product, "takes", took)
	return serve.Wait(ctx, took)
}

// answer is the one place where an error becomes a status.
func (s *server) answer(w http.ResponseWriter, r *http.Request, status int, v any, err error) {
	switch {
	case err == nil:
		serve.JSON(w, status, v)
	case errors.Is(err, errNotFound):
		serve.Error(w, http.StatusNotFound, err.Error())
	case errors.Is(err, errOutOfStock):
		s.log.WarnContext(r.Context(), "reservation refused", "error", err)
		serve.Error(w, http.StatusConflict, err.Error())
	case r.Context().Err() != nil: // the caller has gone away
	default:
		span := trace.SpanFromContext(r.Context())
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		s.log.ErrorContext(r.Context(), "the warehouse has a problem", "error", err)
		serve.Error(w, http.StatusInternalServerError, "internal error")
	}
}

// restock takes a delivery every interval until ctx ends: work without a
// request, so each delivery begins a trace of its own.
func (s *server) restock(ctx context.Context, interval time.Duration) {
	for serve.Wait(ctx, interval) == nil {
		s.deliver(context.WithoutCancel(ctx)) // one under way is finished
	}
}

func (s *server) deliver(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "delivery", trace.WithNewRoot())
	defer span.End()
	if err := s.stock.deliver(ctx, time.Now()); err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		s.log.ErrorContext(ctx, "delivery turned away", "error", err)
		return
	}
	all, err := s.stock.products(ctx, "")
	if err != nil {
		s.log.ErrorContext(ctx, "shelves not counted", "error", err)
		return
	}
	for _, p := range all {
		s.level.Record(ctx, p.Stock, metric.WithAttributes(attribute.String("product", p.ID)))
	}
	s.log.InfoContext(ctx, "delivery taken", "products", len(all))
}
