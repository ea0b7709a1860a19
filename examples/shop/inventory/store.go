package inventory

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	_ "modernc.org/sqlite" // the database driver "sqlite", in pure Go
)

// What a caller of the store acts on.
var (
	errNotFound   = errors.New("not found")
	errOutOfStock = errors.New("out of stock")
)

const schema = `
CREATE TABLE IF NOT EXISTS products (
	id          TEXT PRIMARY KEY,
	name        TEXT NOT NULL,
	category    TEXT NOT NULL,
	price_cents INTEGER NOT NULL,
	stock       INTEGER NOT NULL CHECK (stock >= 0),
	delivery    INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS reservations (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	product  TEXT NOT NULL REFERENCES products(id),
	quantity INTEGER NOT NULL,
	state    TEXT NOT NULL DEFAULT 'reserved',
	created  INTEGER NOT NULL
);
INSERT OR IGNORE INTO products VALUES
	('kettle',   'Gooseneck kettle',      'kitchen', 5900, 40, 8),
	('grinder',  'Hand coffee grinder',   'kitchen', 8450, 25, 5),
	('beans',    'Espresso beans, 1 kg',  'food',    2390, 90, 20),
	('tea',      'Sencha, 100 g',         'food',    1450, 60, 12),
	('notebook', 'Dotted notebook',       'paper',   1290, 80, 15),
	('pen',      'Fountain pen',          'paper',   3600, 30, 6),
	('lamp',     'Desk lamp, last pieces','home',    7900,  3, 1);`

// A product is what the warehouse has of one article.
type product struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Category   string `json:"category"`
	PriceCents int64  `json:"price_cents"`
	Stock      int64  `json:"stock"`
}

// A reservation is stock put aside until it is paid for, or released.
type reservation struct {
	ID         int64  `json:"id"`
	Product    string `json:"product"`
	Quantity   int64  `json:"quantity"`
	TotalCents int64  `json:"total_cents"`
	State      string `json:"state"`
	left       int64  // of the product in stock, after this change
}

// store is the database. Its methods become spans by otelsql alone.
type store struct{ db *sql.DB }

func openStore(ctx context.Context, file string) (*store, error) {
	ctx, span := otel.Tracer(scope).Start(ctx, "prepare database")
	defer span.End()

	db, err := otelsql.Open("sqlite", or(file, ":memory:"),
		otelsql.WithAttributes(semconv.DBSystemNameSQLite, semconv.DBNamespace("shop")),
		otelsql.WithSpanNameFormatter(spanName),
		otelsql.WithAttributesGetter(queryAttributes),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			DisableErrSkip:       true,
			OmitConnResetSession: true,
			OmitConnPrepare:      true,
			OmitConnectorConnect: true,
			OmitRows:             true,
		}),
	)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // SQLite has one writer, and each connection to ":memory:" would be a database of its own
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &store{db}, nil
}

func (s *store) close() { _ = s.db.Close() }

// spanName is "SELECT shop" for a query, and the method for what has none.
func spanName(_ context.Context, method otelsql.Method, query string) string {
	if op := operation(query); op != "" {
		return op + " shop"
	}
	return string(method)
}

func queryAttributes(_ context.Context, _ otelsql.Method, query string, _ []driver.NamedValue) []attribute.KeyValue {
	if op := operation(query); op != "" {
		return []attribute.KeyValue{semconv.DBOperationName(op)}
	}
	return nil
}

func operation(query string) string {
	if words := strings.Fields(query); len(words) > 0 {
		return strings.ToUpper(words[0])
	}
	return ""
}

const selectProduct = `SELECT id, name, category, price_cents, stock FROM products`

func (s *store) products(ctx context.Context, like string) ([]product, error) {
	rows, err := s.db.QueryContext(ctx, selectProduct+` WHERE name LIKE '%' || ? || '%' ORDER BY id`, like)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []product{}
	for rows.Next() {
		var p product
		if err := rows.Scan(&p.ID, &p.Name, &p.Category, &p.PriceCents, &p.Stock); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

func (s *store) product(ctx context.Context, id string) (product, error) {
	var p product
	row := s.db.QueryRowContext(ctx, selectProduct+` WHERE id = ?`, id)
	err := row.Scan(&p.ID, &p.Name, &p.Category, &p.PriceCents, &p.Stock)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("product %q: %w", id, errNotFound)
	}
	return p, err
}

// reserve puts quantity of a product aside.
func (s *store) reserve(ctx context.Context, id string, quantity int64, now time.Time) (r reservation, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		r = reservation{Product: id, Quantity: quantity, State: "reserved"}
		var price int64
		row := tx.QueryRowContext(ctx,
			`UPDATE products SET stock = stock - ?1 WHERE id = ?2 AND stock >= ?1 RETURNING price_cents, stock`, quantity, id)
		switch err := row.Scan(&price, &r.left); {
		case errors.Is(err, sql.ErrNoRows):
			return s.whyNot(ctx, tx, id)
		case err != nil:
			return err
		}
		r.TotalCents = price * quantity
		row = tx.QueryRowContext(ctx,
			`INSERT INTO reservations (product, quantity, created) VALUES (?, ?, ?) RETURNING id`, id, quantity, now.Unix())
		return row.Scan(&r.ID)
	})
	return r, err
}

func (s *store) whyNot(ctx context.Context, tx *sql.Tx, id string) error {
	var known bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM products WHERE id = ?)`, id).Scan(&known); err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("product %q: %w", id, errNotFound)
	}
	return fmt.Errorf("product %q: %w", id, errOutOfStock)
}

func (s *store) reservation(ctx context.Context, id int64) (reservation, error) {
	r := reservation{ID: id}
	row := s.db.QueryRowContext(ctx, `SELECT r.product, r.quantity, r.quantity * p.price_cents, r.state
		FROM reservations r JOIN products p ON p.id = r.product WHERE r.id = ?`, id)
	err := row.Scan(&r.Product, &r.Quantity, &r.TotalCents, &r.State)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("reservation %d: %w", id, errNotFound)
	}
	return r, err
}

// settle ends an open reservation: as "paid", or as "released" with the goods back on the shelf.
func (s *store) settle(ctx context.Context, id int64, state string) (r reservation, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		r = reservation{ID: id, State: state}
		row := tx.QueryRowContext(ctx,
			`UPDATE reservations SET state = ? WHERE id = ? AND state = 'reserved' RETURNING product, quantity`, state, id)
		switch err := row.Scan(&r.Product, &r.Quantity); {
		case errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("open reservation %d: %w", id, errNotFound)
		case err != nil:
			return err
		}
		back := r.Quantity
		if state == "paid" {
			back = 0
		}
		row = tx.QueryRowContext(ctx, `UPDATE products SET stock = stock + ? WHERE id = ? RETURNING stock`, back, r.Product)
		return row.Scan(&r.left)
	})
	return r, err
}

// deliver fills the shelves up to 100 of each product and forgets old reservations.
func (s *store) deliver(ctx context.Context, now time.Time) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE products SET stock = min(100, stock + delivery)`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM reservations WHERE created < ?`, now.Add(-10*time.Minute).Unix())
		return err
	})
}

func (s *store) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
