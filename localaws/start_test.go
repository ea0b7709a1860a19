package localaws

import (
	"net/http"
	"testing"
)

func TestStart(t *testing.T) {
	srv, err := Start(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(srv.URL() + "/console/api/overview")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
}
