// One player: takes what a reader does, asks the model, keeps the state and the link, and has the views show it.
import { render } from 'lit-html';
import { Animation } from './animation.js';
import * as fragment from './fragment.js';
import type { MatrixChoice, Shared, Tab } from './fragment.js';
import { loadModel, loadSentences } from './loading.js';
import type { MatrixCell, Model, Rules } from './model.js';
import { answerOf, refusalsOf } from './run/answers.js';
import { afterStep, atTime, decisive, play, standing, type Position } from './run/run.js';
import { completionsAt } from './scenario/completions.js';
import { change, rolesOf, type Changes } from './scenario/what-if.js';
import { initial, type State } from './state.js';
import { follow } from './views/following.js';
import { frame } from './views/frame.js';
import { t } from './words.js';

/** How long after a key the scenario is played. */
const pauseMilliseconds = 120;

/** On both sides of a part, in pixels. */
const padding = 32;

/** A link that is longer is cut by what people paste it into; the browser itself takes more. */
const longestShared = 100_000;

export class Player {
  readonly host: HTMLElement;
  /** The page's own scenario. */
  readonly original: string;
  readonly name: string;
  readonly tabs: readonly Tab[];
  /** The player is what its page is about, so that a link to the page holds its state alone. */
  readonly isPage: boolean;
  sentences: Record<string, string> = {};
  state: State;
  readonly #animation = new Animation(position => this.moveTo(position, true), () => this.update({ isPlaying: false }));
  #model: Model | null = null;
  readonly #asked = new Map<string, number>();
  #pause: ReturnType<typeof setTimeout> | undefined;
  #sharing: ReturnType<typeof setTimeout> | undefined;
  #wanted: Partial<Position> = {};
  #played: Partial<Pick<State, 'text' | 'rules'>> = {};
  #followed: unknown[] = [];

