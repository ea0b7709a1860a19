package localaws

import (
	"fmt"
	"slices"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// maxIndexedAnnotations is how many annotations of a trace X-Ray indexes.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
const maxIndexedAnnotations = 50

type traceSummary struct {
	ID                     string                           `json:"Id"`
	StartTime              wire.Time                        `json:"StartTime"`
	Duration               float64                          `json:"Duration"`
	ResponseTime           *float64                         `json:"ResponseTime,omitempty"`
	HasFault               bool                             `json:"HasFault"`
	HasError               bool                             `json:"HasError"`
	HasThrottle            bool                             `json:"HasThrottle"`
	IsPartial              bool                             `json:"IsPartial"`
	HTTP                   summaryHTTP                      `json:"Http"`
	Annotations            map[string][]valueWithServiceIDs `json:"Annotations"`
	Users                  []traceUser                      `json:"Users"`
	ServiceIDs             []serviceIDOutput                `json:"ServiceIds"`
	ResourceARNs           []arnOutput                      `json:"ResourceARNs"`
	InstanceIDs            []idOutput                       `json:"InstanceIds"`
	AvailabilityZones      []nameOutput                     `json:"AvailabilityZones"`
	EntryPoint             *serviceIDOutput                 `json:"EntryPoint,omitempty"`
	FaultRootCauses        []struct{}                       `json:"FaultRootCauses"`
	ErrorRootCauses        []struct{}                       `json:"ErrorRootCauses"`
	ResponseTimeRootCauses []struct{}                       `json:"ResponseTimeRootCauses"`
	Revision               int                              `json:"Revision"`
	MatchedEventTime       *wire.Time                       `json:"MatchedEventTime,omitempty"`
}

type summaryHTTP struct {
	HTTPURL    string `json:"HttpURL,omitempty"`
	HTTPStatus int    `json:"HttpStatus,omitempty"`
	HTTPMethod string `json:"HttpMethod,omitempty"`
	UserAgent  string `json:"UserAgent,omitempty"`
	ClientIP   string `json:"ClientIp,omitempty"`
}

type serviceIDOutput struct {
	Name      string   `json:"Name"`
	Names     []string `json:"Names"`
	AccountID string   `json:"AccountId,omitempty"`
	Type      string   `json:"Type,omitempty"`
}

type valueWithServiceIDs struct {
	AnnotationValue annotationValue   `json:"AnnotationValue"`
	ServiceIDs      []serviceIDOutput `json:"ServiceIds"`
}

type annotationValue struct {
	NumberValue  *float64 `json:"NumberValue,omitempty"`
	BooleanValue *bool    `json:"BooleanValue,omitempty"`
	StringValue  *string  `json:"StringValue,omitempty"`
}

type traceUser struct {
	UserName   string            `json:"UserName"`
	ServiceIDs []serviceIDOutput `json:"ServiceIds"`
}

type (
	arnOutput struct {
		ARN string `json:"ARN"`
	}
	idOutput struct {
		ID string `json:"Id"`
	}
	nameOutput struct {
		Name string `json:"Name"`
	}
)

func (id serviceID) output() serviceIDOutput {
	return serviceIDOutput{Name: id.name, Names: []string{id.name}, AccountID: id.account, Type: id.typ}
}

// newSummary is a trace as GetTraceSummaries tells of it.
func newSummary(v traceView, f *traceFacts) traceSummary {
	s := traceSummary{
		ID:                     v.id,
		StartTime:              wire.NewTime(secondsTime(f.start)),
		Duration:               millis(f.end - f.start),
		HasFault:               f.flags.fault,
		HasError:               f.flags.error,
		HasThrottle:            f.flags.throttle,
		IsPartial:              f.partial,
		Annotations:            map[string][]valueWithServiceIDs{},
		Users:                  []traceUser{},
		ServiceIDs:             []serviceIDOutput{},
		ResourceARNs:           []arnOutput{},
		InstanceIDs:            []idOutput{},
		AvailabilityZones:      []nameOutput{},
		FaultRootCauses:        []struct{}{},
		ErrorRootCauses:        []struct{}{},
		ResponseTimeRootCauses: []struct{}{},
		Revision:               v.revision,
	}
	if f.root >= 0 {
		s.addRoot(&f.entities[f.root])
	}
	for i := range f.entities {
		s.addEntity(&f.entities[i])
	}
	return s
}

func (s *traceSummary) addRoot(root *entity) {
	if !root.inProgress {
		took := millis(root.end - root.start)
		s.ResponseTime = &took
	}
	entry := root.service.output()
	s.EntryPoint = &entry
	s.HTTP = summaryHTTP{root.http.url, root.http.status, root.http.method, root.http.userAgent, root.http.clientIP}
}

// addEntity adds what an entity has, each thing once.
func (s *traceSummary) addEntity(e *entity) {
	id := e.service.output()
	s.ServiceIDs = addService(s.ServiceIDs, id)
	if e.inferred { // its caller's subsegment has been collected already
		return
	}
	if e.arn != "" && !slices.Contains(s.ResourceARNs, arnOutput{e.arn}) {
		s.ResourceARNs = append(s.ResourceARNs, arnOutput{e.arn})
	}
	if e.instance != "" && !slices.Contains(s.InstanceIDs, idOutput{e.instance}) {
		s.InstanceIDs = append(s.InstanceIDs, idOutput{e.instance})
	}
	if e.zone != "" && !slices.Contains(s.AvailabilityZones, nameOutput{e.zone}) {
		s.AvailabilityZones = append(s.AvailabilityZones, nameOutput{e.zone})
	}
	for _, user := range e.users {
		s.addUser(user, id)
	}
	for _, note := range e.notes {
		s.addAnnotation(note, id)
	}
}

func (s *traceSummary) addUser(user string, id serviceIDOutput) {
	for i := range s.Users {
		if s.Users[i].UserName == user {
			s.Users[i].ServiceIDs = addService(s.Users[i].ServiceIDs, id)
			return
		}
	}
	s.Users = append(s.Users, traceUser{user, []serviceIDOutput{id}})
}

func (s *traceSummary) addAnnotation(note annotation, id serviceIDOutput) {
	values, known := s.Annotations[note.key]
	if !known && len(s.Annotations) >= maxIndexedAnnotations {
		return
	}
	value := newAnnotationValue(note.value)
	for i := range values {
		if fmt.Sprint(values[i].AnnotationValue.any()) == fmt.Sprint(value.any()) {
			values[i].ServiceIDs = addService(values[i].ServiceIDs, id)
			return
		}
	}
	s.Annotations[note.key] = append(values, valueWithServiceIDs{value, []serviceIDOutput{id}})
}

func newAnnotationValue(v any) annotationValue {
	switch v := v.(type) {
	case float64:
		return annotationValue{NumberValue: &v}
	case bool:
		return annotationValue{BooleanValue: &v}
	case string:
		return annotationValue{StringValue: &v}
	}
	return annotationValue{}
}

func (v annotationValue) any() any {
	switch {
	case v.NumberValue != nil:
		return *v.NumberValue
	case v.BooleanValue != nil:
		return *v.BooleanValue
	case v.StringValue != nil:
		return "s" + *v.StringValue // "1" is not 1
	}
	return nil
}

func addService(list []serviceIDOutput, id serviceIDOutput) []serviceIDOutput {
	for _, have := range list {
		if have.Name == id.Name && have.Type == id.Type && have.AccountID == id.AccountID {
			return list
		}
	}
	return append(list, id)
}

// millis rounds seconds to milliseconds, as X-Ray does.
func millis(seconds float64) float64 {
	return float64(int64(seconds*1e3+0.5)) / 1e3
}
