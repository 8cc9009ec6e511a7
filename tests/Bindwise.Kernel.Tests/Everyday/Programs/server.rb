# A server of one socket: ruby server.rb PORT.
require "socket"

listener = TCPServer.new("127.0.0.1", Integer(ARGV[0]))
loop { listener.accept.close }
