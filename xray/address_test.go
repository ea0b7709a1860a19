package xray

import "testing"

func TestWithoutPassword(t *testing.T) {
	f := func(address, want string) {
		t.Helper()
		if got := withoutPassword(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	f("", "")
	f("https://user:secret@example.com/x", "https://example.com/x")
	f("https://user@example.com", "https://example.com")
	f("https://a:b@c:d@example.com?q=e@f", "https://example.com?q=e@f")
	f("https://example.com/a@b", "https://example.com/a@b")
	f("https://user:100%@example.com/%", "https://example.com/%")
	f("jdbc:postgresql://app:secret@db:5432/shop?ssl=true", "jdbc:postgresql://db:5432/shop?ssl=true")
	f("postgresql://db/shop?user=app&password=secret", "postgresql://db/shop?user=app")
	f("postgresql://db/shop?password=secret&user=app", "postgresql://db/shop?user=app")
	f("postgresql://db/shop?password=secret", "postgresql://db/shop")
	f("Server=db;PASSWORD=a=b;Encrypt=true;Pwd=x", "Server=db;Encrypt=true")
	f("host=db password=secret dbname=shop", "host=db dbname=shop")
	f("https://example.com/?password_hint=x&max=1", "https://example.com/?password_hint=x&max=1")
	f("password=", "")
	f("=", "=")
}

func TestHostOf(t *testing.T) {
	f := func(address, want string) {
		t.Helper()
		if got := hostOf(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	f("", "")
	f("api.example.com", "api.example.com")
	f("api.example.com:8443", "api.example.com")
	f("2001:db8::1", "2001:db8::1")
	f("[2001:db8::1]", "2001:db8::1")
	f("[2001:db8::1]:8443", "2001:db8::1")
	f("https://user:secret@api.example.com:8443/x@y", "api.example.com")
	f("https://[2001:db8::1]/x", "2001:db8::1")
	f("jdbc:postgresql://db.internal:5432/shop", "db.internal")
	f("/only/a/path", "")
}
