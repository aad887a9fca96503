package diagnose

import (
	"slices"
	"strings"

	"github.com/octet-ws/octet/handshake"
)

// This file takes the values of list fields apart, so that of
//
//	Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits
//
// not the whole field is blamed when one parameter is what a server dislikes.

// listSeparator returns what separates the elements of a field's value, or 0
// if its value is not a list.
func listSeparator(field string) byte {
	switch strings.ToLower(field) {
	case "connection", "upgrade", "sec-websocket-protocol", "sec-websocket-extensions",
		"accept", "accept-encoding", "accept-language", "cache-control", "pragma":
		return ','
	case "cookie":
		return ';'
	}
	return 0
}

// An element of a list: what stands between two separators, with its
// parameters apart where the field has some.
type element struct {
	text   string
	params []string
}

// splitList takes a value apart. Separators within quoted strings do not count;
// empty elements are dropped.
func splitList(field, value string) []element {
	sep := listSeparator(field)
	var list []element
	for _, text := range splitOutsideQuotes(value, sep) {
		e := element{text: text}
		if strings.EqualFold(field, "Sec-WebSocket-Extensions") {
			if parts := splitOutsideQuotes(text, ';'); len(parts) > 0 {
				e.text, e.params = parts[0], parts[1:]
			}
		}
		list = append(list, e)
	}
	return list
}

func splitOutsideQuotes(s string, sep byte) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == sep && !quoted:
			if part := strings.Trim(s[start:i], " \t"); part != "" {
				parts = append(parts, part)
			}
			start = i + 1
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++
		}
	}
	return parts
}

// joinList is the inverse of splitList in the style of a model value: with or
// without a blank behind the separators.
func joinList(field string, list []element, model string) string {
	sep := string(listSeparator(field))
	if strings.Contains(model, sep+" ") || !strings.Contains(model, sep) {
		sep += " "
	}
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = strings.Join(append([]string{e.text}, e.params...), "; ")
	}
	return strings.Join(texts, sep)
}

// A listDelta is what turns one value of a list field into another, as steps
// that can be taken in any combination. An absent field is an empty list.
type listDelta struct {
	field    string
	from, to string
	steps    []listStep
}

// A listStep changes one element, or one parameter of it.
type listStep struct {
	from, to           string // element; "" if it is added, removed
	param              bool   // the step is about a parameter of the element from (or else to)
	fromParam, toParam string // "" if it is added, removed
}

// compareLists returns nil if the field's value is no list.
func compareLists(field, from, to string) *listDelta {
	if listSeparator(field) == 0 {
		return nil
	}
	d := &listDelta{field: field, from: from, to: to}
	rest := splitList(field, to)
	for _, e := range splitList(field, from) {
		i := slices.IndexFunc(rest, func(o element) bool { return strings.EqualFold(o.text, e.text) })
		if i < 0 {
			d.params(e, element{text: e.text})
			d.steps = append(d.steps, listStep{from: e.text})
			continue
		}
		d.params(e, rest[i])
		if rest[i].text != e.text {
			d.steps = append(d.steps, listStep{from: e.text, to: rest[i].text})
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, e := range rest {
		d.steps = append(d.steps, listStep{to: e.text})
		d.params(element{text: e.text}, e)
	}
	return d
}

// params adds the steps between the parameters of an element.
func (d *listDelta) params(from, to element) {
	name := func(p string) string { n, _, _ := strings.Cut(p, "="); return n }
	rest := slices.Clone(to.params)
	for _, p := range from.params {
		step := listStep{from: from.text, param: true, fromParam: p}
		if i := slices.IndexFunc(rest, func(o string) bool { return name(o) == name(p) }); i >= 0 {
			step.toParam = rest[i]
			rest = slices.Delete(rest, i, i+1)
		}
		if step.fromParam != step.toParam {
			d.steps = append(d.steps, step)
		}
	}
	for _, p := range rest {
		d.steps = append(d.steps, listStep{from: from.text, param: true, toParam: p})
	}
}

// apply returns the value after the given steps. All steps together make to,
// byte for byte; "" means that no element is left.
func (d *listDelta) apply(steps []listStep) string {
	if len(steps) == len(d.steps) {
		return d.to
	}
	list := splitList(d.field, d.from)
	find := func(text string) int {
		return slices.IndexFunc(list, func(e element) bool { return e.text == text })
	}
	for _, s := range steps {
		i := find(s.from)
		switch {
		case s.param && i >= 0:
			list[i].params = replace(slices.Clone(list[i].params), s.fromParam, s.toParam)
		case s.param: // the element it belongs to is gone, or was not added
		case s.from == "":
			list = append(list, element{text: s.to})
		case i < 0:
		case s.to == "":
			list = slices.Delete(list, i, i+1)
		default:
			list[i].text = s.to
		}
	}
	model := d.from
	if model == "" {
		model = d.to
	}
	return joinList(d.field, list, model)
}

// replace returns list with from replaced by to; "" stands for no entry.
func replace(list []string, from, to string) []string {
	i := slices.Index(list, from)
	switch {
	case i < 0 && to != "":
		return append(list, to)
	case i >= 0 && to == "":
		return slices.Delete(list, i, i+1)
	case i >= 0:
		list[i] = to
	}
	return list
}

// subprotocols returns the elements of all Sec-WebSocket-Protocol fields.
func subprotocols(fs handshake.Fields) []string {
	var list []string
	for _, v := range fs.Values("Sec-WebSocket-Protocol") {
		list = append(list, splitOutsideQuotes(v, ',')...)
	}
	return list
}
