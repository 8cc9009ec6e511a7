import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asWritten, change, rolesOf, type Changes } from '../player/scenario/what-if.js';

const restart = [
  'old = tcp', 'bind old 127.0.0.1:8080', 'listen old', 'peer = tcp', 'connect peer old', 'conn = accept old', 'send conn 26', 'close conn',
  'receive peer 26', 'close peer', 'close old', 'new = tcp', 'set new reuseaddr', 'bind new 127.0.0.1:8080',
];

function changed(texts: string[], changes: Changes, subject?: number): string[] {
  return change(texts, rolesOf(texts, subject), changes).map(each => each.text);
}

test('the new socket is that of the last call that may be refused, the old one had its port before', () => {
  const { subject, fresh, old, pairs } = rolesOf(restart);
  assert.equal(subject, 13);
  assert.equal(fresh?.name, 'new');
  assert.deepEqual(old.map(life => life.name), ['old']);
  assert.deepEqual(pairs.map(({ server, client }) => [server.name, client.name]), [['conn', 'peer']]);
});

test('a name that is opened again stands for another socket', () => {
  const twice = ['a = tcp in server', 'bind a 0.0.0.0:80', 'listen a', 'signal server INT', 'a = tcp in server', 'bind a 0.0.0.0:80'];
  const roles = rolesOf(twice);
  assert.equal(roles.fresh?.at, 4);
  assert.deepEqual(roles.old.map(life => life.at), [0]);
  assert.deepEqual(changed(twice, { oldReuseAddr: true }).slice(0, 2), ['a = tcp in server', 'set a reuseaddr']);
});

test('the toggles begin as the scenario is written', () => {
  assert.deepEqual(asWritten(restart, rolesOf(restart)), {
    oldReuseAddr: false, newReuseAddr: true, reusePort: false, v6only: null, linger: false, otherAddress: false, otherUser: false, first: 'server',
  });
});

test('an option that is set after bind() is not set in time', () => {
  const late = ['a = tcp', 'bind a 127.0.0.1:80', 'set a reuseaddr', 'b = tcp', 'bind b 127.0.0.1:80'];
  assert.equal(asWritten(late, rolesOf(late)).oldReuseAddr, false);
  assert.deepEqual(changed(late, { oldReuseAddr: true }).slice(0, 4), ['a = tcp', 'set a reuseaddr', 'bind a 127.0.0.1:80', 'set a reuseaddr']);
});

test('SO_REUSEADDR on the old socket is set right after it is made, and taken away again', () => {
  assert.deepEqual(changed(restart, { oldReuseAddr: true }).slice(0, 3), ['old = tcp', 'set old reuseaddr', 'bind old 127.0.0.1:8080']);
  assert.ok(!changed(restart, { newReuseAddr: false }).includes('set new reuseaddr'));
});

test('SO_REUSEPORT is set on both', () => {
  const texts = changed(restart, { reusePort: true });
  assert.ok(texts.includes('set old reuseport') && texts.includes('set new reuseport'));
});

test('IPV6_V6ONLY concerns IPv6 sockets alone', () => {
  const dual = ['a = tcp6', 'set a dual', 'bind a [::]:80', 'listen a', 'b = tcp', 'bind b 0.0.0.0:80'];
  assert.deepEqual(changed(dual, { v6only: true }), ['a = tcp6', 'set a v6only', 'bind a [::]:80', 'listen a', 'b = tcp', 'bind b 0.0.0.0:80']);
});

test('SO_LINGER 0 makes the server close with a reset, and an abort becomes a close', () => {
  assert.equal(changed(restart, { linger: true })[6], 'set conn SO_LINGER=0');
  const aborted = restart.map(text => text === 'close conn' ? 'abort conn' : text);
  assert.equal(asWritten(aborted, rolesOf(aborted)).linger, true);
  assert.deepEqual(changed(aborted, { linger: false }), restart);
});

test('another address is one that no other socket has', () => {
  assert.equal(changed(restart, { otherAddress: true }).at(-1), 'bind new 127.0.0.2:8080');
  const six = ['a = tcp6', 'bind a [::]:80', 'b = tcp6', 'bind b [::]:80'];
  assert.equal(changed(six, { otherAddress: true }).at(-1), 'bind b [::1]:80');
});

test('another user makes the new socket, whoever made the old one', () => {
  assert.equal(changed(restart, { otherUser: true })[11], 'new = tcp user 1001');
  const users = ['a = tcp user 1000', 'bind a 127.0.0.1:80', 'b = tcp user 1000 in shop', 'bind b 127.0.0.1:80'];
  assert.equal(changed(users, { otherUser: true })[2], 'b = tcp user 1001 in shop');
});

test('the client closes first once it has read what it was sent', () => {
  const texts = changed(restart, { first: 'client' });
  assert.deepEqual(texts.slice(6, 11), ['send conn 26', 'receive peer 26', 'close peer', 'close conn', 'close old']);
  assert.equal(texts.filter(text => text === 'close peer').length, 1);
  assert.deepEqual(changed(restart, { first: 'server' }), restart);
});

test('both close before either sees the other', () => {
  const texts = changed(restart, { first: 'both' });
  assert.deepEqual(texts.slice(6, 14), [
    'send conn 26', 'receive peer 26', 'hold peer', 'hold conn', 'close peer', 'close conn', 'release peer', 'release conn']);
});

test('the end of a process closes its connections', () => {
  const killed = [
    'a = tcp in server', 'bind a 0.0.0.0:80', 'listen a', 'c = tcp in client', 'connect c 127.0.0.1:80', 's = accept a', 'signal server INT',
    'a = tcp in server', 'bind a 0.0.0.0:80',
  ];
  assert.equal(asWritten(killed, rolesOf(killed)).first, 'server');
  assert.deepEqual(changed(killed, { first: 'client' }).slice(5, 8), ['s = accept a', 'close c', 'signal server INT']);
});

test('a connection that nobody closes is closed before the new socket is made', () => {
  const open = ['a = tcp', 'bind a 0.0.0.0:80', 'listen a', 'c = tcp', 'connect c 127.0.0.1:80', 's = accept a', 'send c 5', 'close a', 'b = tcp', 'bind b 0.0.0.0:80'];
  assert.equal(asWritten(open, rolesOf(open)).first, 'nobody');
  assert.deepEqual(changed(open, { first: 'server' }).slice(7, 12), ['close a', 'receive s 5', 'close s', 'close c', 'b = tcp']);
});

test('without a change the scenario is the same', () => {
  assert.deepEqual(changed(restart, {}), restart);
});
