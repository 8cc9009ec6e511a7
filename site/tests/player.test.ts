import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fragment from '../player/fragment.js';
import { flags, options, particles, protocols, results, statements, states, sysctls } from '../player/language/grammar.js';
import { tokensOf } from '../player/language/highlight.js';
import type { Model } from '../player/model.js';
import { refusalsOf, whyCommand } from '../player/run/answers.js';
import { sequenceOf } from '../player/run/ends.js';
import { afterStep, atTime, decisive, isKnown, socketsAt, standing, type Run, type RunStep } from '../player/run/run.js';
import { completionsAt } from '../player/scenario/completions.js';
import { statementOf } from '../player/scenario/statements.js';
import { inChinese } from '../player/words.js';
import words from '../player/words.json';

const root = process.env.BINDWISE_ROOT ?? '';
const language = readFileSync(join(root, 'docs/scenario-language.md'), 'utf8');

function step(text: string, result: string, more: Partial<RunStep> = {}): RunStep {
  return {
    result, rule: null, page: null, because: '', blockers: [], time: 0, sockets: [], segments: [], states: [], line: 1, statement: statementOf(text),
    failed: /^E/.test(result), ...more,
  };
}

const left = { protocol: 'tcp', local: '127.0.0.1:8080', remote: '127.0.0.1:40000', state: 'TIME_WAIT', socket: 'conn', process: null, secondsLeft: 60 } as const;
const run: Run = {
  text: '', rules: {}, ends: 66,
  steps: [
    step('bind old 127.0.0.1:8080', 'ok', { sockets: [{ ...left, state: 'BOUND', socket: 'old', remote: null, secondsLeft: null }] }),
    step('close conn', 'ok', { sockets: [left], segments: [{ from: '127.0.0.1:8080', to: '127.0.0.1:40000', flags: 'FIN ACK' }] }),
    step('bind new 127.0.0.1:8080', 'EADDRINUSE', { sockets: [left] }),
    step('wait 66s', 'ok', { time: 66 }),
    step('bind new 127.0.0.1:8080', 'ok', { time: 66 }),
  ],
};

test('one stands at the last call that failed, else at the last step', () => {
  assert.equal(standing(run), 2);
  assert.equal(standing({ ...run, steps: run.steps.filter(each => !each.failed) }), 3);
});

test('time is dragged: timers run down between two steps, and what they end is gone', () => {
  assert.deepEqual(atTime(run, 20), { step: 2, time: 20 });
  assert.equal(socketsAt(run, atTime(run, 20))[0]?.secondsLeft, 40);
  assert.deepEqual(socketsAt(run, atTime(run, 61)), []);
  assert.deepEqual(atTime(run, 1000), { step: 4, time: 66 });
  assert.deepEqual(afterStep(run, 99), { step: 4, time: 66 });
});

test('the other run is judged by the first call of the socket that fails, else by its last', () => {
  const other: Run = { ...run, steps: [step('bind b 1.1.1.1:1', 'ok'), step('listen b', 'EADDRINUSE'), step('listen b', 'ok')] };
  assert.equal(decisive(other, 0), 1);
  assert.equal(decisive({ ...other, steps: [other.steps[0], other.steps[2]] }, 0), 1);
});

test('a wildcard shares the time line of its port, and a refused bind() stands where it wanted to', () => {
  const { ends, rows } = sequenceOf(run);
  assert.deepEqual(ends.map(end => end.place), ['127.0.0.1:8080', '127.0.0.1:40000']);
  assert.deepEqual(ends[0].names, ['old', 'conn']);
  assert.equal(rows.find(row => row.kind === 'call' && row.failed)?.kind === 'call' && rows.filter(row => row.kind === 'call')[2].end, 0);
  assert.deepEqual(rows.filter(row => row.kind === 'segment').map(row => [row.from, row.to]), [[0, 1]]);
});

test('a link holds the whole state', () => {
  const state: fragment.Shared = {
    text: 'a = tcp # 你好 "x"\n', tab: 'if', step: 3, time: 1.5, kernel: '6.1', system: 'macos', changes: { reusePort: true, first: 'both' },
    otherSystem: 'linux', matrix: { state: 'bound', udp: true }, error: 'bind: in use',
  };
  const { player, otherKernel, ...rest } = fragment.read(fragment.write(state)) ?? {};
  assert.deepEqual(rest, state);
  assert.equal(fragment.write({}), '');
  assert.match(fragment.write(state), /^[\w-]+$/);
});

