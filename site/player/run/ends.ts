// The time lines of a run: which ends there are, and what happens along them, row by row.
import type { Segment, StateChange } from '../model.js';
import type { Run, RunStep } from './run.js';

/** A time line: one end of connections, or a socket that is only bound. */
export interface End {
  /** Its address and port. */
  place: string;
  /** The names of the sockets that stood there. */
  names: string[];
}

export type Row =
  | { kind: 'call'; step: number; end: number | null; text: string; result: string; failed: boolean; time: number }
  | { kind: 'segment'; step: number; from: number; to: number; segment: Segment }
  | { kind: 'state'; step: number; end: number; change: StateChange };

export interface Sequence {
  ends: End[];
  rows: Row[];
}

/** More stand together on the last one. */
const mostEnds = 5;

/** Lays a run out. */
export function sequenceOf(run: Run): Sequence {
  const places = new Places(run.steps);
  const rows = run.steps.flatMap((step, at) => rowsOf(step, at, places));
  return { ends: places.ends, rows };
}

function rowsOf(step: RunStep, at: number, places: Places): Row[] {
  const changes = step.states;
  const rows: Row[] = [{
    kind: 'call', step: at, end: places.ofCall(step), text: step.statement.text, result: step.result, failed: step.failed,
    time: step.time,
  }];
  for (let sent = 0; sent <= step.segments.length; sent++) {
    if (sent > 0) {
      const segment = step.segments[sent - 1];
      rows.push({ kind: 'segment', step: at, from: places.of(segment.from), to: places.of(segment.to), segment });
    }
    for (const change of changes.filter(each => Math.min(each.after, step.segments.length) === sent))
      rows.push({ kind: 'state', step: at, end: places.of(change.local), change });
  }
  return rows;
}

/** Which end an address and port belong to. A wildcard is with the specific addresses of its port. */
class Places {
  readonly ends: End[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #lastOf = new Map<string, number>();
  readonly #byPort: boolean;

  constructor(steps: RunStep[]) {
    const wires = steps.flatMap(step => [...step.segments.map(each => [each.from, each.to]),
      ...step.sockets.filter(each => each.remote !== null).map(each => [each.local, each.remote as string])]);
    // Both ends on one port, as in 127.0.0.1:5000 to 127.0.0.2:5000, are told apart by their addresses.
    this.#byPort = wires.every(([from, to]) => portOf(from) !== portOf(to));
    for (const step of steps) {
      for (const socket of step.sockets)
        this.#add(socket.local, socket.socket);
      for (const segment of step.segments) {
        this.#add(segment.from, null);
        this.#add(segment.to, null);
      }
    }
  }

  of(endpoint: string): number {
    return this.#byKey.get(this.#keyOf(endpoint)) ?? 0;
  }

  /** The end where a call belongs: where its socket stands, or stood last, or asks to stand. */
  ofCall(step: RunStep): number | null {
    const { name, op, rest } = step.statement;
    const row = step.sockets.find(socket => socket.socket === name);
    const asked = op === 'bind' ? this.#byKey.get(this.#keyOf(rest[0] ?? '')) : undefined;
    const at = row !== undefined && !isUnbound(row.local) ? this.of(row.local) : asked;
    if (op === 'open')
      this.#lastOf.delete(name);
    if (at !== undefined)
      this.#lastOf.set(name, at);
    return this.#lastOf.get(name) ?? null;
  }

  #add(endpoint: string, name: string | null): void {
    if (isUnbound(endpoint))
      return;
    const key = this.#keyOf(endpoint);
    let at = this.#byKey.get(key);
    if (at === undefined) {
      at = Math.min(this.ends.length, mostEnds - 1);
      this.#byKey.set(key, at);
      if (at === this.ends.length)
        this.ends.push({ place: endpoint, names: [] });
    }
    if (isWildcard(this.ends[at].place) && !isWildcard(endpoint))
      this.ends[at].place = endpoint;
    if (name !== null && !this.ends[at].names.includes(name))
      this.ends[at].names.push(name);
  }

  #keyOf(endpoint: string): string {
    return this.#byPort ? portOf(endpoint) : endpoint;
  }
}

function portOf(endpoint: string): string {
  return endpoint.slice(endpoint.lastIndexOf(':') + 1);
}

function isUnbound(endpoint: string): boolean {
  return portOf(endpoint) === '0';
}

function isWildcard(endpoint: string): boolean {
  return endpoint.startsWith('0.0.0.0:') || endpoint.startsWith('[::]:');
}
