// What if? Changes to a scenario, as functions from its statements to other statements. They know the language's words, and no rule.
import { endpointOf, isClaimOnPort, livesOf, statementOf, type Life, type Statement } from './statements.js';

/** What is changed; what is left out stays as it is written. */
export interface Changes {
  oldReuseAddr?: boolean;
  newReuseAddr?: boolean;
  reusePort?: boolean;
  v6only?: boolean;
  linger?: boolean;
  otherAddress?: boolean;
  otherUser?: boolean;
  first?: 'server' | 'client' | 'both';
}

export type Toggle = Exclude<keyof Changes, 'first'>;

/** A connection's two ends, by their lives. */
interface Pair {
  server: Life;
  client: Life;
}

/** Who plays which part in a scenario: the call that the verdict is about, its socket, and those that had the port before. */
export interface Roles {
  subject: number;
  fresh: Life | null;
  old: Life[];
  pairs: Pair[];
}

/** A statement, and the index of the one that it was; null for one that was added. */
export interface Changed {
  text: string;
  from: number | null;
}

/**
 * Finds the roles.
 * @param subject The index of the call that the verdict is about, if it is known; else it is the last one that may be refused.
 */
export function rolesOf(texts: string[], subject?: number): Roles {
  const statements = texts.map(statementOf);
  const claims = statements.flatMap((statement, at) => isClaimOnPort(statement) ? [at] : []);
  const at = subject !== undefined && claims.includes(subject) ? subject : claims.at(-1) ?? statements.length - 1;
  const lives = livesOf(statements);
  const fresh = lifeAt(statements, lives)[at] ?? null;
  const earlier = lives.filter(life => !life.isAccepted && life !== fresh && life.at < (fresh?.at ?? 0));
  const port = fresh === null ? null : portOf(statements, fresh);
  const samePort = earlier.filter(life => port !== null && portOf(statements, life) === port);
  const bound = earlier.filter(life => portOf(statements, life) !== null);
  return { subject: at, fresh, old: samePort.length > 0 ? samePort : bound.length > 0 ? bound : earlier, pairs: pairsOf(statements, lives) };
}

/** The port that a socket binds by number; null if it binds none. */
function portOf(statements: Statement[], life: Life): string | null {
  return bindsOf(statements, life).map(at => endpointOf(addressIn(statements[at]))?.port ?? null)[0] ?? null;
}

function bindsOf(statements: Statement[], life: Life): number[] {
  return life.own.filter(at => statements[at].op === 'bind' || (statements[at].op === 'retry' && statements[at].rest[3] === 'bind'));
}

function addressIn(statement: Statement): string {
  return statement.rest.find(word => endpointOf(word) !== null) ?? '';
}

/** Each accepted socket with the client that it was accepted for: the first that connected to its listener and is not accepted yet. */
function pairsOf(statements: Statement[], lives: Life[]): Pair[] {
  const waiting: { client: Life; to: string }[] = [];
  const pairs: Pair[] = [];
  const byStatement = lifeAt(statements, lives);
  for (const [at, statement] of statements.entries()) {
    const life = byStatement[at];
    if (statement.op === 'connect' && life !== undefined)
      waiting.push({ client: life, to: statement.rest[0] });
    if (statement.op === 'accept' && life !== undefined) {
      const listener = lives.findLast(each => each.name === statement.rest[0] && each.at < at && each.end >= at);
      const port = listener === undefined ? null : portOf(statements, listener);
      const found = waiting.findIndex(({ to }) => to === statement.rest[0] || (port !== null && endpointOf(to)?.port === port));
      if (found >= 0)
        pairs.push({ server: life, client: waiting.splice(found, 1)[0].client });
    }
  }
  return pairs;
}

/** The life that each statement is about. */
function lifeAt(statements: Statement[], lives: Life[]): (Life | undefined)[] {
  const byStatement = new Array<Life | undefined>(statements.length);
  for (const life of lives) {
    for (const at of life.own)
      byStatement[at] = life;
  }
  return byStatement;
}

/** How each toggle stands as the scenario is written; null where it has nothing to change. */
export function asWritten(texts: string[], roles: Roles): Record<Toggle, boolean | null> & { first: 'server' | 'client' | 'nobody' | null } {
  const statements = texts.map(statementOf);
  const { fresh, old } = roles;
  const both = fresh === null ? old : [...old, fresh];
  const six = both.filter(life => life.isIPv6);
  const connections = connectionsOf(roles);
  const all = (lives: Life[], word: string) => lives.length === 0 ? null : lives.every(life => isSet(statements, life, word));
  return {
    oldReuseAddr: all(old, 'reuseaddr'),
    newReuseAddr: fresh === null ? null : isSet(statements, fresh, 'reuseaddr'),
    reusePort: fresh === null || old.length === 0 ? null : all(both, 'reuseport'),
    v6only: all(six, 'v6only'),
    linger: connections.length === 0 ? null : connections.every(life => isAborted(statements, life)),
    otherAddress: fresh === null || bindsOf(statements, fresh).length === 0 ? null : false,
    otherUser: fresh === null ? null : false,
    first: firstToClose(statements, roles.pairs),
  };
}

