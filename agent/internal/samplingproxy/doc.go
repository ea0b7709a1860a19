// Package samplingproxy is the TCP side of the X-Ray daemon's port: X-Ray's SDKs
// and OpenTelemetry's X-Ray samplers ask it for sampling rules and targets
// without a signature, and it asks X-Ray with one.
//
// Unlike the daemon and the collector's awsproxy it is no open door: it makes
// four calls of X-Ray's and no other. Rules are kept for a while, and what many
// samplers report is added up and reported once, so that a node's or a gateway's
// samplers cost as many calls as one of them.
package samplingproxy

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/updraft-otel/updraft/awsapi"
)

// An Upstream makes a call of X-Ray's API, signed. An error is an *awsapi.Error
// where X-Ray said no. [awsapi.Client] is one.
type Upstream interface {
	Post(ctx context.Context, path string, body []byte) (answer []byte, err error)
}

var _ Upstream = (*awsapi.Client)(nil)

// The calls that pass.
// https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
const (
	RulesPath    = "/GetSamplingRules"
	TargetsPath  = "/SamplingTargets"
	SegmentsPath = "/TraceSegments"
	RecordsPath  = "/TelemetryRecords"
)

// maxBody is the most of a request that is read: 50 documents of 64 KB, as JSON
// text in JSON text.
const maxBody = 8 << 20

// maxAsked is the most of what a sampler asks that is read: a thousand documents of statistics. Read, they take ten times that,
// and what is asked is what rules are kept by.
const maxAsked = 256 << 10

// callTimeout bounds a call for which several clients may wait.
const callTimeout = 10 * time.Second

// fail answers as X-Ray does.
func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
}

// refuse passes on what X-Ray said, or why it said nothing.
func refuse(w http.ResponseWriter, err error) {
	if e := (*awsapi.Error)(nil); errors.As(err, &e) && e.StatusCode >= http.StatusBadRequest {
		fail(w, e.StatusCode, e.Code, e.Message)
		return
	}
	fail(w, http.StatusBadGateway, "ServiceUnavailableException", "X-Ray does not answer: "+err.Error())
}

func answer(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) //nolint:gosec // it is JSON by its type
}
