package xray

import "strconv"

// isSQL tells the databases for which X-Ray's sql block makes sense, by both
// generations of OpenTelemetry's names.
func isSQL(system string, compat bool) bool {
	switch system {
	case "db2", "derby", "hive", "mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite", "teradata", "other_sql":
		return true
	case "ibm.db2", "microsoft.sql_server", "oracle.db", "cockroachdb", "clickhouse", "firebirdsql", "hsqldb", "h2database",
		"sap.hana", "trino", "aws.redshift", "gcp.spanner":
		return !compat
	}
	return false
}

// appendSQL writes the sql block of a call to an SQL database.
func (f *facts) appendSQL(dst []byte, s *Segment) []byte {
	if !f.sql || (s.role == roleService && !f.compat) {
		return dst
	}
	dst = append(dst, `,"sql":{`...)
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
			at += ":" + strconv.FormatInt(p.number, 10)
		}
	}
	if name == "" {
		return at
	}
	return at + "/" + name
}
