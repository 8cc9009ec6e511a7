// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../checks/translation.js';

const glossary = { socket: '套接字', 'listening socket': '监听套接字', 'claim (noun)': '说法' };
const source = `---
title: x
---

# A socket

One sentence, with \`bind\` and [a link](../rules/BW004.md#why).

- one item
- [listener](listener.md)

| a | b |
| --- | --- |

\`\`\`sh
ss -tln   # what listens
\`\`\`

<Player experiment="x" title="As printed" />
`;
const translation = `---
source: docs/x.md
---

# 套接字

一句话，有 \`bind\` 和[链接](../rules/BW004.md#why)。

- 一项
- [listener](listener.md)

| a | b |
| --- | --- |

\`\`\`sh
ss -tln   # 谁在监听
\`\`\`

<Player experiment="x" title="原样" />
`;

test('a translation with translated comments and titles has no fault', () => assert.deepEqual(faultsOf(source, translation, glossary), []));

for (const [what, from, to, said] of [
  ['a heading of another level', '# 套接字', '## 套接字', /headings/],
  ['a block of code left out', /```sh[\s\S]*```\n/, '', /1 blocks of code, the translation 0/],
  ['code that is not the same', 'ss -tln ', 'ss -tan ', /blocks of code/],
  ['a tag left out', /<Player.*>/, '', /tags/],
  ['another experiment', 'experiment="x"', 'experiment="y"', /tags/],
  ['an item left out', '- 一项\n', '', /2 items of lists, the translation 1/],
  ['a row left out', '| --- | --- |\n', '', /2 rows of tables, the translation 1/],
  ['a link to another part', '#why', '', /links/],
  ['inline code left out', '有 `bind` 和', '有', /lacks `bind`/],
  ['a term of one\'s own', '# 套接字', '# 套接口', /"socket", the translation never "套接字"/],
])
  test(`${what} is a fault`, () => {
    const changed = translation.replace(/** @type {string} */ (from), /** @type {string} */ (to));
    assert.notEqual(changed, translation);
    const faults = faultsOf(source, changed, glossary);
    assert.equal(faults.length, 1);
    assert.match(faults[0], /** @type {RegExp} */ (said));
  });

for (const [english, chinese, faults] of [
  ['Listening sockets keep it.', '监听套接字占住它。', 0],
  ['Listening sockets keep it.', '套接字占住它。', 1],
  ['A listening socket keeps it.', '它被占住。', 1],
  ['socket() fails.', '调用失败。', 0],
  ['It says "Bad socket".', '它说 “Bad socket”。', 0],
  ['The state SOCKET.', '状态 SOCKET。', 0],
  ['See [socket](socket.md).', '见 [socket](socket.md)。', 0],
  ['A socket-like thing.', '类似的东西。', 0],
  ['It claims nothing.', '它不下结论。', 0],
])
  test(`"${english}" as "${chinese}": ${faults} faults of terms`, () =>
    assert.equal(faultsOf(/** @type {string} */ (english), /** @type {string} */ (chinese), glossary).length, faults));
