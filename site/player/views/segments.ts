// The sequence diagram: a time line for each end, the calls, the segments between them, and the states along them.
import { html, nothing, svg, type TemplateResult, type SVGTemplateResult } from 'lit-html';
import type { Segment } from '../model.js';
import { sequenceOf, type Row, type Sequence } from '../run/ends.js';
import type { Run } from '../run/run.js';
import { t } from '../words.js';
import { windowOf } from './steps.js';

const rowHeights = { call: 30, segment: 30, state: 22 };
const headHeight = 46;
const margin = 104;
/** What a call needs beside the last time line. */
const room = 90;
const narrowest = 120;
const widest = 340;
/** At most, of the font of the texts. */
const charWidth = 8;

interface Placed {
  row: Row;
  y: number;
}

const laidOut = new WeakMap<Run, Sequence>();

/** The picture up to a step, with what is still to come drawn faintly. */
export function segments(run: Run, step: number, available: number): TemplateResult {
  let sequence = laidOut.get(run);
  if (sequence === undefined)
    laidOut.set(run, sequence = sequenceOf(run));
  const [from, to] = windowOf(run, step);
  const { ends } = sequence;
  const rows = place(sequence.rows.filter(row => row.step >= from && row.step < to));
  const between = Math.max(1, ends.length - 1);
  const endWidth = Math.max(narrowest, Math.min(widest, (available - margin - room) / between));
  const x = (end: number) => margin + end * endWidth;
  // As wide as its longest text: what a call gave stands at its end.
  const width = Math.max(margin + between * endWidth + 2 * room, ...rows.map(({ row }) => row.kind === 'call' ? leftOf(row, x) + textOf(row).length * charWidth + 8 : 0));
  const height = headHeight + (rows.at(-1)?.y ?? 0) + 30;
  const sent = sequence.rows.flatMap(row => row.kind === 'segment' && row.step <= step ? [row.segment] : []);
  return html`<div class="figure" tabindex="0" role="group" aria-label=${t('Sequence diagram')}>
      <svg class="sequence" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${t('Time lines with {0} segments', String(sent.length))}>
        ${ends.map((end, at) => svg`
          <text class="end" x=${x(at)} y="16" text-anchor="middle">${shorten(end.names.join(', '), 24)}</text>
          <text class="place" x=${x(at)} y="34" text-anchor="middle">${end.place}</text>
          <line class="lifeline" x1=${x(at)} y1="42" x2=${x(at)} y2=${height - 6}></line>`)}
        ${rows.map(each => drawn(each, step, x))}
      </svg></div>
    <ul class="unseen" aria-label=${t('Segments so far')}>${sent.slice(-mostListed).map(each => html`<li>${each.from} → ${each.to}: ${each.flags}${fateOf(each)}</li>`)}</ul>`;
}

/** For those who hear the page: the last ones, since a stream has thousands. */
const mostListed = 200;

function place(rows: Row[]): Placed[] {
  let y = headHeight;
  return rows.map(row => {
    const placed = { row, y: y + rowHeights[row.kind] / 2 };
    y += rowHeights[row.kind];
    return placed;
  });
}

function drawn({ row, y }: Placed, step: number, x: (end: number) => number): SVGTemplateResult {
  const state = row.step > step ? 'ahead' : row.step === step ? 'now' : 'past';
  switch (row.kind) {
    case 'call':
      return svg`<g class=${`call ${state}`}>
        ${row.step === step ? svg`<rect class="now-row" x="0" y=${y - 13} width="100%" height="26"></rect>` : nothing}
        ${row.end === null ? nothing : svg`<circle class=${row.failed ? 'bad' : ''} cx=${x(row.end)} cy=${y} r="5"></circle>`}
        <text x=${leftOf(row, x)} y=${y + 4} class=${row.failed ? 'bad' : ''}>${textOf(row)}</text></g>`;
    case 'state':
      return svg`<g class=${`state ${state}`}><text x=${x(row.end) - 11} y=${y + 4} text-anchor="end">${row.change.to ?? t('gone')}</text></g>`;
    case 'segment':
      return svg`<g class=${`segment ${state}`}>${arrow(x(row.from), x(row.to), y, row.segment)}</g>`;
  }
}

function arrow(begin: number, end: number, y: number, segment: Segment): SVGTemplateResult {
  const label = `${segment.flags}${segment.bytes === undefined ? '' : ` ${t('{0} bytes', String(segment.bytes))}`}${fateOf(segment)}`;
  if (begin === end)
    return svg`<path class="wire" d=${`M${begin} ${y - 8} h24 v16 h-20`}></path><path class="head" d=${`M${begin + 4} ${y + 8} l8 -4 v8 z`}></path>
      <text x=${begin + 30} y=${y + 4}>${label}</text>`;
  const side = Math.sign(end - begin);
  const stops = segment.fate === 'held' || segment.fate === 'lost';
  const stop = stops ? begin + (end - begin) * 0.6 : end - side * 6;
  return svg`<line class=${`wire ${segment.fate ?? ''}`} x1=${begin} y1=${y + 4} x2=${stop} y2=${y + 4} stroke-dasharray=${segment.fate === 'again' ? '5 4' : nothing}></line>
    ${segment.fate === 'held' ? svg`<path class="wire" d=${`M${stop} ${y - 3} v14`}></path>`
      : segment.fate === 'lost' ? svg`<path class="wire" d=${`M${stop - 5} ${y - 1} l10 10 m0 -10 l-10 10`}></path>`
        : svg`<path class="head" d=${`M${end - side * 3} ${y + 4} l${-side * 9} -5 v10 z`}></path>`}
    <text x=${(begin + end) / 2} y=${y - 2} text-anchor="middle">${label}</text>`;
}

/** Where a call's text begins. */
function leftOf(row: Extract<Row, { kind: 'call' }>, x: (end: number) => number): number {
  return row.end === null ? 8 : x(row.end) + 11;
}

/** A call, and what it gave where that is more than success. */
function textOf(row: Extract<Row, { kind: 'call' }>): string {
  return `${shorten(row.text, 34)}${row.result === 'ok' ? '' : ` ${row.failed ? '✗' : '→'} ${row.result}`}`;
}

function fateOf({ fate }: Segment): string {
  return fate === undefined ? '' : ` (${t(({ held: 'held back', released: 'released', lost: 'lost', again: 'again' } as const)[fate])})`;
}

export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
