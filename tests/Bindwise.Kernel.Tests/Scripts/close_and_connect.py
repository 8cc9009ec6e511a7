"""close_and_connect.py: closes listeners and connects to them; prints how many connections a closed one still took."""
import socket

taken = 0
for port in range(9100, 9140):
    server = socket.socket()
    server.bind(("127.0.0.1", port))
    server.listen()
    server.close()
    client = socket.socket()
    taken += client.connect_ex(("127.0.0.1", port)) == 0
    client.close()
print(taken)
