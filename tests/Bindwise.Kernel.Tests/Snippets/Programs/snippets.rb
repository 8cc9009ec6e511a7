# Each line "@@THOUGHT" is replaced by the code that remedies give for it; what it must achieve stands behind it.
require 'io/wait'
require 'net/http'
require 'socket'
require 'tmpdir'

$stdout.sync = true

def told(thought, condition)
  puts(condition ? thought : "FAILED #{thought}")
end

def pair
  listener = TCPServer.new('127.0.0.1', 0)
  client = TCPSocket.new('127.0.0.1', listener.addr[1])
  conn = listener.accept
  listener.close
  [conn, client]
end

told('sets ReuseAddress by itself', TCPServer.new('127.0.0.1', 0).getsockopt(:SOCKET, :REUSEADDR).bool)
told('sets V6Only by itself', Socket.tcp_server_sockets('::', 0)[0].getsockopt(:IPV6, :V6ONLY).bool)
told('sets CloseOnExec by itself', TCPServer.new('127.0.0.1', 0).close_on_exec?)
sock = Socket.new(:INET, :STREAM)
@@ReuseAddress
told('ReuseAddress', sock.getsockopt(:SOCKET, :REUSEADDR).bool)
@@ReusePort
told('ReusePort', sock.getsockopt(:SOCKET, :REUSEPORT).bool)
sock = Socket.new(:INET, :DGRAM)
@@ReuseAddressOfDatagrams
told('ReuseAddressOfDatagrams', sock.getsockopt(:SOCKET, :REUSEADDR).bool)
@@ReusePortOfDatagrams
told('ReusePortOfDatagrams', sock.getsockopt(:SOCKET, :REUSEPORT).bool)
sock = Socket.new(:INET6, :STREAM)
@@SetV6Only
told('SetV6Only', sock.getsockopt(:IPV6, :V6ONLY).bool)
@@ClearV6Only
told('ClearV6Only', !sock.getsockopt(:IPV6, :V6ONLY).bool)
sock = Socket.new(:INET, :STREAM)
source = '127.0.0.5'
@@BindAddressNoPort
told('BindAddressNoPort', sock.local_address.ip_address == source && sock.local_address.ip_port.zero?)
server = TCPServer.new('127.0.0.1', 0)
@@CloseOnExec
told('CloseOnExec', server.closed?)
conn, client = pair
client.write('rest')
client.close_write
@@CloseLast
told('CloseLast', conn.closed? && client.read.empty?)
conn, client = pair
client.close
@@CloseAfterEnd
told('CloseAfterEnd', conn.closed?)
path = Dir.mktmpdir + '/socket'
UNIXServer.new(path).close
@@UnlinkBeforeBind
UNIXServer.new(path)
told('UnlinkBeforeBind', true)
child = fork do
  begin
    @@EndOnSigterm
    Process.kill('TERM', Process.pid)
    sleep 10
  ensure
    exit! 7
  end
end
told('EndOnSigterm', Process.wait2(child)[1].exitstatus == 7)
server = TCPServer.new('127.0.0.1', 0)
connections = 0
Thread.new do
  loop do
    conn = server.accept
    connections += 1
    Thread.new { conn.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") while conn.gets("\r\n\r\n") }
  end
end
host = '127.0.0.1'
port = server.addr[1]
paths = ['/a', '/b']
@@KeepAlive
told('KeepAlive', connections == 1)
