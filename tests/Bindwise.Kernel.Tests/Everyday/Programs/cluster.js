// A cluster: the primary listens, its workers are handed the connections; one that ends is replaced.
const cluster = require('cluster');
if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
  cluster.on('exit', () => cluster.fork());
} else {
  require('http').createServer((request, response) => response.end('hello\n')).listen(3000);
}
