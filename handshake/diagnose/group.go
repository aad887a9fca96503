package diagnose

import (
	"slices"
	"strings"
)

// likelihood lists what servers are known to trip on, most frequent first. What
// is not listed comes after. The first five are rare among heads; where two
// heads differ in them at all, it usually matters.
var likelihood = []string{
	FieldMethod, FieldVersion, groupDuplicate, groupSpacing, FieldLineEnd,
	"Sec-WebSocket-Protocol", "Origin", groupCase, "Host", "User-Agent",
	"Sec-WebSocket-Extensions", groupUpgrade, groupOrder,
	"Cookie", "Authorization", "Accept-Encoding",
	FieldALPN, FieldSNI, FieldTLS,
}

// Groups of edits that matter together or not at all, as a rule.
const (
	groupCase      = "names"        // the case of names
	groupUpgrade   = "upgrade"      // the values of Upgrade and Connection
	groupOrder     = "order"        // the order of the fields
	groupSpacing   = "spacing"      // the blanks in lines
	groupDuplicate = "repeatedness" // repeated fields
)

// group returns the group an edit belongs to.
func (e edit) group() string {
	switch {
	case e.kind == kindName:
		return groupCase
	case e.kind == kindMove:
		return groupOrder
	case e.Op == Spacing:
		return groupSpacing
	case e.Op == Duplicate:
		return groupDuplicate
	case e.Field == "Connection" || e.Field == "Upgrade":
		return groupUpgrade
	}
	return e.Field
}

// groupEdits sorts edits into their groups, the likeliest first, of the groups
// as of the edits in each.
func groupEdits(edits []edit) [][]edit {
	var groups [][]edit
	for _, e := range edits {
		i := slices.IndexFunc(groups, func(g []edit) bool { return g[0].group() == e.group() })
		if i < 0 {
			groups = append(groups, []edit{e})
		} else {
			groups[i] = append(groups[i], e)
		}
	}
	rank := func(list []string, s string) int {
		if i := slices.Index(list, s); i >= 0 {
			return i
		}
		return len(list)
	}
	slices.SortStableFunc(groups, func(g, h []edit) int {
		return rank(likelihood, g[0].group()) - rank(likelihood, h[0].group())
	})
	for _, g := range groups {
		slices.SortStableFunc(g, func(e, f edit) int { return rank(lookedAt, e.Field) - rank(lookedAt, f.Field) })
	}
	return groups
}

// lookedAt lists the fields whose names and places servers look at first.
var lookedAt = []string{fieldKey, fieldHost, fieldUpgrade, fieldConnection}

// redundant returns edits that the whole delta makes superfluous, but any one
// of which may be all that matters:
//
//   - the name and spacing of a line that b does not have, as the RFCs want them;
//   - Host moved to its place, where it was easier to move others around it, or
//     enough to remove those before it;
//   - the line moved that is last in b, where those behind it are removed or
//     moved.
func (d *Delta) redundant() []edit {
	var edits []edit
	for i, f := range d.a.Fields {
		j := d.inA[i]
		switch {
		case j < 0:
			name := lineName(d.a.Fields, i)
			if f.Name != "" && f.Name != name {
				edits = append(edits, edit{Change: Change{Case, name, f.Name, name}, kind: kindName, a: i, b: -1})
			}
			if odd := spacing(f); f.Name != "" && odd != usualSep {
				edits = append(edits, edit{Change: Change{Spacing, name, odd, usualSep}, kind: kindSpacing, a: i, b: -1})
			}
		case d.moved[j]:
		case f.Is(fieldHost) && (j == 0 && i > 0 || slices.Contains(d.moved, true)),
			j == len(d.inB)-1 && i < len(d.inA)-1:
			edits = append(edits, edit{Change: Change{Move, lineName(d.a.Fields, i), place(d.a.Fields, i), ""}, kind: kindMove, a: i, b: j})
		}
	}
	return edits
}

// transportEdits returns the edits that turn one transport into another.
func transportEdits(a, b TLS) []edit {
	var edits []edit
	add := func(field, from, to string) {
		if from != to {
			edits = append(edits, edit{Change: Change{Transport, field, from, to}, kind: kindTransport, a: -1, b: -1})
		}
	}
	add(FieldALPN, a.ALPN, b.ALPN)
	add(FieldSNI, a.SNI, b.SNI)
	add(FieldTLS, a.Version, b.Version)
	return edits
}

// isApplications reports whether a field of that name is the application's
// rather than the client library's.
func isApplications(name string) bool {
	switch lower := strings.ToLower(name); lower {
	case "authorization", "cookie", "proxy-authorization", "origin", "sec-websocket-protocol":
		return true
	default:
		return name != "" && !knownNames[lower] && !strings.HasPrefix(lower, "sec-")
	}
}
