// What can be said of a pasted error, and of a snapshot.
import type { Model, PastedError, Target } from '../model.js';
import type { Answer, Refusal } from '../state.js';

/** The errors of a text, each with where it says so: a service's name alone, which has no port, is no error. */
function grouped({ targets, errors }: { targets: Target[]; errors: PastedError[] }): Refusal[] {
  const refusals = new Map<string, Refusal>();
  errors.forEach((error, at) => {
    const target = targets.at(at);
    if (error.errno === null && target?.port == null && target?.path == null)
      return;
    const key = JSON.stringify([error, target?.protocol === 'unix']);
    const refusal = refusals.get(key) ?? { error, targets: [] };
    refusals.set(key, refusal);
    if (target !== undefined)
      refusal.targets.push(target);
  });
  return [...refusals.values()];
}

/** Reads a pasted error. One that names no place is answered too: with its causes, and how to ask. */
export async function refusalsOf(model: Model, text: string): Promise<Answer> {
  const read = text.trim() === '' ? { targets: [], errors: [] } : await model.readError(text).catch((error: Error) => {
    if (error.name !== 'BadInput')
      throw error;
    return { targets: [], errors: [] };
  });
  // Of a text without a place the note says what the answer does.
  return { refusals: grouped(read), note: read.targets.length === 0 ? null : read.note ?? null, text: null, takenAt: null, sockets: [] };
}

/** A line of `why --json`, as far as the answer shows it beside its text. */
interface Line {
  takenAt: string | null;
  blockers: { local: string; remote: string | null; state: string; owners: { pid: number; command: string | null }[] }[];
}

/** Reads a snapshot. */
export async function answerOf(model: Model, snapshot: Blob): Promise<Answer> {
  const { text } = await model.why(snapshot);
  const lines = (await model.why(snapshot, { json: true })).text.trim().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Line);
  return {
    refusals: [], note: null, text, takenAt: lines[0]?.takenAt ?? null,
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