  constructor(host: HTMLElement) {
    this.host = host;
    this.original = host.querySelector('pre')?.textContent ?? '';
    this.name = host.dataset.experiment ?? 'scenario';
    this.tabs = (host.dataset.tabs ?? 'scenario').split(' ') as Tab[];
    this.isPage = host.dataset.place === 'page';
    this.state = initial(this.original);
    host.replaceChildren();
    this.#takeLink(location.hash);
    new ResizeObserver(() => this.show()).observe(host);
    addEventListener('hashchange', event => {
      if (!this.#takeLink(new URL(event.newURL).hash))
        return;
      // A choice just before may have been written to the address since, or still wait to be.
      clearTimeout(this.#sharing);
      history.replaceState(history.state, '', event.newURL);
      this.#dropUnknown();
      void this.#play();
      void this.#openTab();
    });
  }

  /** Shows the state. */
  show(): void {
    render(frame(this), this.host);
    const { position, run, tab, other } = this.state;
    const shown = [position, run, tab, other];
    if (shown.some((each, at) => each !== this.#followed[at]))
      follow(this.host);
    this.#followed = shown;
  }

  /** How wide a part of the player is inside; before it is shown, what is usual. */
  roomFor(selector: string): number {
    const part = this.host.querySelector<HTMLElement>(selector);
    return (part?.clientWidth ?? Math.min(this.host.clientWidth, 480)) - padding;
  }

  /** Fetches the model and plays the scenario. */
  async start(): Promise<void> {
    try {
      const [model, sentences] = await Promise.all([loadModel(), loadSentences()]);
      this.#model = model;
      this.sentences = sentences;
      this.update({ about: await model.about() });
      this.#dropUnknown();
      await this.#play();
      await this.#openTab();
      this.update({ ready: true });
      this.host.setAttribute('aria-busy', 'false');
    } catch (error) {
      this.update({ notice: t('The model could not be loaded: {0}', messageOf(error)) });
    }
  }

  update(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
    this.show();
  }

  /** A reader changed something that a link has to hold. */
  choose(changes: Partial<State>): void {
    this.update(changes);
    this.#share();
  }

  edit(text: string, caret: number): void {
    this.#animation.stop();
    this.state = { ...this.state, text, notice: null, linkNotice: null, isPlaying: false, changes: {}, completions: { ...completionsAt(text, caret), active: -1 } };
    // The browser's own work on a long text that is pasted is enough for one turn.
    requestAnimationFrame(() => this.show());
    this.#share();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#play(), pauseMilliseconds);
  }

  /** Plays at once what was changed and is not shown yet. */
  async finish(): Promise<void> {
    if (this.#played.text === this.state.text && this.#played.rules === this.state.rules)
      return;
    clearTimeout(this.#pause);
    await this.#play();
  }

  /** Opens a scenario in the first tab, played by these rules. */
  open(text: string, { system, kernel }: Rules): void {
    const rules = { system: system === 'linux' ? undefined : system, kernel: kernel === this.state.about?.release ? undefined : kernel };
    this.choose({ tab: 'scenario', text, rules, notice: null, changes: {}, otherRules: {} });
    void this.#play();
  }

  setRules(rules: Rules): void {
    this.choose({ rules });
    void this.#play();
  }

  setChanges(changes: Changes, otherRules: Rules = this.state.otherRules): void {
    this.choose({ changes, otherRules });
    void this.#playOther();
  }

  setTab(tab: Tab): void {
    // A notice is about its own tab, where what failed is asked again.
    this.choose({ tab, notice: this.#lastingNotice });
    void (tab === 'scenario' && this.state.run === null ? this.#play() : this.#openTab());
  }

  setMatrix(choice: Partial<MatrixChoice>): void {
    this.choose({ matrix: { ...this.state.matrix, ...choice } });
    void this.#askMatrix();
  }

  setError(error: string): void {
    this.choose({ error, answer: null, notice: this.#lastingNotice, isReading: true });
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#readError(), pauseMilliseconds);
  }

  /** Opens the scenario of a cell. */
  async openCell(cell: MatrixCell): Promise<void> {
    await this.#asking('matrix', async model => {
      const text = await model.cellScenario(cell);
      this.open(text, { system: cell.system, kernel: this.state.matrix.kernel || undefined });
      // The button that was pressed is not there any more.
      this.host.querySelector<HTMLElement>('[data-tab=scenario]')?.focus();
    });
  }

  async readSnapshot(file: Blob): Promise<void> {
    // What was typed just before is not asked any more.
    clearTimeout(this.#pause);
    this.update({ notice: this.#lastingNotice, answer: null, isReading: true });
    await this.#asking('error', async (model, isLatest) => {
      const answer = await answerOf(model, file);
      if (isLatest())
        this.update({ answer, isReading: false });
    });
  }

  stepTo(step: number): void {
    if (this.state.run !== null)
      this.moveTo(afterStep(this.state.run, step));
  }

  timeTo(time: number): void {
    if (this.state.run !== null)
      this.moveTo(atTime(this.state.run, time));
  }

  moveTo(position: Position, isPlaying = false): void {
    if (!isPlaying)
      this.#animation.stop();
    this.choose({ position, isPlaying });
  }

  togglePlay(): void {
    const { run, isPlaying, position } = this.state;
    if (run === null)
      return;
    if (isPlaying) {
      this.#animation.stop();
      this.update({ isPlaying: false });
      return;
    }
    const isAtEnd = position.step >= run.steps.length - 1 && position.time >= run.ends;
    this.update({ isPlaying: true });
    this.#animation.start(run, isAtEnd ? afterStep(run, 0) : position);
  }

  /** Only that there is no model stays true whatever a reader does. */
  get #lastingNotice(): string | null {
    return this.#model === null ? this.state.notice : null;
  }

  async #play(): Promise<void> {
    await this.#asking('run', async (model, isLatest) => {
      const { text, rules } = this.state;
      const run = await play(model, text, rules);
      if (!isLatest())
        return;
      this.#played = { text, rules };
      if (Array.isArray(run)) {
        this.update({ faults: run, run: null, other: null, notice: null });
        return;
      }
      const at = standing(run);
      const { step, time } = this.#wanted;
      this.#wanted = {};
      const position = time !== undefined ? { ...atTime(run, time), ...step === undefined ? {} : { step: Math.min(step, run.steps.length - 1) } }
        : afterStep(run, step ?? at);
      this.update({ faults: [], notice: null, run, position, roles: rolesOf(run.steps.map(each => each.statement.text), at) });
      await this.#playOther();
    });
  }

  async #playOther(): Promise<void> {
    const { run, roles, changes, otherRules, rules, tab } = this.state;
    if (run === null || roles === null || tab !== 'if')
      return;
    await this.#asking('other', async (model, isLatest) => {
      const changed = change(run.steps.map(each => each.statement.text), roles, changes);
      const text = changed.map(each => each.text).join('\n');
      const other = await play(model, text, { kernel: otherRules.kernel ?? rules.kernel, system: otherRules.system ?? rules.system });
      if (!isLatest())
        return;
      if (Array.isArray(other))
        throw new Error(other[0].message);
      const from = changed.findIndex(each => each.from === roles.subject);
      this.update({ otherNotice: null, other: { changed, run: other, position: afterStep(other, from < 0 ? standing(other) : decisive(other, from)) } });
    });
  }

  async #openTab(): Promise<void> {
    if (this.state.tab === 'if')
      await this.#playOther();
    if (this.state.tab === 'matrix' && this.state.cells === null)
      await this.#askMatrix();
    if (this.state.tab === 'error' && this.state.answer === null && this.state.error !== '')
      await this.#readError();
  }

  async #askMatrix(): Promise<void> {
    await this.#asking('matrix', async (model, isLatest) => {
      const { system, kernel, first, second, state, listen, user, udp, addresses } = this.state.matrix;
      const { cells } = await model.matrix({
        on: system, addresses, state, listen, user, udp, options: first === second ? first : `${first}/${second}`,
        ...system === 'linux' && kernel !== '' ? { kernel } : {},
      });
      if (isLatest())
        this.update({ cells, notice: null });
    });
  }

  async #readError(): Promise<void> {
    await this.#asking('error', async (model, isLatest) => {
      const answer = await refusalsOf(model, this.state.error);
      if (isLatest())
        this.update({ answer, isReading: false, notice: null });
    });
  }

  /** Asks the model; the reader is told what went wrong, and the answer to an older question is dropped. */
  async #asking(about: 'run' | 'other' | 'matrix' | 'error', ask: (model: Model, isLatest: () => boolean) => Promise<void>): Promise<void> {
    if (this.#model === null)
      return;
    const asked = (this.#asked.get(about) ?? 0) + 1;
    this.#asked.set(about, asked);
    const isLatest = () => asked === this.#asked.get(about);
    try {
      await ask(this.#model, isLatest);
    } catch (error) {
      if (isLatest())
        this.update(about === 'other' ? { otherNotice: messageOf(error), other: null } : { notice: messageOf(error), ...nothingOf(about) });
    }
  }

  /** The state as a link holds it. */
  shared(): Shared {
    const { text, tab, run, position, rules, changes, otherRules, matrix, error } = this.state;
    const stands = run === null ? position : afterStep(run, standing(run));
    const defaults = initial('').matrix;
    const changedMatrix = Object.fromEntries(Object.entries(matrix).filter(([name, value]) => value !== defaults[name as keyof MatrixChoice]));
    return {
      text: text === this.original || text.length > longestShared ? undefined : text,
      tab: tab === 'scenario' ? undefined : tab,
      step: position.step === stands.step ? undefined : position.step,
      time: run === null || position.time === (run.steps[position.step]?.time ?? 0) ? undefined : Math.round(position.time * 1000) / 1000,
      kernel: rules.kernel, system: rules.system, otherKernel: otherRules.kernel, otherSystem: otherRules.system,
      changes: Object.keys(changes).length === 0 ? undefined : changes,
      matrix: Object.keys(changedMatrix).length === 0 ? undefined : changedMatrix,
      error: error === '' || error.length > longestShared ? undefined : error,
    };
  }

  /** Keeps the page's fragment current, a little later: browsers refuse hundreds of changes at once. */
  #share(): void {
    clearTimeout(this.#sharing);
    this.#sharing = setTimeout(() => {
      const written = fragment.write({ ...this.shared(), player: this.isPage ? undefined : this.name });
      history.replaceState(history.state, '', `${location.pathname}${location.search}${written === '' ? '' : `#${written}`}`);
    }, 200);
  }

  /** Drops the rules of a link that the model does not have, and says so. */
  #dropUnknown(): void {
    const { about, rules, otherRules, matrix } = this.state;
    if (about === null)
      return;
    const unknown = new Set<string>();
    const known = {
      rules: fragment.knownRules(rules, about, unknown), otherRules: fragment.knownRules(otherRules, about, unknown),
      matrix: { ...initial('').matrix, ...fragment.knownRules<Partial<MatrixChoice>>(matrix, about, unknown) },
    };
    if (unknown.size > 0)
      this.update({ ...known, linkNotice: t('The link names {0}, which is not known here: Linux {1} decides.', [...unknown].join(t(', ')), about.release) });
  }

  /** Takes the state from a fragment, which begins with its #. */
  #takeLink(hash: string): boolean {
    const given = hash.slice(1);
    if (given === '' || document.getElementById(decodeURIComponentOr(given)) !== null)
      return false;
    const shared = fragment.read(given);
    const isOwn = this.isPage ? shared !== null && shared.player === undefined : shared?.player === this.name;
    if (shared === null || (this.isPage && !isOwn)) {
      this.update({ linkNotice: t('The link could not be read: its state is ignored.') });
      return false;
    }
    if (!isOwn)
      return false;
    const state = initial(shared.text ?? this.original);
    this.#wanted = { step: shared.step, time: shared.time };
    this.state = {
      ...state, ready: this.state.ready, about: this.state.about, tab: shared.tab !== undefined && this.tabs.includes(shared.tab) ? shared.tab : 'scenario',
      rules: { kernel: shared.kernel, system: shared.system }, otherRules: { kernel: shared.otherKernel, system: shared.otherSystem },
      changes: shared.changes ?? {}, matrix: { ...state.matrix, ...shared.matrix }, error: shared.error ?? '', isReading: (shared.error ?? '') !== '',
    };
    this.show();
    return true;
  }
}

/** What is not shown any more once a question has failed. */
function nothingOf(about: 'run' | 'matrix' | 'error'): Partial<State> {
  return { run: { run: null, other: null }, matrix: { cells: null }, error: { answer: null, isReading: false } }[about];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
