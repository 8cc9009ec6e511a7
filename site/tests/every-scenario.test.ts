// What if, on every scenario of the repository, by the model itself: each change leaves a scenario that can be played.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Model } from '../player/model.js';
import { play, standing, type Run } from '../player/run/run.js';
import { inChinese } from '../player/words.js';
import { asWritten, change, rolesOf, type Changes } from '../player/scenario/what-if.js';

const root = process.env.BINDWISE_ROOT ?? '';
const published = join(root, 'artifacts/browser/play/model.js');
const skip = existsSync(published) ? false : 'the model is not published: eng/browser';

const folders = ['scenarios', 'scenarios/programs', 'site/classics'];
const files = folders.flatMap(folder => readdirSync(join(root, folder)).filter(name => name.endsWith('.bind')).map(name => `${folder}/${name}`));
// As long as the tests of the model give it: a busy machine needs more for a call than a reader waits.
const model = skip === false
  ? await (await import(published) as { open: (limits: { seconds: number }) => Promise<Model & { close(): void }> }).open({ seconds: 120 }) : null;
after(() => model?.close());

for (const file of files)
  test(`each change of ${file} can be played`, { skip }, async () => {
    const run = await playWhole(readFileSync(join(root, file), 'utf8'));
    const texts = run.steps.map(step => step.statement.text);
    const roles = rolesOf(texts, standing(run));
    const written = asWritten(texts, roles);
    assert.equal((await playWhole(texts.join('\n'))).steps.map(step => step.result).join(), run.steps.map(step => step.result).join());
    for (const [name, value] of Object.entries(written).filter(([, each]) => each !== null)) {
      const others = name === 'first' ? (['server', 'client', 'both'] as const).filter(each => each !== value) : [!value];
      for (const other of others) {
        const changed = change(texts, roles, { [name]: other } as Changes);
        assert.notDeepEqual(changed.map(each => each.text), texts, `${name}: ${other} changes nothing`);
        const { steps } = await playWhole(changed.map(each => each.text).join('\n'));
        // What a change adds is there, and open: none of its calls may miss its socket.
        for (const [at, { from }] of changed.entries())
          assert.ok(from !== null || steps[at].result !== 'ENOSOCK', `${name}: ${other}: ${changed[at].text} finds no socket`);
      }
    }
  });

test('what each call of each scenario gives, on every system, is explained in Chinese too', { skip }, async () => {
  const sentences = JSON.parse(readFileSync(join(root, 'site/zh/sentences.json'), 'utf8')) as Record<string, string>;
  const untranslated = new Set<string>();
  for (const { id } of (await model!.about()).systems) {
    for (const file of files) {
      const { steps } = await model!.trace(readFileSync(join(root, file), 'utf8'), { system: id });
      for (const { because } of steps.filter(each => each.because !== '' && inChinese(sentences, each.because) === undefined))
        untranslated.add(because);
    }
  }
  assert.deepEqual([...untranslated], []);
});

async function playWhole(text: string): Promise<Run> {
  const run = await play(model!, text, {});
  assert.ok(!Array.isArray(run), JSON.stringify(run));
  return run;
}
