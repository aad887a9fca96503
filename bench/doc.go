// Package bench measures what the layers below conn cost: masking, frame
// headers, UTF-8 validation and the endpoint, beside floors that know nothing
// of the protocol's checks.
//
//	go test -bench . ./bench      one pass of every benchmark
//	go run ./bench/cmd/table      the results table, as a Markdown file has it
//
// A figure in nanoseconds says little about another machine, or about the
// same one while it is busy. So the table is made of ratios to an anchor of
// the same run (memcpy for masking, a bare parse for headers, the binary
// message for text), each the best of seven rounds in which all subjects take
// turns. Ratios are judged there, never in a test.
//
// Comparisons with other libraries are in the nested module compare, so that
// this one needs none of them.
package bench