test('a link may name rules that the model does not have: they are dropped and told', () => {
  const about = { systems: [{ id: 'linux', name: 'Linux' }, { id: 'macos', name: 'macOS' }], kernels: ['6.1', '6.12'], release: '6.12' };
  const unknown = new Set<string>();
  assert.deepEqual(fragment.knownRules({ system: 'macos', kernel: '9.99' }, about, unknown), { system: 'macos' });
  assert.deepEqual(fragment.knownRules({ system: 'amiga', kernel: '6.1' }, about, unknown), { kernel: '6.1' });
  assert.deepEqual(fragment.knownRules({ system: undefined, kernel: '' }, about, unknown), { system: undefined, kernel: '' });
  assert.deepEqual([...unknown], ['9.99', 'amiga']);
});

for (const bad of ['', 'x', 'what-to-do', '%7B', 'e30', 'bnVsbA', btoa('{"v":2}'), btoa('{"v":1,"step":-1}'), btoa('{"v":1,"tab":"none"}'),
  btoa('{"v":1,"changes":{"x":true}}'), btoa('{"v":1,"text":5}'), btoa('{"v":1,"matrix":[]}'),
  btoa('{"v":1,"step":1.5}'), btoa('{"v":1,"changes":{"first":"x"}}')].map(text => text.replaceAll('=', '')))
  test(`"${bad}" is no state`, () => assert.equal(fragment.read(bad), null));

test('the words of the language are those of its grammar', () => {
  const grammar = /```ebnf\n([^]*?)```/.exec(language)?.[1] ?? '';
  const literals = new Set([...grammar.matchAll(/"([A-Za-z0-9]+)"/g)].map(match => match[1]));
  const ours = new Set([...statements, ...protocols, ...particles, ...Object.keys(flags)]);
  const others = ['ok', 'ENOSOCK', 'CLOSED', 'BW', 'ms', 's', 'm', 'h', 'KiB', 'MiB', 'GiB'];
  assert.deepEqual([...literals].filter(word => !ours.has(word) && !others.includes(word)), []);
  assert.deepEqual([...ours].filter(word => !literals.has(word)), []);
});

test('options, sysctls, results and states are those of the page', () => {
  for (const name of [...options, ...sysctls, ...results, ...states, ...Object.values(flags)])
    assert.ok(language.includes(name), name);
  const listed = /## Sysctls\n\n(.+?)\. They/.exec(language)?.[1].split(', ') ?? [];
  assert.deepEqual(listed, sysctls);
});

test('the pieces of every scenario are the scenario again', () => {
  const files = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.bind'));
  assert.ok(files.length > 50);
  for (const file of files) {
    const text = readFileSync(join(root, 'scenarios', file), 'utf8');
    assert.equal(tokensOf(text).map(token => token.text).join(''), text, file);
  }
});

