package localaws

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// GetServiceGraph: a node for each service by name, type and account; one for
// the clients of each root; inferred ones for what was called and sent nothing.
// A node's numbers are from its own segments, an edge's from the caller's
// subsegment, network included. 100 services a page. It leaves out groups, links
// (asynchronous edges) and aliases.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_GetServiceGraph.html
// and https://docs.aws.amazon.com/xray/latest/devguide/xray-api-gettingdata.html

// Limits of the graph. The range is long-standing behaviour that AWS's pages do
// not name; the page size is ours.
const (
	maxGraphRange   = 6 * time.Hour
	servicesPerPage = 100
)

type getServiceGraphInput struct {
	StartTime *wire.Time `json:"StartTime"`
	EndTime   *wire.Time `json:"EndTime"`
	GroupName string     `json:"GroupName"`
	GroupARN  string     `json:"GroupARN"`
	NextToken string     `json:"NextToken"`
}

type getServiceGraphOutput struct {
	StartTime                wire.Time       `json:"StartTime"`
	EndTime                  wire.Time       `json:"EndTime"`
	Services                 []serviceOutput `json:"Services"`
	ContainsOldGroupVersions bool            `json:"ContainsOldGroupVersions"`
	NextToken                string          `json:"NextToken,omitempty"`
}

type serviceOutput struct {
	ReferenceID           int              `json:"ReferenceId"`
	Name                  string           `json:"Name"`
	Names                 []string         `json:"Names"`
	Root                  *bool            `json:"Root,omitempty"`
	AccountID             string           `json:"AccountId,omitempty"`
	Type                  string           `json:"Type,omitempty"`
	State                 string           `json:"State"`
	StartTime             wire.Time        `json:"StartTime"`
	EndTime               wire.Time        `json:"EndTime"`
	Edges                 []edgeOutput     `json:"Edges"`
	SummaryStatistics     *statsOutput     `json:"SummaryStatistics,omitempty"`
	DurationHistogram     []histogramEntry `json:"DurationHistogram,omitempty"`
	ResponseTimeHistogram []histogramEntry `json:"ResponseTimeHistogram,omitempty"`
}

type edgeOutput struct {
	ReferenceID           int              `json:"ReferenceId"`
	StartTime             wire.Time        `json:"StartTime"`
	EndTime               wire.Time        `json:"EndTime"`
	SummaryStatistics     statsOutput      `json:"SummaryStatistics"`
	ResponseTimeHistogram []histogramEntry `json:"ResponseTimeHistogram"`
	Aliases               []struct{}       `json:"Aliases"`
}

type statsOutput struct {
	OkCount           int             `json:"OkCount"`
	ErrorStatistics   errorStatistics `json:"ErrorStatistics"`
	FaultStatistics   faultStatistics `json:"FaultStatistics"`
	TotalCount        int             `json:"TotalCount"`
	TotalResponseTime float64         `json:"TotalResponseTime"`
}

type errorStatistics struct {
	ThrottleCount int `json:"ThrottleCount"`
	OtherCount    int `json:"OtherCount"`
	TotalCount    int `json:"TotalCount"`
}

type faultStatistics struct {
	OtherCount int `json:"OtherCount"`
	TotalCount int `json:"TotalCount"`
}

type histogramEntry struct {
	Value float64 `json:"Value"`
	Count int     `json:"Count"`
}

func getServiceGraph(c *call, in *getServiceGraphInput) (*getServiceGraphOutput, error) {
	times, err := c.readRange(in.StartTime, in.EndTime)
	if err != nil {
		return nil, err
	}
	if took := in.EndTime.Sub(in.StartTime.Time); took > maxGraphRange {
		return nil, c.refuse(&ruleGraphRange, "EndTime", took, c.body)
	}
	if in.GroupName != "" && in.GroupName != "Default" || in.GroupARN != "" {
		return nil, c.refuse(&ruleGroup, "GroupName", in.GroupName+in.GroupARN, c.body)
	}
	first, err := pageStart(in.NextToken)
	if err != nil {
		return nil, c.refuse(&ruleToken, "NextToken", in.NextToken, c.body)
	}
	nodes := c.srv.traces.graphOf(times).nodes
	out := &getServiceGraphOutput{StartTime: *in.StartTime, EndTime: *in.EndTime, Services: []serviceOutput{}}
	for _, n := range nodes[min(first, len(nodes)):] {
		if len(out.Services) == servicesPerPage {
			out.NextToken = strconv.Itoa(first + servicesPerPage)
			break
		}
		out.Services = append(out.Services, n.output())
	}
	return out, nil
}

// pageStart reads the token of the graph: the number of the next service.
func pageStart(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(token, 10, 31)
	return int(n), err
}

func (n *graphNode) output() serviceOutput {
	out := serviceOutput{
		ReferenceID: n.ref,
		Name:        n.id.name,
		Names:       []string{n.id.name},
		AccountID:   n.id.account,
		Type:        n.id.typ,
		State:       "unknown",
		StartTime:   wire.NewTime(secondsTime(n.stats.start)),
		EndTime:     wire.NewTime(secondsTime(n.stats.end)),
		Edges:       []edgeOutput{},
	}
	for _, e := range n.outgoing {
		out.Edges = append(out.Edges, e.output())
	}
	if n.client {
		return out
	}
	if !n.inferred {
		out.State = "active"
	}
	if n.root {
		out.Root = &n.root
	}
	sums := n.stats.output()
	out.SummaryStatistics = &sums
	out.DurationHistogram = n.stats.histogramOutput()
	out.ResponseTimeHistogram = out.DurationHistogram
	return out
}

func (e *graphEdge) output() edgeOutput {
	return edgeOutput{
		ReferenceID:           e.to.ref,
		StartTime:             wire.NewTime(secondsTime(e.stats.start)),
		EndTime:               wire.NewTime(secondsTime(e.stats.end)),
		SummaryStatistics:     e.stats.output(),
		ResponseTimeHistogram: e.stats.histogramOutput(),
		Aliases:               []struct{}{},
	}
}

func (s *stats) output() statsOutput {
	return statsOutput{
		OkCount:           s.ok,
		ErrorStatistics:   errorStatistics{s.throttle, s.error, s.throttle + s.error},
		FaultStatistics:   faultStatistics{s.fault, s.fault},
		TotalCount:        s.total(),
		TotalResponseTime: millis(s.seconds),
	}
}

func (s *stats) histogramOutput() []histogramEntry {
	out := make([]histogramEntry, 0, len(s.histogram))
	for _, v := range slices.Sorted(maps.Keys(s.histogram)) {
		out = append(out, histogramEntry{v, s.histogram[v]})
	}
	return out
}
