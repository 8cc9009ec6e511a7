// A web server as tutorials write it: server.js [PORT] [HOST].
const [port = 3000, host] = process.argv.slice(2);
require('http').createServer((request, response) => response.end('hello\n')).listen(Number(port), host);
