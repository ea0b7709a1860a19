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
	if !isSQL(f.dbSystem, f.compat) || (s.role == roleService && !f.compat) {
		return dst
	}
	dst = append(dst, `,"sql":{`...)
	first := len(dst)
	dst = f.appendLong(dst, first, "url", s.Name)
	dst = f.appendLong(dst, first, "connection_string", f.connection())
	dst = f.appendLong(dst, first, "database_type", f.dbSystem)
	if f.compat {
		dst = f.appendLong(dst, first, "user", f.dbUser)
	} else {
		dst = f.appendField(dst, first, "user", f.dbUser)
	}
	dst = f.appendLong(dst, first, "sanitized_query", f.dbStatement)
	return append(dst, '}')
}

// connection is where the database is, without credentials; "" if unknown.
func (f *facts) connection() string {
	if f.compat {
		return firstOf(f.dbConnection, "localhost") + "/" + f.dbNamespace
	}
	at := withoutPassword(f.dbConnection)
	if at == "" {
		at = firstOf(f.serverAddress, f.netPeerName)
		if at == "" {
			return ""
		}
		p := f.serverPort
		if !p.set {
			p = f.netPeerPort
		}
		if p.value != 0 {
			at += ":" + strconv.FormatInt(p.value, 10)
		}
	}
	if f.dbNamespace == "" {
		return at
	}
	return at + "/" + f.dbNamespace
}
