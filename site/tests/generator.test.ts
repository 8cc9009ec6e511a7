import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { addressOf, relative } from '../generator/addresses.js';
import { checkSite } from '../generator/check.js';
import { claimOf, readClaims } from '../generator/claims.js';
import { anchorOf } from '../generator/headings.js';
import { searchIndex } from '../generator/search.js';
import type { Page } from '../generator/sources.js';
import MiniSearch from 'minisearch';
import { indexOptions, search, termsOf } from '../pages/search-terms.js';

const root = process.env.BINDWISE_ROOT ?? '';
const library = new Set(['asking', 'hand-over']);

for (const [source, address] of [
  ['docs/causes/time-wait.md', 'causes/time-wait.html'], ['docs/causes/README.md', 'causes/index.html'], ['docs/rules/BW004.md', 'rules/BW004.html'],
  ['docs/claims.md', 'claims/index.html'], ['docs/library.md', 'library/index.html'], ['docs/asking.md', 'library/asking.html'],
  ['docs/hand-over.md', 'guides/hand-over.html'], ['docs/run.md', 'guides/run.html'], ['docs/README.md', 'docs/index.html'],
  ['docs/reference/Bindwise.md', 'library/reference/Bindwise.html'], ['site/en/classics/retry.md', 'classics/retry.html'],
  ['site/en/index.md', 'index.html'], ['src/Model.cs', null],
] as const)
  test(`${source} stands at ${address}`, () => assert.equal(addressOf(source, { library }), address));

test('an address that site/en has itself goes to site/en', () => {
  assert.equal(addressOf('docs/library.md', { library, taken: new Set(['library/index.html']) }), 'docs/library.html');
});

test('links are relative, so that a site stands below any path', () => {
  assert.equal(relative('zh/causes/a.html', 'rules/BW004.html#why'), '../../rules/BW004.html#why');
  assert.equal(relative('index.html', 'causes/index.html'), 'causes/index.html');
  assert.equal(relative('a/b.html', 'a/b.html'), 'b.html');
});

test('anchors are those that links in docs/ expect', () => {
  const taken = new Set<string>();
  assert.equal(anchorOf('SO_REUSEADDR before bind()', taken), 'so_reuseaddr-before-bind');
  assert.equal(anchorOf('SO_REUSEADDR before bind()', taken), 'so_reuseaddr-before-bind-1');
});

test('every claim has a verdict and cases to play', () => {
  const claims = readClaims(root);
  assert.ok(claims.size >= 44);
  for (const { id, verdict, holdsIn, cases } of claims.values()) {
    assert.ok(cases.length > 0, id);
    assert.equal(holdsIn.length > 0, verdict === 'conditional', id);
  }
});

test('a claim whose verdict names no case of it is refused', () => {
  const text = 'claim a\nsays "b"\nverdict on linux: conditional in c\n\ncase d "e"\nx = tcp\n';
  assert.throws(() => claimOf(text, 'a.bind'), /a\.bind: its verdict names the case "c"/);
});

test('of what no page has whole, those that have most of it are found', () => {
  const index = new MiniSearch(indexOptions);
  index.addAll([{ id: 1, title: 'EADDRINUSE', heading: '', text: '端口被占用' }, { id: 2, title: '', heading: '', text: '无关' }]);
  assert.deepEqual(search(index, '端口已被占用').map(found => found.id), [1]);
  assert.deepEqual(search(index, '没有的东西'), []);
});

test('results show characters in place of their references', () => {
  const page = { address: 'a.html', language: 'en', title: 'A' };
  const made = searchIndex([{ page: page as Page, html: '<p>it&#x27;s &#39;a&#39; &lt;b&gt; &amp;amp; &none;</p>' }], 'en');
  const index = MiniSearch.loadJSON(made, indexOptions);
  assert.equal(search(index, 'it')[0].start, "it's 'a' <b> &amp; &none;");
});

test('Chinese is searched by pairs of characters', () => {
  assert.deepEqual(termsOf('关闭 TIME_WAIT 连接数'), ['关闭', 'time_wait', '连接', '接数']);
});

const policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; base-uri \'none\'">';

for (const [body, fault] of [
  ['<a href="b.html#there">b</a>', null], ['<a href="https://example.org/">out</a>', null],
  ['<a href="gone.html">x</a>', /leads to nothing/], ['<a href="b.html#gone">x</a>', /names no part/], ['<a href="/b.html">x</a>', /leaves the site/],
  ['<img src="https://example.org/a.png">', /asks another server/], ['<p style="color: red">', /attribute style/], ['<p onclick="x()">', /attribute onclick/],
  ['<script>1</script>', /<script> inline/], ['<style>p{}</style>', /<style> inline/], ['<p id="a"></p><p id="a"></p>', /stands twice/],
  ['<table><tr><th></th></tr></table>', /<th> is empty/],
] as const)
  test(`the check says of ${body}: ${fault ?? 'nothing'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'bindwise-site-'));
    try {
      const page = (content: string) => `<!doctype html><html lang="en"><head>${policy}</head><body>${content}</body></html>`;
      for (const [name, content] of [['a.html', body], ['b.html', '<p id="there"></p>']]) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), page(content));
      }
      const { faults } = checkSite(folder, '/base/');
      if (fault === null)
        assert.deepEqual(faults, []);
      else
        assert.match(faults.join('\n'), fault);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
