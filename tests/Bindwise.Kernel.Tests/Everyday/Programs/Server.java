import java.net.ServerSocket;

/** A server of one socket: java Server.java PORT. */
public class Server {
    public static void main(String[] arguments) throws Exception {
        try (ServerSocket listener = new ServerSocket(Integer.parseInt(arguments[0]))) {
            while (true) {
                listener.accept().close();
            }
        }
    }
}
