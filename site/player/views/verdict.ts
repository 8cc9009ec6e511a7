// One sentence: which call got which result, by which rule, and why.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Player } from '../controller.js';
import type { Run, RunStep } from '../run/run.js';
import { inChinese, t } from '../words.js';

/** The site's root, from where the player's scripts stand: play/player.js. */
const root = new URL('../', import.meta.url);

export function verdict(player: Player, run: Run | null, step: number): TemplateResult {
  const at = run?.steps[step];
  return html`<div class="verdict-line" role="status" aria-label=${t('Verdict')}>${at === undefined || run === null ? nothing : sentence(player, run, at)}</div>`;
}

function sentence(player: Player, run: Run, { statement, result, rule, page, because, blockers, failed }: RunStep): TemplateResult {
  const why = because === '' ? '' : translated(player, because);
  return html`<p><code>${statement.text}</code>${t(' gave ')}<strong class=${failed ? 'bad' : result === 'unknown' ? 'half' : 'good'}>
    <span aria-hidden="true">${failed ? '✗' : result === 'unknown' ? '?' : '✓'}</span> ${result}</strong>${rule === null ? nothing : html`${t(', by rule ')}${ruleLink(rule, run, page)}`}${why === '' ? t('.') : html`${t(': ')}${why}`}${result === 'unknown' && why === '' ? html` ${t('No document tells what this system does here.')}` : nothing}
    ${blockers.length === 0 ? nothing : html`<span class="in-the-way">${t('In the way: {0}.', blockers.map(named).join(t(', ')))}</span>`}</p>`;
}

/** A link to a rule's page, or to that of all of a system's rules. Both are in English, which is said where the page is not. */
export function ruleLink(rule: string, run: { rules: { system?: string } }, page: string | null): TemplateResult {
  const address = new URL(page ?? `docs/systems.html#${run.rules.system ?? 'linux'}`, root).href;
  return html`<a href=${address} hreflang="en">${rule}</a>${document.documentElement.lang === 'en' ? nothing : html`<span class="english">${t('(English)')}</span>`}`;
}

/** `conn by TIME_WAIT` names a socket and its state. */
function named(blocker: string): string {
  const [, name, state] = /^(.*) by ([A-Z_0-9]+)$/.exec(blocker) ?? [];
  return name === undefined ? blocker : `${name} (${state})`;
}

/** The sentence in the page's language. */
function translated({ sentences }: Player, english: string): string {
  return document.documentElement.lang === 'en' ? english : inChinese(sentences, english) ?? english;
}
