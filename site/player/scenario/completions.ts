// What may follow in a scenario's text: words of the language, and the names that the text has.
import { flags, options, particles, protocols, results, statements, states, sysctls } from '../language/grammar.js';
import { tokensOf } from '../language/highlight.js';

export interface Completions {
  /** Where the word that is typed begins. */
  from: number;
  words: string[];
}

const mostWords = 12;
/** In a longer text nothing is completed: to look through it at each key would hold up the page. */
const longestText = 100_000;

/** What fits at a place of the text; no words where nothing has been typed that they begin with. */
export function completionsAt(text: string, at: number): Completions {
  if (text.length > longestText)
    return { from: at, words: [] };
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(lineStart, at);
  const typed = /[\w.-]*$/.exec(before)?.[0] ?? '';
  const from = at - typed.length;
  const tokens = tokensOf(before.slice(0, before.length - typed.length));
  if (tokens.at(-1)?.kind === 'comment' || tokens.at(-1)?.kind === 'string')
    return { from, words: [] };
  const words = tokens.map(token => token.text).filter(word => word.trim() !== '');
  const statement = words.slice(words.findLastIndex(word => word === ';') + 1);
  // Nothing typed yet: only where the language leaves few choices.
  const offered = candidates(statement, namesOf(text, from, at), processesOf(text));
  const fitting = offered.filter(word => word !== typed && word.toLowerCase().startsWith(typed.toLowerCase()));
  return { from, words: typed === '' && !isChoice(statement) ? [] : [...new Set(fitting)].slice(0, mostWords) };
}

function isChoice(statement: string[]): boolean {
  return ['->', 'expect', 'by', 'claimed', 'in', '=', 'accept', 'connect', 'sysctl', 'shutdown', 'signal', 'set'].includes(statement.at(-1) ?? '');
}

function candidates(statement: string[], names: string[], processes: string[]): string[] {
  const last = statement.at(-1);
  const [first, second] = statement;
  if (statement.includes('->') || first === 'expect')
    return last === 'by' ? [...names, ...states] : last === 'claimed' || last === '->' || last === 'expect' ? [...results, ...states] : ['by', 'claimed', 'of'];
  if (statement.length === 0)
    return [...statements, ...names, 'scenario'];
  if (last === '=' && first !== 'sysctl')
    return [...protocols, 'accept', 'connect'];
  if (last === 'accept' || last === 'connect')
    return names.filter(name => name !== first);
  if (last === 'in')
    return processes;
  if (second === '=')
    return [...Object.keys(flags), ...options.map(name => `${name}=`), 'listen', 'connect', 'in', 'user', 'device'];
  return afterStatement(first, statement.length, names, processes);
}

function afterStatement(first: string, length: number, names: string[], processes: string[]): string[] {
  switch (first) {
    case 'sysctl':
      return length === 1 ? sysctls : [];
    case 'signal':
      return length === 1 ? processes : ['INT', 'TERM', 'KILL'];
    case 'exit':
      return processes;
    case 'set':
      return length === 1 ? names : [...Object.keys(flags), ...options.map(name => `${name}=`)];
    case 'shutdown':
      return length === 1 ? names : ['read', 'write', 'both'];
    case 'repeat':
      return length === 1 ? names : ['data', 'syn', 'fin', 'ack', 'reset'];
    case 'retry':
      return [...names, 'for', 'bind', 'listen', 'connect'];
    case 'wait':
      return [];
    default:
      return length === 1 || first === 'stream' || first === 'connect' ? names : particles.filter(word => word === 'to');
  }
}

/** The sockets' names that the rest of the text opens. */
function namesOf(text: string, from: number, at: number): string[] {
  const rest = text.slice(0, from) + text.slice(at);
  return [...new Set([...rest.matchAll(/(?:^|;|\n)\s*([A-Za-z_][\w.-]*)\s*=(?!=)/g)].map(match => match[1]))].filter(name => name !== 'sysctl');
}

function processesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\bin\s+([A-Za-z_][\w.-]*)/g)].map(match => match[1]))];
}
