package xray

import (
	"strconv"
	"strings"
)

// isSQL tells the databases for which X-Ray's sql block makes sense, by both
// generations of OpenTelemetry's names.
//
// Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/db/
func isSQL(system string, compat bool) bool {
	switch system {
	case "db2", "derby", "hive", "mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite", "teradata", "other_sql":
		return true
	case "actian.ingres", "aws.redshift", "clickhouse", "cockroachdb", "firebirdsql", "gcp.spanner", "h2database", "hsqldb", "ibm.db2",
		"ibm.informix", "ibm.netezza", "instantdb", "microsoft.sql_server", "oracle.db", "sap.hana", "sap.maxdb", "trino",
		// and by their older names
		"cloudscape", "edb", "firebird", "firstsql", "h2", "hanadb", "informix", "ingres", "interbase", "maxdb", "mssqlcompact",
		"netezza", "pervasive", "pointbase", "redshift", "spanner", "sybase", "vertica":
		return !compat
	}
	return false
}

// appendSQL writes the sql block of a call to an SQL database.
func (f *facts) appendSQL(dst []byte, s *Segment) []byte {
	if !f.sql || (s.role == roleService && !f.compat) {
		return dst
	}
	dst = append(f.form.member(dst, "sql"), '{')
	first := len(dst)
	dst = f.appendLong(dst, first, "url", s.Name)
	dst = f.appendLong(dst, first, "connection_string", f.connection())
	dst = f.appendLong(dst, first, "database_type", f.text(slotDBSystem))
	dst = f.appendField(dst, first, "user", f.text(slotDBUser))
	dst = f.appendLong(dst, first, "sanitized_query", f.text(slotDBStatement))
	return append(dst, '}')
}

// connection is where the database is, without credentials; "" if unknown.
func (f *facts) connection() string {
	name := f.text(slotDBNamespace)
	if f.compat {
		return firstOf(f.text(slotDBConnection), "localhost") + "/" + name
	}
	at := withoutPassword(f.text(slotDBConnection))
	if at == "" {
		at = f.first(slotServerAddress, slotNetPeerName)
		if at == "" {
			return ""
		}
		if p := f.port(slotServerPort, slotNetPeerPort); p.number != 0 {
			at = bracketed(at) + ":" + strconv.FormatInt(p.number, 10)
		}
	}
	if name == "" || strings.ContainsAny(at, "?=;") || strings.HasSuffix(at, "/"+name) {
		return at // or says it by its own parameters
	}
	return strings.TrimSuffix(at, "/") + "/" + name
}
