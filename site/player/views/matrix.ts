// The third tab: any two sockets on one port, on any system. Each cell leads to its rule and its scenario.
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Player } from '../controller.js';
import type { MatrixCell, MatrixSocket } from '../model.js';
import { t } from '../words.js';
import { choice, kernelsOf, systemsOf, tick } from './choices.js';
import { ruleLink } from './verdict.js';

const optionNames = ['none', 'reuseaddr', 'reuseport', 'reuseaddr+reuseport'];

export function matrixTab(player: Player): TemplateResult {
  const { matrix, cells, about } = player.state;
  const options = optionNames.map(value => ({ value, name: value === 'none' ? t('no option') : value.toUpperCase().replaceAll('REUSE', 'SO_REUSE').replace('+', ' + ') }));
  return html`
    <div class="choices">
      ${choice(t('System'), matrix.system, systemsOf(about), system => player.setMatrix({ system }))}
      ${choice(t('Kernel'), matrix.kernel || (about?.release ?? ''), kernelsOf(about), kernel => player.setMatrix({ kernel: kernel === about?.release ? '' : kernel }), matrix.system !== 'linux')}
      ${choice(t('The first socket sets'), matrix.first, options, first => player.setMatrix({ first }))}
      ${choice(t('The second socket sets'), matrix.second, options, second => player.setMatrix({ second }))}
      ${choice(t('The first socket is'), matrix.state, ['bound', 'listening', 'connected', 'time-wait'].map(value => ({ value, name: stateName(value) })), state => player.setMatrix({ state }))}
      ${choice(t('They belong to'), matrix.user, [{ value: 'same', name: t('one user') }, { value: 'other', name: t('two users') }], user => player.setMatrix({ user }))}
      ${choice(t('Addresses'), matrix.addresses, [{ value: 'few', name: t('few') }, { value: 'all', name: t('all kinds') }], addresses => player.setMatrix({ addresses }))}
      ${tick(t('The second socket listens too'), matrix.listen, listen => player.setMatrix({ listen }))}
      ${tick('UDP', matrix.udp, udp => player.setMatrix(udp ? { udp, listen: false, ...isOfTcp(matrix.state) ? { state: 'bound' } : {} } : { udp }))}
    </div>
    ${cells === null ? nothing : table(player, cells)}`;
}

/** UDP sockets have no such state. */
function isOfTcp(state: string): boolean {
  return state === 'listening' || state === 'time-wait';
}

function stateName(state: string): string {
  return { bound: t('bound'), listening: t('listening'), connected: t('connected') }[state] ?? 'TIME_WAIT';
}

function table(player: Player, cells: MatrixCell[]): TemplateResult {
  const columns = unique(cells.map(cell => nameOf(cell.second)));
  const rows = unique(cells.map(cell => nameOf(cell.first)));
  return html`<div class="wide" tabindex="0" role="group" aria-label=${t('Table')}><table class="matrix" aria-label=${t('Matrix')}>
    <thead><tr><td>${t('first ↓ second →')}</td>${columns.map(column => html`<th scope="col">${column}</th>`)}</tr></thead>
    <tbody>${rows.map(row => html`<tr><th scope="row">${row}</th>${columns.map(column => {
      const cell = cells.find(each => nameOf(each.first) === row && nameOf(each.second) === column);
      return cell === undefined ? html`<td>–</td>` : cellOf(player, cell);
    })}</tr>`)}</tbody></table></div>`;
}

function cellOf(player: Player, cell: MatrixCell): TemplateResult {
  const kind = cell.result === 'ok' ? 'good' : /^[A-Z]+$/.test(cell.result) ? 'bad' : 'half';
  const page = /^BW\d+$/.test(cell.rule.id) ? `rules/${cell.rule.id}.html` : null;
  return html`<td class=${kind}><strong class=${kind}><span aria-hidden="true">${{ good: '✓', bad: '✗', half: '?' }[kind]}</span> ${cell.result}</strong>
    ${ruleLink(cell.rule.id, { rules: { system: cell.system } }, page)}
    <button type="button" aria-label=${t('Scenario of {0}, then {1}', nameOf(cell.first), nameOf(cell.second))} @click=${() => void player.openCell(cell)}>${t('Scenario')}</button></td>`;
}

/** A socket by its address: of [::] also whether it takes IPv4. */
function nameOf(socket: MatrixSocket): string {
  const address = socket.address.includes(':') ? `[${socket.address}]` : socket.address;
  return socket.v6only === true ? `${address} V6ONLY` : address;
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