for (const [text, expected] of [
  ['old = tc', ['tcp', 'tcp4', 'tcp6']], ['close o', []], ['old = tcp\nclose o', ['old']], ['a = tcp reu', ['reuseaddr', 'reuseport']],
  ['a = tcp -> EADDRI', ['EADDRINUSE']], ['old = tcp\nnew = accept ', ['old']], ['# clo', []], ['shutdown a ', []], ['', []], ['x = tcp in shop\nexit s', ['shop']],
] as const)
  test(`after ${JSON.stringify(text)} fits ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(completionsAt(text, text.length).words, expected);
  });

test('each error of a text is answered with its own places, and a failure of the model is none', async () => {
  const reading = (read: () => Promise<unknown>) => refusalsOf({ readError: read } as unknown as Model, 'bind: Address already in use');
  assert.deepEqual((await reading(() => Promise.reject(Object.assign(new Error('no address was found'), { name: 'BadInput' })))).refusals, []);
  await assert.rejects(reading(() => Promise.reject(new Error('the model took too long'))), /too long/);
  const [inUse, denied, none] = ['EADDRINUSE', 'EACCES', null].map(errno => ({ errno, system: null, causes: [] }));
  const [word, port, other, path] = [
    { text: 'hello', port: null, path: null }, { text: '53/udp', port: 53, path: null }, { text: '80', port: 80, path: null },
    { text: '/run/a.sock', protocol: 'unix', port: null, path: '/run/a.sock' }];
  const answer = async (targets: unknown[], errors: unknown[], note?: string) => reading(() => Promise.resolve({ targets, errors, note }));
  // "hello" could be the name of a service, but is no error; a port alone is asked about without one.
  assert.deepEqual((await answer([word, port], [none, none])).refusals, [{ error: none, targets: [port] }]);
  assert.deepEqual((await answer([port, other, path, other], [inUse, denied, inUse, inUse], 'more')).refusals,
    [{ error: inUse, targets: [port, other] }, { error: denied, targets: [other] }, { error: inUse, targets: [path] }]);
  assert.equal((await answer([port], [inUse], 'more')).note, 'more');
  assert.deepEqual(await answer([], [inUse], 'no address was found in that text'), { refusals: [{ error: inUse, targets: [] }], note: null, text: null, takenAt: null, sockets: [] });
});

test('after a call of which nobody knows what it gave the sockets are not known', () => {
  const other = { ...run, steps: [run.steps[0], step('bind b 127.0.0.1:8080', 'unknown'), step('close old', 'ok')] };
  assert.deepEqual([0, 1, 2].map(at => isKnown(other, afterStep(other, at))), [true, false, false]);
});

test('a sentence with numbers is translated, and both parts of a retry are', () => {
  const sentences = JSON.parse(readFileSync(join(root, 'site/zh/sentences.json'), 'utf8')) as Record<string, string>;
  assert.equal(inChinese(sentences, 'attempt 126 succeeded, 62.5 s after the first'), '第 126 次尝试成功，距第一次 62.5 秒');
  assert.equal(inChinese(sentences, "201 attempts in 100 s, and all failed: TCP's states (RFC 9293)."), '100 秒内尝试了 201 次，全部失败：TCP 的状态（RFC 9293）。');
  assert.equal(inChinese(sentences, 'the text names at least 64 addresses: only the first 8 are answered'), '文本里至少有 64 个地址：只回答前 8 个');
  assert.equal(inChinese(sentences, 'one attempt, which failed: nobody translated this'), undefined);
});

test('what is pasted into a shell is quoted for it', () => {
  const target = { protocol: 'unix', address: null, port: null, path: null };
  assert.equal(whyCommand({ ...target, text: '127.0.0.1:8080' }), 'bindwise why 127.0.0.1:8080');
  assert.equal(whyCommand({ ...target, text: "/run/it's; rm -rf /" }), `bindwise why '/run/it'\\''s; rm -rf /'`);
});

test('the parts of the player have the names that scripts and screen readers rely on', () => {
  const names = {
    Player: '演示', Scenario: '场景', 'What if': '如果', Matrix: '矩阵', 'My error': '我的错误', Completions: '补全', Step: '步骤', Time: '时间',
    'Next step': '下一步', 'Previous step': '上一步', Play: '播放', Segments: '报文段', Sockets: '套接字', States: '状态', Timers: '定时器', Verdict: '结论',
    'Save .bind': '保存 .bind', 'Save SVG': '保存 SVG', Command: '命令', 'SO_REUSEADDR on the old socket': '旧套接字 SO_REUSEADDR',
    'SO_REUSEADDR on the new socket': '新套接字 SO_REUSEADDR', SO_REUSEPORT: 'SO_REUSEPORT', IPV6_V6ONLY: 'IPV6_V6ONLY', 'SO_LINGER 0': 'SO_LINGER 0',
    'Another address': '另一个地址', 'Another user': '另一个用户', 'Who closes first': '谁先关闭', Kernel: '内核', System: '系统', 'As written': '原来',
    'Error text': '错误文本', Snapshot: '快照', Answer: '回答', Search: '搜索',
  };
  for (const [english, chinese] of Object.entries(names))
    assert.equal((words as Record<string, string>)[english], chinese, english);
});
