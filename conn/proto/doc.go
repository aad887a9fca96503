// Package proto is a WebSocket endpoint without input or output: the rules of
// RFC 6455 §5 to §7 that need memory of the frames before. It is the only
// place where protocol state changes, and state.go holds all of it.
//
// An [Endpoint] starts where the opening handshake ends. Whoever owns the
// transport (package conn with a goroutine, an event loop with one shared
// buffer, a test with a slice) feeds it the bytes that arrive and writes the
// bytes it makes:
//
//	for {
//		ev, n, err := e.Next(buf)      // decodes and unmasks in buf
//		buf = buf[n:]
//		if ev.Owes() {
//			e.Owe(ev)              // a Pong, or a Close
//			out = e.AppendReplies(out)
//		}
//		switch {
//		case err != nil:               // the peer broke a rule
//			return err
//		case ev.Kind == proto.KindNone && n == 0:
//			buf = readMore(buf)
//		case ev.Kind == proto.KindData:
//			use(ev.Payload)        // before buf is touched again
//		}
//	}
//
// It keeps no buffer, starts no goroutine, reads no clock and draws no random
// number; masking keys come from an option. Neither half allocates, but to
// remember what is owed and for an error.
//
// # Concurrency
//
// The methods fall in three groups that share no field:
//
//   - receive: Next, NextWhole, Inflated, Fail, Pending,
//     WholeMessageBuffered, ReceiveState;
//   - owed: Owe, and the first half of AppendReplies;
//   - send: AppendFrame, BeginFrame, BeginCompressed, AppendClose,
//     AppendReplies, SendState.
//
// Within a group calls must not overlap; across groups they may. So one
// goroutine can receive while others send under a lock of theirs. Owe and
// AppendReplies meet in the owed group: where they can run at the same time,
// a lock must cover both, one that is not held while bytes are written if
// the reader is never to wait for a writer.
package proto
