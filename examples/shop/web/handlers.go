package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft/examples/shop/internal/serve"
)

// server answers the shop's customers.
type server struct {
	log       *slog.Logger
	inventory *inventory
	payments  *payments
	orders    *orderMetrics
	crawlers  *limiter
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { serve.JSON(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /api/products", s.products)
	mux.HandleFunc("GET /api/products/{id}", s.product)
	mux.HandleFunc("POST /api/orders", s.order)
	mux.HandleFunc("POST /api/checkout", s.checkout)
	return mux
}

func (s *server) products(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.UserAgent(), "bot") && !s.crawlers.allow() {
		s.log.WarnContext(r.Context(), "crawler slowed down", "user_agent", r.UserAgent())
		serve.Error(w, http.StatusTooManyRequests, "one request a second, please")
		return
	}
	var all []product
	err := s.inventory.get(r.Context(), "/stock?q="+url.QueryEscape(r.URL.Query().Get("q")), &all)
	s.answer(w, r, http.StatusOK, all, err)
}

func (s *server) product(w http.ResponseWriter, r *http.Request) {
	var p product
	err := s.inventory.get(r.Context(), "/stock/"+url.PathEscape(r.PathValue("id")), &p)
	s.answer(w, r, http.StatusOK, p, err)
}

// order puts goods aside. The customer has ten minutes to check out.
func (s *server) order(w http.ResponseWriter, r *http.Request) {
	var in order
	if err := serve.Read(w, r, &in); err != nil {
		serve.Error(w, http.StatusBadRequest, "an order is {\"product\": …, \"quantity\": …}")
		return
	}
	trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("product", in.Product))

	err := s.inventory.post(r.Context(), "/reservations", in, &in)
	switch {
	case err == nil:
		s.orders.count(r.Context(), "placed", in)
		s.log.InfoContext(r.Context(), "order placed", "order", in.ID, "product", in.Product, "quantity", in.Quantity)
	case statusOf(err) == http.StatusConflict:
		s.orders.count(r.Context(), "out of stock", in)
	}
	s.answer(w, r, http.StatusCreated, in, err)
}

// checkout charges the customer for an order, or puts the goods back.
func (s *server) checkout(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var in order
	if err := serve.Read(w, r, &in); err != nil || in.ID == 0 {
		serve.Error(w, http.StatusBadRequest, "a checkout is {\"id\": NUMBER OF THE ORDER}")
		return
	}
	path := "/reservations/" + strconv.FormatInt(in.ID, 10)
	if err := s.inventory.get(ctx, path, &in); err != nil {
		s.answer(w, r, 0, nil, err)
		return
	}
	if in.State != "reserved" {
		serve.Error(w, http.StatusConflict, "this order is "+in.State)
		return
	}
	if err := s.payments.charge(ctx, in.TotalCents); err != nil {
		s.orders.count(ctx, "not paid", in)
		s.log.ErrorContext(ctx, "payment failed", "order", in.ID, "cents", in.TotalCents, "error", err)
		if err := s.inventory.post(ctx, path+"/released", nil, nil); err != nil {
			s.log.ErrorContext(ctx, "goods not put back", "order", in.ID, "error", err)
		}
		s.answer(w, r, 0, nil, err)
		return
	}
	err := s.inventory.post(ctx, path+"/paid", nil, nil)
	if err == nil {
		in.State = "paid"
		s.orders.count(ctx, "paid", in)
		s.orders.worth(ctx, in)
		s.log.InfoContext(ctx, "order paid", "order", in.ID, "cents", in.TotalCents)
	}
	s.answer(w, r, http.StatusOK, in, err)
}

// answer is the one place where an error becomes a status.
func (s *server) answer(w http.ResponseWriter, r *http.Request, status int, v any, err error) {
	switch code := statusOf(err); {
	case err == nil:
		serve.JSON(w, status, v)
	case r.Context().Err() != nil: // the customer has gone away
	case errors.Is(err, errDeclined):
		serve.Error(w, http.StatusPaymentRequired, err.Error())
	case code >= 400 && code < 500: // the inventory says the customer is wrong
		serve.Error(w, code, err.Error())
	default:
		span := trace.SpanFromContext(r.Context())
		span.RecordError(err, trace.WithStackTrace(true))
		span.SetStatus(codes.Error, err.Error())
		s.log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
		serve.Error(w, http.StatusBadGateway, "try again later")
	}
}
