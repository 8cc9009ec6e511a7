// Each line "@@THOUGHT" is replaced by the code that remedies give for it; what it must achieve stands behind it.
import java.io.*;
import java.net.*;
import java.net.http.HttpClient;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.*;

public class Snippets {
    @@KeepAlive

    static void told(String thought, boolean condition) {
        System.out.println(condition ? thought : "FAILED " + thought);
    }

    static Socket[] pair() throws IOException {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var client = new Socket(listener.getInetAddress(), listener.getLocalPort());
            return new Socket[] { listener.accept(), client };
        }
    }

    static class Server {
        final ServerSocket listener;

        Server() throws IOException {
            listener = new ServerSocket(0);
        }

        void stop() {
            try {
                listener.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            told("EndOnSigterm", listener.isClosed());
        }
    }

    public static void main(String[] arguments) throws Exception {
        var address = new InetSocketAddress("127.0.0.1", 0);
        told("sets ReuseAddress by itself", new ServerSocket(0).getReuseAddress());
        told("takes IPv4 on [::] by itself", new ServerSocket(0).getInetAddress().isAnyLocalAddress());
        {
            @@ReusePort
            told("ReusePort", server.isBound() && server.getOption(StandardSocketOptions.SO_REUSEPORT));
        }
        {
            @@ReuseAddressOfDatagrams
            told("ReuseAddressOfDatagrams", socket.isBound() && socket.getReuseAddress());
        }
        {
            @@ReusePortOfDatagrams
            told("ReusePortOfDatagrams", socket.isBound() && socket.getOption(StandardSocketOptions.SO_REUSEPORT));
        }
        {
            var pair = pair();
            Socket socket = pair[0], client = pair[1];
            client.getOutputStream().write("rest".getBytes());
            client.shutdownOutput();
            @@CloseLast
            told("CloseLast", socket.isClosed() && client.getInputStream().read() < 0);
        }
        {
            var pair = pair();
            var socket = pair[0];
            pair[1].close();
            var input = socket.getInputStream();
            var buffer = new byte[16];
            @@CloseAfterEnd
            told("CloseAfterEnd", socket.isClosed());
        }
        {
            var path = Files.createTempDirectory("snippets").resolve("socket");
            try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                left.bind(UnixDomainSocketAddress.of(path));
            }
            @@UnlinkBeforeBind
            ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
            told("UnlinkBeforeBind", true);
        }
        told("KeepAlive", CLIENT != null);
        var server = new Server();
        @@EndOnSigterm
        new ProcessBuilder("kill", Long.toString(ProcessHandle.current().pid())).start();
        Thread.sleep(10_000);
    }
}
