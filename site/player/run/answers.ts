// What can be said of a pasted error, and of a snapshot.
import type { CauseLink } from '../loading.js';
import type { Model, Target } from '../model.js';
import type { Answer } from '../state.js';

/** The errors that a bind() or listen() is refused with, and how systems and runtimes write them. */
const wordings: [name: string, words: RegExp][] = [
  ['EADDRINUSE', /EADDRINUSE|address (?:is )?already in use|errno[ :=]*98\b|os error 98\b|10048|only one usage of each socket address|地址已(?:在|被)使用/i],
  ['EADDRNOTAVAIL', /EADDRNOTAVAIL|(?:cannot|can't) assign requested address|errno[ :=]*99\b|os error 99\b|10049|not valid in its context/i],
  ['EACCES', /EACCES|permission denied|errno[ :=]*13\b|os error 13\b|10013|forbidden by its access permissions/i],
];

/** The error that a text tells; of one that tells none, the one that this site is about. */
export function errorIn(text: string): string | null {
  return wordings.find(([, words]) => words.test(text))?.[0] ?? null;
}

/** What TCP alone has. */
const ofConnections = new Set(['time-wait', 'surviving-connection', 'close-wait', 'fin-wait', 'last-ack', 'self-connection', 'outgoing-connection']);

/** The causes that fit an error and what it asked for. */
export function fitting(causes: CauseLink[], error: string, protocol: string | null): CauseLink[] {
  return causes.filter(({ id, errors }) => errors.includes(error)
    && (id === 'denied-by-policy' || id.startsWith('unix-') === (protocol === 'unix'))
    && (id !== 'udp-socket' || protocol === 'udp') && !(protocol === 'udp' && ofConnections.has(id)));
}

/** Reads a pasted error. One that names no place is answered too: with its causes, and how to ask. A word alone may be a service, which no error is. */
export async function targetsOf(model: Model, text: string): Promise<Answer> {
  const { targets } = text.trim() === '' ? { targets: [] } : await model.readError(text).catch((error: Error) => {
    if (error.name !== 'BadInput')
      throw error;
    return { targets: [] };
  });
  return { targets: targets.filter(({ port, path }) => port !== null || path !== null), text: null, takenAt: null, sockets: [] };
}

/** A line of `why --json`, as far as the answer shows it beside its text. */
interface Line {
  target: Target;
  takenAt: string | null;
  blockers: { local: string; remote: string | null; state: string; owners: { pid: number; command: string | null }[] }[];
}

/** Reads a snapshot. */
export async function answerOf(model: Model, snapshot: Blob): Promise<Answer> {
  const { text } = await model.why(snapshot);
  const lines = (await model.why(snapshot, { json: true })).text.trim().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Line);
  return {
    targets: lines.map(line => line.target), text, takenAt: lines[0]?.takenAt ?? null,
    sockets: lines.flatMap(line => line.blockers.map(({ local, remote, state, owners }) => ({
      place: remote === null ? local : `${local} – ${remote}`, state,
      owner: owners.map(owner => `${owner.command ?? '?'} (pid ${owner.pid})`).join(', '),
    }))),
  };
}

/** The line that asks on one's own host. */
export function whyCommand(target: Target): string {
  const word = target.text;
  return `bindwise why ${/^[\w.:[\]\/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`}`;
}
