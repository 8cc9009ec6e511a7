// The first tab: write a scenario, and walk through what it does.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Player } from '../controller.js';
import * as fragment from '../fragment.js';
import { isKnown, socketsAt } from '../run/run.js';
import { t } from '../words.js';
import { rulesChoice } from './choices.js';
import { editor } from './editor.js';
import { saveFile, savePicture } from './saving.js';
import { segments } from './segments.js';
import { sliders, stepList } from './steps.js';
import { socketTable, states, timers } from './tables.js';
import { verdict } from './verdict.js';

export function scenarioTab(player: Player): TemplateResult {
  const { about, rules, run, position } = player.state;
  const sockets = run === null ? [] : socketsAt(run, position);
  const known = run === null || isKnown(run, position);
  return html`
    <div class="choices">${rulesChoice(about, rules, each => player.setRules(each))}</div>
    <div class="text-and-steps">
      <div>${editor(player)}</div>
      <div>${run === null ? nothing : stepList(run, position, step => player.stepTo(step))}</div>
    </div>
    ${run === null ? nothing : sliders(player, run)}
    ${verdict(player, run, position.step)}
    ${run === null ? nothing : html`<div class="views">
      <div class="view segments-view" role="group" aria-label=${t('Segments')}><p class="view-name">${t('Segments')}</p>
        ${isLinux(player) ? segments(run, position.step, player.roomFor('.segments-view')) : html`<p class="none">${t('Segments are known of Linux only.')}</p>`}</div>
      <div class="view" role="group" aria-label=${t('Sockets')}><p class="view-name">${t('Sockets')}</p>${socketTable(sockets, known)}</div>
      <div class="view" role="group" aria-label=${t('Timers')}><p class="view-name">${t('Timers')}</p>${timers(sockets, known)}</div>
      <div class="view states-view" role="group" aria-label=${t('States')}><p class="view-name">${t('States')}</p>${about?.figure === undefined ? nothing : states(about.figure, sockets, known)}</div>
    </div>`}
    ${exportsOf(player)}`;
}

function isLinux(player: Player): boolean {
  return (player.state.rules.system ?? 'linux') === 'linux';
}

function exportsOf(player: Player): TemplateResult {
  const { run } = player.state;
  return html`<div class="exports">
    <button type="button" @click=${() => saveFile(`${player.name}.bind`, player.state.text, 'text/plain')}>${t('Save .bind')}</button>
    <button type="button" ?disabled=${run === null} @click=${() => void savePicture(player)}>${t('Save SVG')}</button>
    ${isLinux(player) ? html`<label class="command"><span>${t('Command')}</span><input type="text" readonly aria-label=${t('Command')} .value=${commandOf(player)}
      @focus=${(event: Event) => (event.target as HTMLInputElement).select()}></label>` : nothing}
    ${player.isPage ? nothing : html`<a href=${inPage(player)}>${t('Open in the player')}</a>`}
  </div>`;
}

/** What plays the scenario on a kernel, and on the model by a release's rules, which are Linux's: the program by its name where Bindwise has it, else the saved file. */
function commandOf(player: Player): string {
  const { text, rules } = player.state;
  const program = text === player.original ? player.host.dataset.command : undefined;
  return `${program ?? `bindwise lab run ${player.name}.bind`}${rules.kernel === undefined ? '' : ` --on model --kernel ${rules.kernel}`}`;
}

/** The player's own page, with this player's state. */
function inPage(player: Player): string {
  const page = new URL(document.documentElement.lang === 'en' ? 'index.html' : '../zh/play/index.html', import.meta.url);
  page.hash = fragment.write({ ...player.shared(), text: player.state.text });
  return page.href;
}
