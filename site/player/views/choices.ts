// The boxes to choose from: the system, the release of its kernel, and others.
import { html, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { About, Rules } from '../model.js';
import { t } from '../words.js';

export interface Choice {
  value: string;
  name: string;
}

/** A box with its name above it. */
export function choice(label: string, value: string, choices: Choice[], take: (value: string) => void, isDisabled = false): TemplateResult {
  return html`<label class="choice"><span>${label}</span>
    <select aria-label=${label} .value=${live(value)} ?disabled=${isDisabled} @change=${(event: Event) => take((event.target as HTMLSelectElement).value)}>
      ${choices.map(each => html`<option value=${each.value} ?selected=${each.value === value}>${each.name}</option>`)}
    </select></label>`;
}

/** A box to tick. */
export function tick(label: string, isOn: boolean, take: (isOn: boolean) => void, isDisabled = false): TemplateResult {
  return html`<label class="tick"><input type="checkbox" .checked=${live(isOn)} ?disabled=${isDisabled}
    @change=${(event: Event) => take((event.target as HTMLInputElement).checked)}> ${label}</label>`;
}

/** System and kernel: the kernel's release is Linux's alone. */
export function rulesChoice(about: About | null, rules: Rules, take: (rules: Rules) => void): TemplateResult {
  const system = rules.system ?? 'linux';
  const release = about?.release ?? '';
  return html`
    ${choice(t('System'), system, systemsOf(about), value => take({ ...rules, system: value === 'linux' ? undefined : value }))}
    ${choice(t('Kernel'), rules.kernel ?? release, kernelsOf(about), value => take({ ...rules, kernel: value === release ? undefined : value }), system !== 'linux')}`;
}

export function systemsOf(about: About | null): Choice[] {
  return about === null ? [{ value: 'linux', name: 'Linux' }] : about.systems.map(({ id, name }) => ({ value: id, name }));
}

export function kernelsOf(about: About | null): Choice[] {
  return about === null ? [{ value: '', name: '' }] : about.kernels.map(kernel => ({ value: kernel, name: kernel }));
}
