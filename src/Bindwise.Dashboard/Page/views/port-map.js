// Where the ports lie: a strip in three parts, well-known, registered, and dynamic, with a bar for each stretch of ports.
import { counted } from '../format.js';
import { html, svg } from '../shown.js';

const parts = [
  { first: 0, last: 1023, name: 'well-known' }, { first: 1024, last: 32_767, name: 'registered' },
  { first: 32_768, last: 65_535, name: 'dynamic' },
];
const barsAPart = 48;
const [width, height, gap] = [960, 34, 12];

/**
 * @param {object[]} ports Documents of `ls --json`.
 * @param {(first: number, last: number) => void} choose A stretch was clicked.
 */
export function portMap(ports, choose) {
  const counts = parts.map(() => new Array(barsAPart).fill(0));
  for (const { port } of ports) {
    const at = parts.findIndex(({ last }) => port !== null && port <= last);
    if (at >= 0)
      counts[at][barOf(parts[at], port)]++;
  }
  const most = Math.max(1, ...counts.flat());
  const partWidth = (width - gap * (parts.length - 1)) / parts.length;
  const bar = partWidth / barsAPart;
  const total = at => counts[at].reduce((sum, each) => sum + each, 0);
  const said = parts.map(({ first, last, name }, at) => `${counted(total(at), 'port')} from ${first} to ${last} (${name})`).join(', ');
  return html`<svg class="port-map" role="img" aria-label=${said} viewBox=${`0 0 ${width} ${height + 16}`} preserveAspectRatio="none">
    ${parts.map((part, at) => {
      const left = at * (partWidth + gap);
      return svg`<rect class="ground" x=${left} y="0" width=${partWidth} height=${height} rx="2"></rect>
        ${counts[at].map((many, index) => many === 0 ? '' : drawnBar(part, index, many, left + index * bar, bar, most, choose))}`;
    })}</svg>
    <div class="port-map-names" aria-hidden="true">${parts.map(({ first, last }) => html`<span>${first}–${last}</span>`)}</div>`;
}

function drawnBar(part, index, many, x, wide, most, choose) {
  const size = (part.last + 1 - part.first) / barsAPart;
  const [first, last] = [part.first + Math.ceil(index * size), Math.min(part.last, part.first + Math.ceil((index + 1) * size) - 1)];
  const high = 6 + (height - 6) * Math.log1p(many) / Math.log1p(most);
  return svg`<g @click=${() => choose(first, last)}><title>${`${first}–${last}: ${counted(many, 'port')}`}</title>
    <rect class="hit" x=${x} y="0" width=${wide} height=${height}></rect>
    <rect class="bar" x=${x + 0.5} y=${height - high} width=${wide - 1} height=${high}></rect></g>`;
}

function barOf({ first, last }, port) {
  return Math.min(barsAPart - 1, Math.floor((port - first) / (last + 1 - first) * barsAPart));
}