/** The ends whose close decides what stays on the port: those of the old sockets, else all that were accepted. */
function connectionsOf({ old, pairs }: Roles): Life[] {
  const clients = pairs.filter(({ client }) => old.includes(client)).map(({ client }) => client);
  return clients.length > 0 ? clients : pairs.map(({ server }) => server);
}

function isSet(statements: Statement[], life: Life, word: string): boolean {
  const last = life.own.findLast(at => concerns(statements[at], word) && at < firstClaim(statements, life));
  return last !== undefined && statements[last].rest[0] === word && statements[last].rest.length === 1;
}

const optionNames: Record<string, string> = { reuseaddr: 'SO_REUSEADDR', reuseport: 'SO_REUSEPORT', v6only: 'IPV6_V6ONLY', linger: 'SO_LINGER' };

/** A `set` of an option, by its word or by its name. */
function concerns(statement: Statement, word: string): boolean {
  return statement.op === 'set' && (statement.rest[0] === word || statement.rest[0] === optionNames[word] || (word === 'v6only' && statement.rest[0] === 'dual'));
}

function firstClaim(statements: Statement[], life: Life): number {
  return life.own.find(at => isClaimOnPort(statements[at])) ?? life.end;
}

function isAborted(statements: Statement[], life: Life): boolean {
  return life.own.some(at => statements[at].op === 'abort' || (concerns(statements[at], 'linger') && statements[at].rest.join('') === 'SO_LINGER=0'));
}

/** The index at which an end is closed: by its own close, by the end of its process, or because its name gets another socket. */
function closingOf(statements: Statement[], life: Life): number {
  const own = life.own.find(at => ['close', 'abort'].includes(statements[at].op)
    || (statements[at].op === 'shutdown' && statements[at].rest[0] !== 'read')) ?? life.end;
  const process = statements.findIndex((statement, at) => at > life.at && at < life.end && life.process !== ''
    && (statement.op === 'exit' || statement.op === 'signal') && statement.name === life.process);
  return process < 0 ? own : Math.min(own, process);
}

function firstToClose(statements: Statement[], pairs: Pair[]): 'server' | 'client' | 'nobody' | null {
  if (pairs.length === 0)
    return null;
  const [server, client] = [closingOf(statements, pairs[0].server), closingOf(statements, pairs[0].client)];
  return Math.min(server, client) >= statements.length ? 'nobody' : server <= client ? 'server' : 'client';
}

/** The scenario with the changes. */
export function change(texts: string[], roles: Roles, changes: Changes): Changed[] {
  const statements = texts.map(statementOf);
  const edits = new Edits(texts);
  const { fresh, old } = roles;
  const both = fresh === null ? old : [...old, fresh];
  setOption(statements, edits, old, 'reuseaddr', changes.oldReuseAddr);
  setOption(statements, edits, fresh === null ? [] : [fresh], 'reuseaddr', changes.newReuseAddr);
  setOption(statements, edits, both, 'reuseport', changes.reusePort);
  setOption(statements, edits, both.filter(life => life.isIPv6), 'v6only', changes.v6only);
  setLinger(statements, edits, connectionsOf(roles), changes.linger);
  if (changes.otherAddress === true && fresh !== null)
    bindElsewhere(statements, edits, fresh);
  if (changes.otherUser === true && fresh !== null)
    edits.replace(fresh.at, openedByAnother(statements[fresh.at]));
  for (const pair of changes.first === undefined ? [] : roles.pairs)
    closeFirst(statements, edits, pair, changes.first as 'server' | 'client' | 'both', fresh?.at ?? statements.length);
  return edits.result();
}

/** Sets an option right after the socket is made, or never. */
function setOption(statements: Statement[], edits: Edits, lives: Life[], word: string, on: boolean | undefined): void {
  for (const life of on === undefined ? [] : lives) {
    if (isSet(statements, life, word) === on)
      continue;
    const before = firstClaim(statements, life);
    for (const at of life.own.filter(each => concerns(statements[each], word) && (!on || each < before)))
      edits.remove(at);
    if (on)
      edits.after(life.at, `set ${life.name} ${word}`);
  }
}

/** Lets every close of the ends be a reset, or none. */
function setLinger(statements: Statement[], edits: Edits, lives: Life[], on: boolean | undefined): void {
  for (const life of on === undefined ? [] : lives) {
    if (isAborted(statements, life) === on)
      continue;
    if (on)
      edits.after(life.at, `set ${life.name} SO_LINGER=0`);
    for (const at of on ? [] : life.own) {
      if (statements[at].op === 'abort')
        edits.replace(at, `close ${life.name}`);
      else if (concerns(statements[at], 'linger'))
        edits.remove(at);
    }
  }
}

/** Addresses of the lab's host, in the order in which another one is looked for. */
const elsewhere4 = ['127.0.0.2', '127.0.0.3', '127.0.0.1'];
const elsewhere6 = ['[::1]', '[2001:db8::1]', '[2001:db8:1::1]'];

