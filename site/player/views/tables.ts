// What is there at a moment: the sockets, their timers, and the state diagram with their states.
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import type { Figure, Socket } from '../model.js';
import { t } from '../words.js';
import { seconds } from './steps.js';
import { styled } from './styling.js';

const unknown = 'Not known after a call with an unknown result.';

/** More are counted, not shown. */
const mostRows = 100;

/** @param isKnown No call so far had an unknown result, after which a socket may be there that is not listed. */
export function socketTable(sockets: Socket[], isKnown = true): TemplateResult {
  if (sockets.length === 0)
    return html`<p class="none">${isKnown ? t('No socket is there.') : t(unknown)}</p>`;
  return html`<div class="wide" tabindex="0" role="group" aria-label=${t('Table')}><table>
    <thead><tr><th scope="col">${t('Socket')}</th><th scope="col">${t('State')}</th><th scope="col">${t('Local')}</th><th scope="col">${t('Remote')}</th><th scope="col">${t('Process')}</th></tr></thead>
    <tbody>${sockets.slice(0, mostRows).map(each => html`<tr><th scope="row">${each.socket ?? t('closed')}</th><td><span class="tcp-state">${each.state}</span></td>
      <td><code>${each.local}</code></td><td>${each.remote === null ? '–' : html`<code>${each.remote}</code>`}</td><td>${each.process ?? '–'}</td></tr>`)}</tbody></table></div>
    ${sockets.length > mostRows ? html`<p class="none">${t('And {0} more.', String(sockets.length - mostRows))}</p>` : nothing}`;
}

/** A minute, which is what TIME_WAIT and FIN_WAIT2 begin with. */
const full = 60;

export function timers(sockets: Socket[], isKnown = true): TemplateResult {
  const running = sockets.filter(each => each.secondsLeft !== null);
  if (running.length === 0)
    return html`<p class="none">${isKnown ? t('No timer runs.') : t(unknown)}</p>`;
  return html`<ul class="timers">${running.slice(0, mostRows).map(each => html`<li>
    <span><span class="tcp-state">${each.state}</span> <code>${each.local}</code> ${each.socket ?? ''}</span>
    <span class="bar" aria-hidden="true"><span ${styled({ width: `${Math.min(100, (each.secondsLeft ?? 0) / full * 100)}%` })}></span></span>
    <strong>${seconds(each.secondsLeft ?? 0)}</strong></li>`)}</ul>`;
}

const cellWidth = 8;
const cellHeight = 15;

/** The state diagram of RFC 9293, with the sockets that are there at their states. */
export function states(figure: Figure, sockets: Socket[], isKnown = true): TemplateResult {
  const at = new Map<string, string[]>();
  for (const { state, socket, protocol } of sockets) {
    if (protocol === 'tcp')
      at.set(boxOf(state), [...at.get(boxOf(state)) ?? [], socket ?? t('closed')]);
  }
  // CLOSED stands twice: where a socket begins, and where it ends. One that is only bound is at the first.
  const lit = figure.boxes.filter(({ state }, place, all) => at.has(state) && all.findIndex(box => box.state === state) === place);
  const said = lit.map(({ state }) => `${state}: ${(at.get(state) ?? []).join(', ')}`).join('; ');
  return html`<p class="said">${said !== '' ? said : isKnown ? t('No socket is connected or listens.') : t(unknown)}</p>
    <div class="figure" tabindex="0" role="group" aria-label=${t('State diagram')}>
    ${diagram(figure, said === '' ? t('State diagram') : said, box => lit.includes(box) ? `● ${box.state}` : null)}</div>`;
}

/** The diagram alone. `textOf` gives the text of a box that is lit, and null for one that is not. */
export function diagram(figure: Figure, said: string, textOf: (box: Figure['boxes'][number], at: number) => string | null): TemplateResult {
  const [width, height] = [figure.columns * cellWidth, (figure.rows + 1) * cellHeight];
  return html`<svg class="tcp-states" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${said}>
      ${figure.edges.map(edge => svg`<path class="wire" d=${wayOf(edge.points)}></path>${headOf(edge.points)}
        <text class="label" x=${edge.place[0] * cellWidth} y=${(edge.place[1] + 0.75) * cellHeight} text-anchor=${edge.before ? 'end' : 'start'}>${edge.text}</text>`)}
      ${figure.boxes.map((box, at) => {
        const text = textOf(box, at);
        // A border runs through the middle of its cells.
        const [left, top] = [(box.column + 0.5) * cellWidth, (box.row + 0.5) * cellHeight];
        const [wide, high] = [(figure.boxColumns - 1) * cellWidth, (box.height - 1) * cellHeight];
        return svg`<rect class=${text === null ? 'box' : 'box lit'} x=${left} y=${top} width=${wide} height=${high} rx="5"></rect>
          <text class=${text === null ? 'state' : 'state lit'} x=${left + wide / 2} y=${top + high / 2 + 4} text-anchor="middle">${text ?? box.state}</text>`;
      })}
    </svg>`;
}

/** The box of a state: one that is half open stands with SYN_RECV, one that is only bound with CLOSED. */
export function boxOf(state: string): string {
  return state === 'NEW_SYN_RECV' ? 'SYN_RECV' : state === 'BOUND' ? 'CLOSED' : state;
}

function wayOf(points: [number, number][]): string {
  return points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${(x + 0.5) * cellWidth} ${(y + 0.5) * cellHeight}`).join(' ');
}

function headOf(points: [number, number][]) {
  const [[x0, y0], [x1, y1]] = points.slice(-2) as [[number, number], [number, number]];
  const [dx, dy] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
  const [x, y] = [(x1 + 0.5) * cellWidth, (y1 + 0.5) * cellHeight];
  return svg`<path class="head" d=${`M${x} ${y} l${-8 * dx + 4 * dy} ${-8 * dy + 4 * dx} l${-8 * dy} ${-8 * dx} z`}></path>`;
}
