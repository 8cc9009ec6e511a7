// Plays a run by itself: a step at a time, and a minute of waiting in a second. A reader who wants no motion gets steps alone.
import { afterStep, atTime, type Position, type Run } from './run/run.js';

const millisecondsOfStep = 700;
const millisecondsOfWait = 1000;

export class Animation {
  readonly #move: (position: Position) => void;
  readonly #end: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  constructor(move: (position: Position) => void, end: () => void) {
    this.#move = move;
    this.#end = end;
  }

  start(run: Run, from: Position): void {
    this.stop();
    this.#next(run, from);
  }

  stop(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
  }

  #next(run: Run, at: Position): void {
    this.#move(at);
    const next = run.steps[at.step + 1];
    const until = next?.time ?? run.ends;
    const arrive = () => {
      if (next !== undefined)
        this.#next(run, afterStep(run, at.step + 1));
      else
        this.#finish(run);
    };
    if (until > at.time && !matchMedia('(prefers-reduced-motion: reduce)').matches)
      this.#pass(at, until, arrive);
    else if (next === undefined && until <= at.time)
      this.#end();
    else
      this.#timer = setTimeout(arrive, millisecondsOfStep);
  }

  /** Lets virtual time pass. */
  #pass(from: Position, until: number, arrive: () => void): void {
    const began = performance.now();
    const tick = (now: number) => {
      const part = (now - began) / millisecondsOfWait;
      if (part >= 1) {
        arrive();
        return;
      }
      this.#move({ step: from.step, time: from.time + (until - from.time) * Math.max(0, part) });
      this.#frame = requestAnimationFrame(tick);
    };
    this.#frame = requestAnimationFrame(tick);
  }

  #finish(run: Run): void {
    this.#move(atTime(run, run.ends));
    this.#end();
  }
}
