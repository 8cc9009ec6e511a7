// A socket of the matrix in the words of the command line: also the page of `bindwise serve` asks a server with them.

/**
 * @param {{protocol: string, address: string, port?: number | null, v6only: boolean | null, options: string[], user: number}} socket
 * @param {string} state
 */
export function socketWords(socket, state) {
  const address = socket.address.includes(':') ? `[${socket.address}]` : socket.address;
  return [
    socket.protocol, ...socket.options, ...(socket.v6only === null ? [] : [socket.v6only ? 'v6only' : 'dual']), `user ${socket.user}`,
    (socket.port ?? null) === null ? address : `${address}:${socket.port}`, state,
  ].join(' ');
}
