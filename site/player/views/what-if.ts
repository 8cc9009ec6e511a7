// The second tab: what people ask about, as toggles, and the two runs side by side.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Player } from '../controller.js';
import { afterStep, isKnown, socketsAt, type Position, type Run } from '../run/run.js';
import { asWritten, type Changes, type Toggle } from '../scenario/what-if.js';
import { t } from '../words.js';
import { choice, rulesChoice, tick } from './choices.js';
import { segments } from './segments.js';
import { stepList } from './steps.js';
import { socketTable } from './tables.js';
import { verdict } from './verdict.js';

const toggles: [Toggle, Parameters<typeof t>[0]][] = [
  ['oldReuseAddr', 'SO_REUSEADDR on the old socket'], ['newReuseAddr', 'SO_REUSEADDR on the new socket'], ['reusePort', 'SO_REUSEPORT'],
  ['v6only', 'IPV6_V6ONLY'], ['linger', 'SO_LINGER 0'], ['otherAddress', 'Another address'], ['otherUser', 'Another user'],
];

export function whatIfTab(player: Player): TemplateResult {
  const { run, roles, changes, other, otherNotice } = player.state;
  if (run === null || roles === null)
    return html`<p class="none">${t('The scenario has a mistake: mend it in the first tab.')}</p>`;
  const written = asWritten(run.steps.map(each => each.statement.text), roles);
  return html`
    <fieldset class="toggles"><legend>${t('What if …')}</legend>
      ${toggles.map(([name, label]) => tick(t(label), changes[name] ?? written[name] ?? false,
        isOn => player.setChanges(changed(changes, name, isOn, written[name])), written[name] === null))}
      ${whoFirst(player, written.first)}
      ${rulesChoice(player.state.about, { ...player.state.rules, ...definedOf(player.state.otherRules) }, rules => player.setChanges(changes, {
        system: rules.system ?? 'linux', kernel: rules.kernel ?? player.state.about?.release,
      }))}
    </fieldset>
    ${otherNotice === null ? nothing : html`<p class="notice" role="alert">${otherNotice}</p>`}
    <div class="side-by-side">
      ${side(player, t('As written'), run, afterStep(run, roles.subject))}
      ${other === null ? html`<div class="view" role="group" aria-label=${t('What if')}>${verdict(player, null, 0)}</div>` : side(player, t('What if'), other.run, other.position)}
    </div>
    ${other === null ? nothing : html`<p><button type="button" @click=${() => player.open(`${other.changed.map(each => each.text).join('\n')}\n`, other.run.rules)}>${t('Open this scenario')}</button></p>`}`;
}

/** A toggle as it is written is no change. */
function changed(changes: Changes, name: Toggle, isOn: boolean, written: boolean | null): Changes {
  const { [name]: _, ...rest } = changes;
  return isOn === written ? rest : { ...rest, [name]: isOn };
}

function whoFirst(player: Player, written: 'server' | 'client' | 'nobody' | null): TemplateResult {
  const { changes } = player.state;
  const names = { server: t('The server'), client: t('The client'), both: t('Both at once'), nobody: t('Nobody') };
  return choice(t('Who closes first'), changes.first ?? 'written', [
    { value: 'written', name: written === null ? t('As written') : t('As written: {0}', names[written]) },
    ...(['server', 'client', 'both'] as const).map(value => ({ value, name: names[value] })),
  ], value => {
    const { first: _, ...rest } = changes;
    player.setChanges(value === 'written' ? rest : { ...rest, first: value as Changes['first'] });
  }, written === null);
}

function definedOf<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}

function side(player: Player, name: string, run: Run, position: Position): TemplateResult {
  const isLinux = (run.rules.system ?? 'linux') === 'linux';
  return html`<div class="view" role="group" aria-label=${name}><p class="view-name">${name}</p>
    ${verdict(player, run, position.step)}
    ${stepList(run, position, () => undefined)}
    ${socketTable(socketsAt(run, position), isKnown(run, position))}
    ${isLinux ? segments(run, position.step, player.roomFor('.side-by-side > .view')) : html`<p class="none">${t('Segments are known of Linux only.')}</p>`}</div>`;
}
