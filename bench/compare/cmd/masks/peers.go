//go:build peers

package main

import (
	"encoding/binary"

	wsutil "github.com/antlabs/wsutil/mask"
	coder "github.com/coder/websocket"
	"github.com/gobwas/ws"
	gorilla "github.com/gorilla/websocket"
	nbio "github.com/lesismal/nbio/nbhttp/websocket"
	"github.com/lxzan/gws"
)

// peers are the functions that the libraries' connections call. gobwas and
// quickws export theirs; ExportedMask is what `compare mask` adds to a
// copy of the others. A key is taken in the form that each keeps it in.
var peers = map[string]loop{
	"gobwas": func(b []byte, key [4]byte, n int) {
		for range n {
			ws.Cipher(b, key, 0)
		}
	},
	"gorilla": func(b []byte, key [4]byte, n int) {
		for range n {
			gorilla.ExportedMask(key, 0, b)
		}
	},
	"gws": func(b []byte, key [4]byte, n int) {
		for range n {
			gws.ExportedMask(b, key[:])
		}
	},
	"nbio": func(b []byte, key [4]byte, n int) {
		for range n {
			nbio.ExportedMask(b, key[:])
		}
	},
	"coder": func(b []byte, key [4]byte, n int) {
		k := binary.LittleEndian.Uint32(key[:])
		for range n {
			coder.ExportedMask(b, k)
		}
	},
	"quickws": func(b []byte, key [4]byte, n int) {
		k := binary.LittleEndian.Uint32(key[:])
		for range n {
			wsutil.Mask(b, k)
		}
	},
}
