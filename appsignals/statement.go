package appsignals

import "strings"

// maxVerb is the length of the longest text that statementVerb finds.
const maxVerb = 27

// statementVerb is what a statement does: its first word in capitals, with the
// next one where both together are a phrase that Application Signals knows. It
// is UnknownRemoteOperation for a word that begins no statement, so that what
// users type never becomes an operation.
func statementVerb(statement string) string {
	first, rest := word(strings.TrimSpace(statement))
	second, _ := word(rest)
	if phrase := first + " " + second; phrases[phrase] {
		return phrase
	}
	if verbs[first] {
		return first
	}
	return UnknownRemoteOperation
}

// word is the first word of s in capitals, and what comes after it.
func word(s string) (first, rest string) {
	s = strings.TrimLeft(s, " \t\r\n")
	end := len(s)
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			end = i
			break
		}
	}
	if end > maxVerb {
		return "", ""
	}
	return strings.ToUpper(s[:end]), s[end:]
}

var phrases = set("SELECT DISTINCT", "SELECT TOP", "SELECT INTO", "INSERT INTO",
	"CREATE DATABASE", "CREATE TABLE", "CREATE INDEX", "CREATE VIEW", "ALTER TABLE", "TRUNCATE TABLE",
	"DROP DATABASE", "DROP TABLE", "DROP INDEX", "DROP VIEW", "BACKUP DATABASE")

var verbs = set("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "UPSERT", "REPLACE", "VALUES", "WITH",
	"CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "COMMENT", "GRANT", "REVOKE",
	"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "ABORT", "END",
	"DECLARE", "OPEN", "FETCH", "MOVE", "CLOSE", "PREPARE", "EXECUTE", "EXEC", "DEALLOCATE", "CALL", "DO",
	"SET", "RESET", "SHOW", "USE", "DESCRIBE", "DESC", "EXPLAIN", "ANALYZE", "ANALYSE",
	"LOCK", "UNLOCK", "LISTEN", "UNLISTEN", "NOTIFY", "COPY", "LOAD", "CHECK", "CHECKPOINT", "FLUSH",
	"VACUUM", "REINDEX", "CLUSTER", "BACKUP", "RESTORE", "TABLE")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
