# A client on websockets: holds the conversation of programme.py with an echo
# server.
#
#   python3 client.py URL [ROOT.pem]

import asyncio
import ssl
import sys

import websockets

import programme


async def main(url, root=None):
    context = ssl.create_default_context(cafile=root) if root else None
    async with websockets.connect(url, ssl=context) as ws:
        await programme.run(ws)
    print("closed", ws.close_code)


asyncio.run(main(*sys.argv[1:]))
