// The state of a player as a link holds it: base64url of JSON, which `bindwise lab play` writes too.
import type { About, Rules } from './model.js';
import type { Changes } from './scenario/what-if.js';

export const tabs = ['scenario', 'if', 'matrix', 'error'] as const;
export type Tab = (typeof tabs)[number];

/** What the matrix shows. */
export interface MatrixChoice {
  system: string;
  kernel: string;
  first: string;
  second: string;
  state: string;
  listen: boolean;
  user: string;
  udp: boolean;
  addresses: string;
}

/** All that a link says. What it leaves out is as the player begins. */
export interface Shared {
  /** The scenario; left out where it is the page's own. */
  text?: string;
  /** Which of the page's players it is; left out on a page with one. */
  player?: string;
  tab?: Tab;
  step?: number;
  time?: number;
  kernel?: string;
  system?: string;
  changes?: Changes;
  /** The rules of the other run. */
  otherKernel?: string;
  otherSystem?: string;
  matrix?: Partial<MatrixChoice>;
  error?: string;
}

const longest = 2_000_000;

/** The fragment without its #. Empty for an empty state, so that a page that nobody has touched keeps its address. */
export function write(shared: Shared): string {
  const kept = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  if (Object.keys(kept).length === 0)
    return '';
  return base64(new TextEncoder().encode(JSON.stringify({ v: 1, ...kept })));
}

/**
 * Reads a fragment.
 * @returns null where it is none of a player's.
 */
export function read(fragment: string): Shared | null {
  if (fragment.length > longest || !/^[A-Za-z0-9_-]+$/.test(fragment))
    return null;
  try {
    const bytes = Uint8Array.from(atob(fragment.replaceAll('-', '+').replaceAll('_', '/')), character => character.codePointAt(0) ?? 0);
    return checked(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return null;
  }
}

/** The rules that the model has: what a link names beside them is dropped, and added to `unknown`. */
export function knownRules<T extends Rules>(rules: T, { systems, kernels }: About, unknown: Set<string>): T {
  const known = { ...rules };
  for (const [name, values] of [['system', systems.map(({ id }) => id)], ['kernel', kernels]] as const) {
    const value = known[name] ?? '';
    if (value === '' || values.includes(value))
      continue;
    unknown.add(value);
    delete known[name];
  }
  return known;
}

const texts = ['text', 'player', 'kernel', 'system', 'otherKernel', 'otherSystem', 'error'] as const;
const numbers = ['step', 'time'] as const;
/** A type, or the only values. */
type Kind = 'boolean' | 'string' | readonly unknown[];
const changeKinds: Record<keyof Changes, Kind> = {
  oldReuseAddr: 'boolean', newReuseAddr: 'boolean', reusePort: 'boolean', v6only: 'boolean', linger: 'boolean', otherAddress: 'boolean',
  otherUser: 'boolean', first: ['server', 'client', 'both'],
};
const matrixKinds: Record<keyof MatrixChoice, Kind> = {
  system: 'string', kernel: 'string', first: 'string', second: 'string', state: 'string', listen: 'boolean', user: 'string', udp: 'boolean',
  addresses: 'string',
};

function checked(value: unknown): Shared | null {
  if (!isObject(value) || value.v !== 1)
    return null;
  const shared: Shared = {};
  for (const name of texts) {
    if (value[name] !== undefined && typeof value[name] !== 'string')
      return null;
    shared[name] = value[name] as string | undefined;
  }
  for (const name of numbers) {
    if (value[name] !== undefined && !(typeof value[name] === 'number' && value[name] >= 0 && (name === 'step' ? Number.isInteger(value[name]) : Number.isFinite(value[name]))))
      return null;
    shared[name] = value[name] as number | undefined;
  }
  if (value.tab !== undefined && !tabs.includes(value.tab as Tab))
    return null;
  shared.tab = value.tab as Tab | undefined;
  const changes = fields<Changes>(value.changes, changeKinds);
  const matrix = fields<MatrixChoice>(value.matrix, matrixKinds);
  if (changes === null || matrix === null)
    return null;
  return { ...shared, changes, matrix };
}

/** An object with some of the fields, each of its kind; undefined where there is none, null where it is something else. */
function fields<T>(value: unknown, kinds: Record<string, Kind>): Partial<T> | undefined | null {
  if (value === undefined)
    return undefined;
  if (!isObject(value) || Object.entries(value).some(([name, each]) => !Object.hasOwn(kinds, name) || !isOf(each, kinds[name])))
    return null;
  return value as Partial<T>;
}

function isOf(value: unknown, kind: Kind): boolean {
  return typeof kind === 'string' ? typeof value === kind : kind.includes(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes)
    binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
