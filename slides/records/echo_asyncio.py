"""An echo server in Python's asyncio: watched by the narrator, held to the contract.

    python3 slides/records/echo_asyncio.py PORT
"""
import asyncio
import sys


async def serve(reader, writer):
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    print("listening on %s:%d" % server.sockets[0].getsockname(), flush=True)
    await server.serve_forever()


asyncio.run(main())
