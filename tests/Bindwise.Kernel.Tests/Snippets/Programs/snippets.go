// Each line "@@THOUGHT" is replaced by the code that remedies give for it; what it must achieve stands behind it.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

var ctx = context.Background()

func told(thought string, condition bool) {
	if !condition {
		thought = "FAILED " + thought
	}
	fmt.Println(thought)
}

func on(conn syscall.Conn, level, option int) (is bool) {
	raw, _ := conn.SyscallConn()
	raw.Control(func(fd uintptr) {
		value, err := unix.GetsockoptInt(int(fd), level, option)
		is = err == nil && value == 1
	})
	return
}

func pair() (conn, client net.Conn) {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	client, _ = net.Dial("tcp", listener.Addr().String())
	conn, _ = listener.Accept()
	listener.Close()
	return
}

func dual(address string) (net.Listener, error) {
	@@ClearV6Only
	return listener, err
}

func closing(conn net.Conn) {
	@@CloseAfterEnd
}

func main() {
	address := "127.0.0.1:0"
	{
		listener, _ := net.Listen("tcp", address)
		told("sets ReuseAddress by itself", on(listener.(*net.TCPListener), unix.SOL_SOCKET, unix.SO_REUSEADDR))
	}
	{
		@@ReusePort
		told("ReusePort", err == nil && on(listener.(*net.TCPListener), unix.SOL_SOCKET, unix.SO_REUSEPORT))
	}
	{
		@@ReuseAddressOfDatagrams
		told("ReuseAddressOfDatagrams", err == nil && on(conn.(*net.UDPConn), unix.SOL_SOCKET, unix.SO_REUSEADDR))
	}
	{
		@@ReusePortOfDatagrams
		told("ReusePortOfDatagrams", err == nil && on(conn.(*net.UDPConn), unix.SOL_SOCKET, unix.SO_REUSEPORT))
	}
	{
		@@SetV6Only
		told("SetV6Only", err == nil && on(listener.(*net.TCPListener), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY))
		listener.Close()
	}
	{
		listener, err := dual("[::]:0")
		told("ClearV6Only", err == nil && !on(listener.(*net.TCPListener), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY))
	}
	{
		listener, _ := net.Listen("tcp", address)
		source := net.IPv4(127, 0, 0, 5)
		@@BindAddressNoPort
		conn, err := config.DialContext(ctx, "tcp", listener.Addr().String())
		told("BindAddressNoPort", err == nil && on(conn.(*net.TCPConn), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT))
	}
	{
		conn, client := pair()
		client.Write([]byte("rest"))
		client.(*net.TCPConn).CloseWrite()
		@@CloseLast
		n, err := client.Read(make([]byte, 1))
		told("CloseLast", n == 0 && err == io.EOF)
	}
	{
		conn, client := pair()
		closing(conn)
		n, err := client.Read(make([]byte, 1))
		told("CloseAfterEnd", n == 0 && err == io.EOF)
	}
	{
		path := os.TempDir() + "/snippets-go.sock"
		left, _ := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		left.SetUnlinkOnClose(false)
		left.Close()
		@@UnlinkBeforeBind
		_, err := net.Listen("unix", path)
		told("UnlinkBeforeBind", err == nil)
	}
	{
		listener, _ := net.Listen("tcp", address)
		go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RemoteAddr) }))
		seen := map[string]bool{}
		for i := 0; i < 2; i++ {
			response, _ := http.Get("http://" + listener.Addr().String())
			first := make([]byte, 64)
			n, _ := response.Body.Read(first)
			seen[string(first[:n])] = true
			@@KeepAlive
		}
		told("KeepAlive", len(seen) == 1)
	}
	{
		server := &http.Server{Addr: address}
		ended := make(chan error)
		go func() { ended <- server.ListenAndServe() }()
		go func() {
			time.Sleep(100 * time.Millisecond)
			syscall.Kill(os.Getpid(), syscall.SIGTERM)
		}()
		@@EndOnSigterm
		told("EndOnSigterm", <-ended == http.ErrServerClosed)
	}
}
