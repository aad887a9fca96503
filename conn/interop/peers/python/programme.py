# The conversation that every peer of these tests holds with an endpoint that
# echoes: each message is sent, and must come back as it was. The same list
# stands in node/programme.cjs, chromium/client.html and lws/echo.c.

MIB = 1 << 20

TEXT = "Grüße, 世界 👋"
BINARY = bytes(range(256))
FRAGMENTS = ["one ", "two — ", "three"]
LARGE_TEXT = "é" * (MIB // 2)
LARGE_BINARY = bytes(i * 7 % 251 for i in range(MIB))


async def run(ws):
    """Holds the conversation over ws, a connection of the websockets package."""

    async def expect(name, want):
        got = await ws.recv()
        print(name, "ok" if got == want else f"came back wrong: {type(got).__name__} of {len(got)}", flush=True)

    async def echo(name, message):
        await ws.send(message)
        await expect(name, message)

    async def fragments():
        # A Ping between the fragments: its Pong may not wait for the message's end.
        yield FRAGMENTS[0]
        await (await ws.ping("between fragments"))
        print("pong ok", flush=True)
        yield FRAGMENTS[1]
        yield FRAGMENTS[2]

    await echo("text", TEXT)
    await echo("empty text", "")
    await echo("binary", BINARY)
    await ws.send(fragments())
    await expect("fragmented", "".join(FRAGMENTS))
    await echo("1 MiB text", LARGE_TEXT)
    await echo("1 MiB binary", LARGE_BINARY)
    await ws.close(1000, "done")
