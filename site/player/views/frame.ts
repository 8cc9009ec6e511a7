// The player's frame: its tabs, and what the reader should know.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Player } from '../controller.js';
import type { Tab } from '../fragment.js';
import { t } from '../words.js';
import { matrixTab } from './matrix.js';
import { myErrorTab } from './my-error.js';
import { scenarioTab } from './scenario.js';
import { whatIfTab } from './what-if.js';

const tabNames = { scenario: 'Scenario', if: 'What if', matrix: 'Matrix', error: 'My error' } as const;
const contents: Record<Tab, (player: Player) => TemplateResult> = { scenario: scenarioTab, if: whatIfTab, matrix: matrixTab, error: myErrorTab };

export function frame(player: Player): TemplateResult {
  const { tab, notice, linkNotice } = player.state;
  return html`
    <div class="tabs" role="tablist" aria-label=${t('Views')} @keydown=${(event: KeyboardEvent) => moveBetweenTabs(event, player)}>
      ${player.tabs.map(each => html`
        <button type="button" role="tab" aria-selected=${each === tab} tabindex=${each === tab ? 0 : -1} data-tab=${each}
          @click=${() => player.setTab(each)}>${t(tabNames[each])}</button>`)}
    </div>
    ${linkNotice === null ? nothing : html`<p class="notice" role="alert">${linkNotice}</p>`}
    ${notice === null ? nothing : html`<p class="notice" role="alert">${notice}</p>`}
    <div class="panel" role="tabpanel" aria-label=${t(tabNames[tab])}>${contents[tab](player)}</div>`;
}

function moveBetweenTabs(event: KeyboardEvent, player: Player): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined)
    return;
  event.preventDefault();
  const at = (player.tabs.indexOf(player.state.tab) + step + player.tabs.length) % player.tabs.length;
  player.setTab(player.tabs[at]);
  player.host.querySelector<HTMLElement>(`[data-tab=${player.tabs[at]}]`)?.focus();
}
