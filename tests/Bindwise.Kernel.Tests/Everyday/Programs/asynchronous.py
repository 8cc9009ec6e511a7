"""A server of asyncio, as uvicorn is one: asynchronous.py PORT."""
import asyncio
import sys


async def serve():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(serve())
