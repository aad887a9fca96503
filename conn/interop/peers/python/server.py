# A server on websockets. At /echo it sends back what comes; at /drive it holds
# the conversation of programme.py with a client that echoes.
#
#   python3 server.py [CERT.pem KEY.pem]
#
# Its first line is its port.

import asyncio
import ssl
import sys

import websockets

import programme


async def serve(ws):
    if ws.path == "/drive":
        await programme.run(ws)
    else:
        async for message in ws:
            await ws.send(message)
    print("closed", ws.close_code, flush=True)


async def main(cert=None, key=None):
    context = None
    if cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
    async with websockets.serve(serve, "127.0.0.1", 0, ssl=context) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main(*sys.argv[1:]))
