"""Passes TCP connections on, each byte later by a while and none slower: a long way with a wide road.

usage: delay_proxy.py PORT DELAY_MILLISECONDS

Listens on a free port of 127.0.0.1, prints it, and connects to PORT there.
"""
import asyncio
import collections
import socket
import sys

TARGET, DELAY = int(sys.argv[1]), float(sys.argv[2]) / 1000
# What may be on its way in one direction, in bytes: well above speed by delay.
ON_THE_WAY_MAX = 64 << 20


async def carry(reader, writer):
    loop = asyncio.get_running_loop()
    queue, size, changed = collections.deque(), 0, asyncio.Event()

    async def receive():
        nonlocal size
        while True:
            while size > ON_THE_WAY_MAX:
                changed.clear()
                await changed.wait()
            piece = await reader.read(1 << 18)
            queue.append((loop.time() + DELAY, piece))
            size += len(piece)
            changed.set()
            if not piece:
                return

    receiving = asyncio.create_task(receive())
    try:
        while True:
            while not queue:
                changed.clear()
                await changed.wait()
            due, piece = queue[0]
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            queue.popleft()
            size -= len(piece)
            changed.set()
            if not piece:
                if writer.can_write_eof():
                    writer.write_eof()
                return
            writer.write(piece)
            await writer.drain()
    finally:
        receiving.cancel()


async def connected(reader, writer):
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", TARGET, limit=1 << 20)
    for end in (writer, far_writer):
        end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))
    except OSError:
        pass
    finally:
        writer.close()
        far_writer.close()


async def main():
    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
