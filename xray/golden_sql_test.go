package xray

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestGolden_sql(t *testing.T) {
	f := golden(t, "sql")
	query := func(pairs ...any) *Segment { return spanOf(trace.SpanKindClient, "SELECT stock", pairs...) }

	f("old", query("db.system", "mysql", "db.name", "shop", "db.user", "app", "db.statement", "SELECT 1", "net.peer.name", "db.internal", "net.peer.port", 3306))
	f("stable", query("db.system.name", "postgresql", "db.namespace", "shop", "db.query.text", "SELECT 1", "db.query.summary", "SELECT",
		"db.operation.name", "SELECT", "db.collection.name", "stock", "server.address", "db.internal", "server.port", 5432))
	f("a connection string", query("db.system", "mysql", "db.name", "shop", "db.connection_string", "mysql://db.internal:3306"))
	f("a JDBC connection string", query("db.system", "postgresql", "db.name", "shop", "db.connection_string", "jdbc:postgresql://db.internal:5432"))
	f("a password in the connection string", query("db.system", "mysql", "db.name", "shop", "db.connection_string", "mysql://app:secret@db.internal:3306"))
	f("a password in a JDBC connection string", query("db.system", "postgresql", "db.name", "shop",
		"db.connection_string", "jdbc:postgresql://app:secret@db.internal:5432"))
	f("a password as a parameter", query("db.system", "mssql", "db.name", "shop", "db.connection_string", "Server=db.internal;User Id=app;Password=secret;Encrypt=true"))
	f("a password in a URL's query", query("db.system", "postgresql", "db.name", "shop", "db.connection_string", "postgresql://db.internal/?user=app&password=secret"))
	f("an IPv6 host", query("db.system.name", "postgresql", "db.namespace", "shop", "server.address", "2001:db8::5", "server.port", 5432))
	f("no place", query("db.system.name", "sqlite", "db.namespace", "inventory", "db.query.text", "SELECT 1"))
	f("no database", query("db.system.name", "postgresql", "server.address", "db.internal"))
	f("a long query and user", query("db.system.name", "mysql", "db.namespace", "shop", "db.user", strings.Repeat("u", 300), "db.query.text",
		"SELECT "+strings.Repeat("x, ", 120)+"x"))
	f("of a server span", serverOf("db.system.name", "mysql", "db.namespace", "shop"))
	f("with a peer.service", query("db.system.name", "mysql", "db.namespace", "shop", "peer.service", "stock-db"))
	f("values that are no text", query("db.system", "mysql", "db.name", 7, "db.statement", []string{"SELECT 1", "SELECT 2"}))

	// Without an sql block.
	f("redis", query("db.system", "redis", "db.statement", "GET k", "net.peer.name", "cache.internal"))
	f("mongodb, stable", query("db.system.name", "mongodb", "db.namespace", "shop", "db.query.text", "{}", "server.address", "db.internal"))
	f("dynamodb by its database name", query("db.system.name", "aws.dynamodb", "db.operation.name", "GetItem", "server.address", "dynamodb.eu-central-1.amazonaws.com"))
	f("no system", query("db.name", "shop", "db.statement", "SELECT 1"))
}

func TestGolden_sqlSystems(t *testing.T) {
	f := golden(t, "sql_systems")
	for _, system := range []string{
		"db2", "derby", "hive", "mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite", "teradata", "other_sql",
	} {
		f("old: "+system, clientOf("db.system", system, "db.name", "shop", "db.statement", "SELECT 1"))
	}
	for _, system := range []string{
		"cockroachdb", "clickhouse", "firebird", "h2", "hanadb", "hsqldb", "informix", "ingres", "redshift", "spanner", "trino", "vertica",
	} {
		f("old, not the collector's: "+system, clientOf("db.system", system, "db.name", "shop", "db.statement", "SELECT 1"))
	}
	for _, system := range []string{
		"actian.ingres", "aws.redshift", "clickhouse", "firebirdsql", "gcp.spanner", "h2database", "ibm.db2", "ibm.informix",
		"ibm.netezza", "microsoft.sql_server", "oracle.db", "postgresql", "sap.hana", "sap.maxdb", "trino",
	} {
		f("stable: "+system, clientOf("db.system.name", system, "db.namespace", "shop", "db.query.text", "SELECT 1"))
	}
}
