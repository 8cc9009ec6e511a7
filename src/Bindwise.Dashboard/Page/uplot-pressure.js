// The plots of the Pressure view. This file, and uPlot with it, is loaded by that view alone.
import UPlot from './made/uplot.js';

const height = 190;
const colours = ['--accent', '--half', '--good', '--bad', '--link', '--quiet'];
const mostLines = colours.length;
const styleSheet = new URL('made/uplot.css', import.meta.url).href;

export class Plots {
  #plots = new Map();
  #events = new AbortController();

  constructor() {
    if (document.querySelector(`link[href="${styleSheet}"]`) === null) {
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: styleSheet });
      document.head.append(link);
    }
    const again = () => this.#answer !== null && this.show(this.#answer, true);
    addEventListener('resize', () => this.#resize(), { signal: this.#events.signal });
    addEventListener('themechange', again, { signal: this.#events.signal });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again, { signal: this.#events.signal });
  }

  #answer = null;

  close() {
    this.#events.abort();
    for (const { plot } of this.#plots.values())
      plot.destroy();
    this.#plots.clear();
  }

  /** Shows the samples; `isAnew` draws them from the ground up, in the colours of now. */
  show(answer, isAnew = false) {
    this.#answer = answer;
    const { samples } = answer;
    const times = samples.map(({ time }) => Date.parse(time) / 1000);
    this.#draw('plot-time-wait', ['TIME_WAIT'], [times, samples.map(({ timeWait }) => timeWait)], isAnew);
    const names = fullest(samples);
    const usedOf = name => ({ destinations }) => destinations.find(each => each.destination === name)?.used ?? 0;
    this.#draw('plot-ephemeral', names, [times, ...names.map(name => samples.map(usedOf(name)))], isAnew);
  }

  #draw(id, names, data, isAnew) {
    const host = document.getElementById(id);
    if (host === null)
      return;
    const key = names.join('\n');
    const before = this.#plots.get(id);
    if (before !== undefined && before.key === key && before.host === host && !isAnew) {
      before.plot.setData(data);
      return;
    }
    before?.plot.destroy();
    this.#plots.set(id, { key, host, plot: new UPlot(optionsOf(names, host.clientWidth), data, host) });
  }

  #resize() {
    for (const { plot, host } of this.#plots.values())
      plot.setSize({ width: host.clientWidth, height });
  }
}

/** The destinations that used the most ports at any moment. */
function fullest(samples) {
  const most = new Map();
  for (const { destinations } of samples) {
    for (const { destination, used } of destinations)
      most.set(destination, Math.max(most.get(destination) ?? 0, used));
  }
  return [...most].sort((one, other) => other[1] - one[1]).slice(0, mostLines).map(([name]) => name);
}

function optionsOf(names, width) {
  const style = getComputedStyle(document.documentElement);
  const colour = name => resolved(style.getPropertyValue(name));
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false },
    font: '12px system-ui, sans-serif' };
  return {
    width: Math.max(width, 120), height, cursor: { y: false },
    legend: { show: true, live: true },
    scales: { y: { range: (_, least, most) => [0, Math.max(5, (most ?? 0) * 1.1)] } },
    axes: [{ ...axis, space: 70, values: (_, ticks) => clocksOf(ticks) }, { ...axis, size: 52 }],
    series: [{ label: 'Time', value: (_, time) => time === null ? '–' : new Date(time * 1000).toLocaleTimeString('en-GB') },
      ...names.map((label, at) => ({ label, stroke: colour(colours[at]), width: 1.75, points: { show: false },
        value: (_, value) => value ?? '–' }))],
  };
}

/** Hours and minutes; of ticks within a minute the seconds too. */
function clocksOf(ticks) {
  const isFine = ticks.length > 1 && ticks[1] - ticks[0] < 60;
  const parts = { hour: '2-digit', minute: '2-digit', ...isFine ? { second: '2-digit' } : {} };
  return ticks.map(each => new Date(each * 1000).toLocaleTimeString('en-GB', parts));
}

/** A canvas does not know light-dark(): the colour as the page has it now. */
function resolved(value) {
  const probe = document.createElement('span');
  probe.style.color = value;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
