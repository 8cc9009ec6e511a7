// What a player knows at a moment. Only player.ts changes it; the views show it.
import type { MatrixChoice, Tab } from './fragment.js';
import type { About, Fault, MatrixCell, PastedError, Rules, Target } from './model.js';
import type { Position, Run } from './run/run.js';
import type { Changed, Changes, Roles } from './scenario/what-if.js';
import type { Completions } from './scenario/completions.js';

/** The run with changes, beside the one as written. */
export interface OtherRun {
  changed: Changed[];
  run: Run;
  position: Position;
}

/** An error, and the places that a text names for it: none where it names no place. */
export interface Refusal {
  error: PastedError;
  targets: Target[];
}

/** An answer to a pasted error or a snapshot. */
export interface Answer {
  refusals: Refusal[];
  note: string | null;
  /** What `why --snapshot` says; null where no snapshot was given. */
  text: string | null;
  /** When the snapshot was taken, in ISO 8601 with its own offset. */
  takenAt: string | null;
  sockets: { place: string; state: string; owner: string }[];
}

export interface State {
  ready: boolean;
  about: About | null;
  text: string;
  /** The first line of the text in sight, or one a little above it. */
  topLine: number;
  faults: Fault[];
  /** One sentence that the reader should know: what could not be read or played. */
  notice: string | null;
  /** What of the page's link could not be taken, in one sentence. */
  linkNotice: string | null;
  rules: Rules;
  run: Run | null;
  position: Position;
  isPlaying: boolean;
  tab: Tab;
  completions: Completions & { active: number };
  roles: Roles | null;
  changes: Changes;
  otherRules: Rules;
  other: OtherRun | null;
  otherNotice: string | null;
  matrix: MatrixChoice;
  cells: MatrixCell[] | null;
  error: string;
  answer: Answer | null;
  /** The answer to the pasted error or the snapshot is on its way. */
  isReading: boolean;
}

/** The state before anything was read or played. */
export function initial(text: string): State {
  return {
    ready: false, about: null, text, topLine: 1, faults: [], notice: null, linkNotice: null, rules: {}, run: null, position: { step: 0, time: 0 }, isPlaying: false,
    tab: 'scenario', completions: { from: 0, words: [], active: -1 }, roles: null, changes: {}, otherRules: {}, other: null, otherNotice: null,
    matrix: {
      system: 'linux', kernel: '', first: 'none', second: 'none', state: 'listening', listen: false, user: 'same', udp: false, addresses: 'few',
    },
    cells: null, error: '', answer: null, isReading: false,
  };
}
