// Single statements of the scenario language, as the model writes each step: what kind it is, on which socket, and the sockets' lives.
import { tokensOf } from '../language/highlight.js';

/** A statement in parts. */
export interface Statement {
  /** open, accept, or the word that it begins with. */
  op: string;
  /** The socket's name, of an accept the new one's; of signal and exit the process's; empty for wait and sysctl. */
  name: string;
  /** What follows: of `bind a 127.0.0.1:80` the address, of `x = accept a` the listener. */
  rest: string[];
  text: string;
}

/** Reads a step's text. */
export function statementOf(text: string): Statement {
  const words = tokensOf(text).filter(token => token.kind !== 'comment' && token.text.trim() !== '').map(token => token.text);
  if (words[1] === '=' && words[0] !== 'sysctl')
    return words[2] === 'accept' ? { op: 'accept', name: words[0], rest: words.slice(3), text } : { op: 'open', name: words[0], rest: words.slice(2), text };
  if (words[0] === 'retry') {
    const attempt = words.slice(4);
    return { op: 'retry', name: attempt[1] ?? '', rest: words.slice(1), text };
  }
  const isNameless = words[0] === 'wait' || words[0] === 'sysctl';
  return { op: words[0] ?? '', name: isNameless ? '' : words[1] ?? '', rest: words.slice(isNameless ? 1 : 2), text };
}

/** A call whose result may be an error of the system. A question (state, name) has an answer instead. */
export function isCall(statement: Statement): boolean {
  return statement.op !== 'state' && statement.op !== 'name';
}

/** What may be refused because of another socket. */
export function isClaimOnPort(statement: Statement): boolean {
  return ['bind', 'listen', 'connect'].includes(statement.op) || statement.op === 'retry';
}

/** The time of one socket under its name: from its opening until the name stands for another. */
export interface Life {
  name: string;
  /** The index of the statement that opens it. */
  at: number;
  /** The index of the first statement that is no more about it. */
  end: number;
  isAccepted: boolean;
  /** The process it belongs to; empty for the player. */
  process: string;
  isIPv6: boolean;
  /** The indices of its statements, its opening first. */
  own: number[];
}

/** All lives, in the order of their openings. */
export function livesOf(statements: Statement[]): Life[] {
  const lives: Life[] = [];
  const open = new Map<string, Life>();
  for (const [at, statement] of statements.entries()) {
    if (statement.op === 'open' || statement.op === 'accept') {
      const before = open.get(statement.name);
      if (before !== undefined)
        before.end = at;
      const life = opened(statement, at, statements.length, open);
      open.set(statement.name, life);
      lives.push(life);
    } else if (statement.op !== 'signal' && statement.op !== 'exit') {
      open.get(statement.name)?.own.push(at);
    }
  }
  return lives;
}

function opened(statement: Statement, at: number, end: number, open: Map<string, Life>): Life {
  const isAccepted = statement.op === 'accept';
  const listener = isAccepted ? open.get(statement.rest[0]) : undefined;
  const inAt = statement.rest.indexOf('in');
  return {
    name: statement.name, at, end, isAccepted, own: [at],
    process: isAccepted ? listener?.process ?? '' : inAt < 0 ? '' : statement.rest[inAt + 1],
    isIPv6: isAccepted ? listener?.isIPv6 ?? false : statement.rest[0]?.endsWith('6') ?? false,
  };
}

/** An address with its port, in two parts; null for what is none. */
export function endpointOf(text: string): { host: string; port: string } | null {
  const match = /^(\[[^\]]+\]|\d+\.\d+\.\d+\.\d+):(\w+)$/.exec(text);
  return match === null ? null : { host: match[1], port: match[2] };
}
