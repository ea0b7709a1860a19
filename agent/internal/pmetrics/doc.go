// Package pmetrics reads the collector's metrics as the library's package metrics takes them.
//
//	reader := pmetrics.Reader{Resource: resources.Of}
//	reader.Each(md, encoder.Add, lost)
//
// What is made of totals, a metrics.EMFEncoder or a metrics.DatumEncoder, remembers the point before: it must be given
// each point once, and what it made of it must be kept where sending fails. An exporter that returned an error with the
// points themselves would get them a second time, and make an increase of zero of them.
package pmetrics