function bindElsewhere(statements: Statement[], edits: Edits, fresh: Life): void {
  const taken = new Set(statements.map(statement => endpointOf(addressIn(statement))?.host));
  for (const at of bindsOf(statements, fresh)) {
    const address = addressIn(statements[at]);
    const endpoint = endpointOf(address);
    if (endpoint === null)
      continue;
    const others = (endpoint.host.startsWith('[') ? elsewhere6 : elsewhere4).filter(host => host !== endpoint.host);
    edits.replace(at, statements[at].text.replace(address, `${others.find(host => !taken.has(host)) ?? others[0]}:${endpoint.port}`));
  }
}

/** An ordinary user who made none of the scenario's other sockets. */
function openedByAnother(statement: Statement): string {
  const userAt = statement.rest.indexOf('user');
  const user = userAt < 0 ? 1001 : Number(statement.rest[userAt + 1]) + 1;
  const rest = userAt < 0 ? statement.rest : statement.rest.toSpliced(userAt, 2);
  return `${statement.name} = ${rest.toSpliced(1, 0, 'user', String(user)).join(' ')}`;
}

/**
 * Lets one end close before the other, or both before either sees the other's FIN.
 * @param before Where a connection that nobody closes is closed: before the new socket is made, if it is there by then.
 */
function closeFirst(statements: Statement[], edits: Edits, pair: Pair, who: 'server' | 'client' | 'both', before: number): void {
  const serverAt = closingOf(statements, pair.server);
  const clientAt = closingOf(statements, pair.client);
  if (Math.min(serverAt, clientAt) >= statements.length) {
    closeBoth(statements, edits, pair, who, pair.server.at < before ? before : statements.length);
    return;
  }
  const isServerFirst = serverAt <= clientAt;
  if (who !== 'both' && isServerFirst === (who === 'server'))
    return;
  const [early, late] = isServerFirst ? [pair.server, pair.client] : [pair.client, pair.server];
  const at = isServerFirst ? serverAt : clientAt;
  // What the late end has not read yet would make its close a reset.
  const unread = unreadOf(statements, early, late, at);
  edits.before(at, ...unread === 0 ? [] : [`receive ${late.name} ${unread}`],
    ...who === 'both' ? [`hold ${late.name}`, `hold ${early.name}`] : [], `close ${late.name}`);
  if (who === 'both')
    edits.after(at, `release ${late.name}`, `release ${early.name}`);
  for (const each of late.own.filter(own => own > at && ['send', 'receive', 'shutdown', 'close', 'abort'].includes(statements[own].op)))
    edits.remove(each);
}

/** Closes a connection that stays open as it is written. */
function closeBoth(statements: Statement[], edits: Edits, { server, client }: Pair, who: 'server' | 'client' | 'both', at: number): void {
  const [early, late] = who === 'client' ? [client, server] : [server, client];
  const isHeld = who === 'both';
  const texts = [
    ...[[early, late], [late, early]].flatMap(([from, to]) => {
      const unread = unreadOf(statements, from, to, at);
      return unread === 0 ? [] : [`receive ${to.name} ${unread}`];
    }),
    ...isHeld ? [`hold ${early.name}`, `hold ${late.name}`] : [], `close ${early.name}`, `close ${late.name}`,
    ...isHeld ? [`release ${early.name}`, `release ${late.name}`] : [],
  ];
  if (at < statements.length)
    edits.before(at, ...texts);
  else
    edits.after(at - 1, ...texts);
  for (const life of [early, late]) {
    for (const each of life.own.filter(own => own >= at && ['send', 'receive', 'shutdown'].includes(statements[own].op)))
      edits.remove(each);
  }
}

function unreadOf(statements: Statement[], from: Life, to: Life, at: number): number {
  const bytes = (life: Life, op: string) => life.own.filter(own => own < at && statements[own].op === op)
    .reduce((sum, own) => sum + Number(statements[own].rest[0]), 0);
  return Math.max(0, bytes(from, 'send') - bytes(to, 'receive'));
}

/** Changes to a list of statements by their indices, put together at the end. */
class Edits {
  readonly #texts: string[];
  readonly #before = new Map<number, string[]>();
  readonly #after = new Map<number, string[]>();
  readonly #replaced = new Map<number, string | null>();

  constructor(texts: string[]) {
    this.#texts = texts;
  }

  before(at: number, ...texts: string[]): void {
    this.#before.set(at, [...this.#before.get(at) ?? [], ...texts]);
  }

  after(at: number, ...texts: string[]): void {
    this.#after.set(at, [...this.#after.get(at) ?? [], ...texts]);
  }

  replace(at: number, text: string): void {
    this.#replaced.set(at, text);
  }

  remove(at: number): void {
    this.#replaced.set(at, null);
  }

  result(): Changed[] {
    return this.#texts.flatMap((text, at) => {
      const own = this.#replaced.has(at) ? this.#replaced.get(at) ?? null : text;
      return [...added(this.#before.get(at)), ...own === null ? [] : [{ text: own, from: at }], ...added(this.#after.get(at))];
    });
  }
}

function added(texts: string[] = []): Changed[] {
  return texts.map(text => ({ text, from: null }));
}
