# Each line "@@THOUGHT" is replaced by the code that remedies give for it; what it must achieve stands behind it.
import asyncio, os, pathlib, signal, socket, subprocess, sys, tempfile

host, port = "127.0.0.1", 0


def told(thought, condition):
    print(thought if condition else f"FAILED {thought}", flush=True)


def pair():
    listener = socket.create_server((host, 0))
    client = socket.create_connection(listener.getsockname())
    conn = listener.accept()[0]
    listener.close()
    return conn, client


def on(sock, level, option):
    return sock.getsockopt(level, option) != 0


sock = socket.socket()
told("before", not on(sock, socket.SOL_SOCKET, socket.SO_REUSEADDR) and not on(sock, socket.SOL_SOCKET, socket.SO_REUSEPORT))
@@ReuseAddress
told("ReuseAddress", on(sock, socket.SOL_SOCKET, socket.SO_REUSEADDR))
@@ReusePort
told("ReusePort", on(sock, socket.SOL_SOCKET, socket.SO_REUSEPORT))

sock = socket.socket(type=socket.SOCK_DGRAM)
@@ReuseAddressOfDatagrams
told("ReuseAddressOfDatagrams", on(sock, socket.SOL_SOCKET, socket.SO_REUSEADDR))
@@ReusePortOfDatagrams
told("ReusePortOfDatagrams", on(sock, socket.SOL_SOCKET, socket.SO_REUSEPORT))

sock = socket.socket(socket.AF_INET6)
@@SetV6Only
told("SetV6Only", on(sock, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
@@ClearV6Only
told("ClearV6Only", not on(sock, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))

sock, source = socket.socket(), "127.0.0.5"
if not hasattr(socket, "IP_BIND_ADDRESS_NO_PORT"):
    socket.IP_BIND_ADDRESS_NO_PORT = 24
@@BindAddressNoPort
told("BindAddressNoPort", sock.getsockname() == (source, 0))

sock = socket.create_server((host, 0))
told("sets CloseOnExec by itself", not sock.get_inheritable())
@@CloseOnExec
told("CloseOnExec", sock.fileno() == -1)

conn, client = pair()
client.send(b"rest")
client.shutdown(socket.SHUT_WR)
@@CloseLast
told("CloseLast", conn.fileno() == -1 and client.recv(1) == b"")

conn, client = pair()
client.close()
@@CloseAfterEnd
told("CloseAfterEnd", conn.fileno() == -1)

path = os.path.join(tempfile.mkdtemp(), "socket")
left = socket.socket(socket.AF_UNIX)
left.bind(path)
left.close()
@@UnlinkBeforeBind
socket.socket(socket.AF_UNIX).bind(path)
told("UnlinkBeforeBind", True)

if os.fork() == 0:
    try:
        @@EndOnSigterm
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    finally:
        os._exit(7)
told("EndOnSigterm", os.waitstatus_to_exitcode(os.wait()[1]) == 7)


class requests:
    class Session:
        pass


@@KeepAlive
told("KeepAlive", isinstance(session, requests.Session))


async def asynchronous():
    def handle(reader, writer):
        pass

    server = await asyncio.start_server(handle, host, port)
    told("asyncio sets ReuseAddress by itself", on(server.sockets[0], socket.SOL_SOCKET, socket.SO_REUSEADDR))
    server = await asyncio.start_server(handle, "::1", port)
    told("asyncio sets V6Only by itself", on(server.sockets[0], socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
    @@asyncio ReusePort
    told("asyncio ReusePort", on(server.sockets[0], socket.SOL_SOCKET, socket.SO_REUSEPORT))

    ours, client = pair()
    reader, writer = await asyncio.open_connection(sock=ours)
    client.send(b"rest")
    client.shutdown(socket.SHUT_WR)
    @@asyncio CloseLast
    told("asyncio CloseLast", writer.is_closing())

    ours, client = pair()
    reader, writer = await asyncio.open_connection(sock=ours)
    client.close()
    @@asyncio CloseAfterEnd
    told("asyncio CloseAfterEnd", writer.is_closing())

    left = socket.socket(socket.AF_UNIX)
    os.unlink(path)
    left.bind(path)
    left.close()
    await asyncio.start_unix_server(handle, path)
    told("asyncio does UnlinkBeforeBind by itself", True)

    @@asyncio EndOnSigterm
    os.kill(os.getpid(), signal.SIGTERM)
    while server.is_serving():
        await asyncio.sleep(0.01)
    told("asyncio EndOnSigterm", True)


asyncio.run(asynchronous())
