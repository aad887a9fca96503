package main

import (
	"github.com/octet-ws/octet/conn/ws"
	"github.com/octet-ws/octet/handshake"
)

// dialOptions returns the options of a dial that the flags stand for.
func (f *sharedFlags) dialOptions() (*ws.DialOptions, error) {
	o, err := f.transport()
	if err != nil {
		return nil, err
	}
	o.Host, o.Origin, o.Subprotocols = f.host, f.origin, f.subprotocols
	if len(f.fields) > 0 {
		o.Head = func(_ handshake.URL, r *handshake.Request) (*handshake.Request, error) {
			f.fields.apply(&r.Fields)
			return r, nil
		}
	}
	return o, nil
}

// apply makes the changes that the -H flags ask for, in their order. A field
// that the head has is changed where it stands, and takes the name as spelt.
func (l fieldFlags) apply(fs *handshake.Fields) {
	for _, f := range l {
		if f.remove {
			fs.Del(f.name)
			continue
		}
		fs.Set(f.name, f.value)
		(*fs)[fs.Index(f.name)].Name = f.name
	}
}
