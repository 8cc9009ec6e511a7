// A scenario as the model played it, and where in it one stands.
import type { Fault, Model, Rules, Socket, TracedStep } from '../model.js';
import { statementOf, isCall, isClaimOnPort, type Statement } from '../scenario/statements.js';

/** One step with what it gave. */
export interface RunStep extends TracedStep {
  line: number;
  statement: Statement;
  /** The call was refused. */
  failed: boolean;
}

export interface Run {
  text: string;
  rules: Rules;
  steps: RunStep[];
  /** Seconds of virtual time: to the last step, and on to the end of the timers that then still run. */
  ends: number;
}

/** Where one stands: after a step, at a moment of virtual time. */
export interface Position {
  step: number;
  time: number;
}

/** Plays a scenario. */
export async function play(model: Model, text: string, rules: Rules): Promise<Run | Fault[]> {
  const { steps, faults } = await model.parse(text);
  if (faults.length > 0)
    return faults;
  const traced = (await model.trace(text, rules)).steps;
  const run = traced.map((step, at) => {
    const statement = statementOf(steps[at].text);
    return { ...step, line: steps[at].line, statement, failed: isRefusal(statement, step.result) };
  });
  return { text, rules, steps: run, ends: endOf(run) };
}

function isRefusal(statement: Statement, result: string): boolean {
  return result === 'ENOSOCK' || (isCall(statement) && result !== 'ok' && result !== 'unknown');
}

/** Longer than any timer of a closed connection. */
const longestTail = 120;

function endOf(steps: RunStep[]): number {
  const last = steps.at(-1);
  if (last === undefined)
    return 0;
  const left = last.sockets.map(socket => socket.secondsLeft ?? 0);
  return last.time + Math.min(longestTail, Math.max(0, ...left));
}

/** The last call that failed, else the last step. */
export function standing(run: Run): number {
  const failed = run.steps.findLastIndex(step => step.failed);
  return failed >= 0 ? failed : run.steps.length - 1;
}

/** The position right after a step. */
export function afterStep(run: Run, step: number): Position {
  const at = Math.max(0, Math.min(run.steps.length - 1, step));
  return { step: at, time: run.steps[at]?.time ?? 0 };
}

/** The position at a moment: after the last step that had ended by then. */
export function atTime(run: Run, time: number): Position {
  const within = Math.max(0, Math.min(run.ends, time));
  return { step: Math.max(0, run.steps.findLastIndex(step => step.time <= within)), time: within };
}

/** The sockets at a position: between two steps only timers run, and what they end is gone. */
export function socketsAt(run: Run, { step, time }: Position): Socket[] {
  const at = run.steps[step];
  if (at === undefined)
    return [];
  const passed = Math.max(0, time - at.time);
  return at.sockets.flatMap(socket => socket.secondsLeft === null ? [socket]
    : socket.secondsLeft > passed || passed === 0 ? [{ ...socket, secondsLeft: socket.secondsLeft - passed }] : []);
}

/** Whether all calls up to a position gave what is known: after one that did not, sockets may be there of which nothing is known. */
export function isKnown(run: Run, { step }: Position): boolean {
  return run.steps.slice(0, step + 1).every(each => each.result !== 'unknown');
}

/** The call that decides in the other run of What if: the first of its socket that fails, else its last one that may be refused. */
export function decisive(run: Run, from: number): number {
  const name = run.steps[from]?.statement.name;
  let last = from;
  for (let at = from; at < run.steps.length; at++) {
    const { statement, failed } = run.steps[at];
    if (at > from && (statement.op === 'open' || statement.op === 'accept') && statement.name === name)
      break;
    if (statement.name !== name || !isClaimOnPort(statement))
      continue;
    last = at;
    if (failed)
      break;
  }
  return last;
}
