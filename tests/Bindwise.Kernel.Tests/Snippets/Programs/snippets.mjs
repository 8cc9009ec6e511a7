// Each line "@@THOUGHT" is replaced by the code that remedies give for it; what it must achieve stands behind it.
import dgram from 'node:dgram';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';

const host = '127.0.0.1';
const told = (thought, condition) => console.log(condition ? thought : `FAILED ${thought}`);
const [major, minor] = process.versions.node.split('.').map(Number);
const hasReusePort = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
const freePort = async () => {
  const probe = net.createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
};
// [::] of both sockets on one port: possible only when neither [::] takes IPv4, which IPV6_V6ONLY alone does.
const leavesIPv4 = async port => {
  const other = net.createServer();
  other.listen(port, '0.0.0.0');
  return await once(other, 'listening').then(() => true, () => false).finally(() => other.close());
};

{
  const port = await freePort(), server = net.createServer(), twin = net.createServer();
  {
    @@ReusePort
    await once(server, 'listening');
  }
  if (hasReusePort) {
    const server = twin;
    @@ReusePort
    await once(server, 'listening');
  }
  told('ReusePort', true);
  server.close();
  twin.close();
}
{
  @@ReuseAddressOfDatagrams
  const first = socket.bind(0, host);
  await once(first, 'listening');
  const port = first.address().port;
  {
    @@ReuseAddressOfDatagrams
    await once(socket.bind(port, host), 'listening');
    socket.close();
  }
  first.close();
  told('ReuseAddressOfDatagrams', true);
}
{
  @@ReusePortOfDatagrams
  socket.close();
  told('ReusePortOfDatagrams', true);
}
{
  const port = await freePort();
  const server = net.createServer();
  {
    @@SetV6Only
  }
  await once(server, 'listening');
  told('SetV6Only', await leavesIPv4(port));
  server.close();
}
{
  const port = await freePort();
  const server = net.createServer();
  {
    const host = '::';
    @@ClearV6Only
  }
  await once(server, 'listening');
  told('ClearV6Only', !await leavesIPv4(port));
  server.close();
}

const pair = async options => {
  const server = net.createServer(options).listen(0, host);
  await once(server, 'listening');
  const client = net.connect({ port: server.address().port, host, allowHalfOpen: true });
  const [socket] = await once(server, 'connection');
  server.close();
  return { socket, client };
};
{
  const { socket, client } = await pair({});
  @@CloseLast
  client.end('rest');
  client.resume();
  await once(client, 'end');
  told('CloseLast', true);
}
{
  const { socket, client } = await pair({ allowHalfOpen: true });
  @@CloseAfterEnd
  client.end();
  client.resume();
  await once(client, 'end');
  told('CloseAfterEnd', true);
}
{
  const path = fs.mkdtempSync(os.tmpdir() + '/') + '/socket';
  execFileSync('python3', ['-c', 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])', path]);
  @@UnlinkBeforeBind
  const server = net.createServer().listen(path);
  await once(server, 'listening');
  server.close();
  told('UnlinkBeforeBind', true);
}
{
  @@KeepAlive
  const server = http.createServer((request, response) => response.end('ok')).listen(0, host);
  await once(server, 'listening');
  const ports = new Set();
  for (let i = 0; i < 2; i++) {
    const request = http.get({ host, port: server.address().port, agent });
    const [response] = await once(request, 'response');
    ports.add(response.socket.localPort);
    response.resume();
    await once(response, 'end');
    await after(20);
  }
  told('KeepAlive', ports.size === 1);
  agent.destroy();
  server.close();
}
{
  const server = net.createServer().listen(0, host);
  await once(server, 'listening');
  @@EndOnSigterm
  told('EndOnSigterm', true);
  process.kill(process.pid, 'SIGTERM');
  await after(200_000);
  console.log('FAILED EndOnSigterm');
}
