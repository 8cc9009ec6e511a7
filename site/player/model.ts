// The player's only tie to whatever answers: the model as WebAssembly (play/model.js) now, a server of the product later.

/** A place where a text is no scenario. */
export interface Fault {
  line: number;
  column: number;
  step: number | null;
  message: string;
}

/** A scenario's steps without its expectations, or its faults. */
export interface Parsed {
  steps: { line: number; text: string }[];
  faults: Fault[];
}

/** Which rules decide. */
export interface Rules {
  kernel?: string;
  system?: string;
}

/** A line of the socket table. */
export interface Socket {
  protocol: 'tcp' | 'udp';
  local: string;
  remote: string | null;
  state: string;
  socket: string | null;
  process: string | null;
  secondsLeft: number | null;
}

/** A TCP segment; `time` only where it is not the step's, `fate` only where it did not simply arrive. */
export interface Segment {
  from: string;
  to: string;
  flags: string;
  time?: number;
  fate?: 'held' | 'released' | 'lost' | 'again';
  bytes?: number;
}

/** A change of a socket's state, null where it was or is not there; `after` is how many of the step's segments were before it. */
export interface StateChange {
  socket: string | null;
  local: string;
  remote: string | null;
  from: string | null;
  to: string | null;
  after: number;
  time?: number;
}

/** What a step gave, and how things stand after it. */
export interface TracedStep {
  result: string;
  rule: string | null;
  /** The rule's page below the site's root; null for a rule without one. */
  page: string | null;
  because: string;
  blockers: string[];
  /** Seconds of virtual time since the start. */
  time: number;
  sockets: Socket[];
  segments: Segment[];
  states: StateChange[];
}

/** A socket of the matrix. */
export interface MatrixSocket {
  protocol: 'tcp' | 'udp';
  address: string;
  v6only: boolean | null;
  options: string[];
  user: number;
}

/** A cell of the matrix, as `matrix --json` has it. */
export interface MatrixCell {
  system: string;
  first: MatrixSocket;
  second: MatrixSocket;
  state: string;
  call: 'bind' | 'listen';
  result: string;
  rule: { id: string; sentence: string; citation: string; sureness: string };
}

/** What a matrix asks, in the words of the command line's options. */
export interface MatrixQuestion {
  on?: string;
  addresses?: string;
  options?: string;
  state?: string;
  listen?: boolean;
  user?: string;
  udp?: boolean;
  kernel?: string;
}

/** What a pasted error asks about. */
export interface Target {
  text: string;
  protocol: string;
  address: string | null;
  port: number | null;
  path: string | null;
}

/** What a pasted text says of a bind() that failed. */
export interface PastedError {
  /** As EADDRINUSE; "unknown" for words that are not known, null where none is named. */
  errno: string | null;
  /** The system other than Linux that words it so. */
  system: string | null;
  /** The ids of the causes that fit. */
  causes: string[];
}

/** A figure on cells: the state diagram of RFC 9293. */
export interface Figure {
  columns: number;
  rows: number;
  boxColumns: number;
  boxes: { state: string; column: number; row: number; height: number }[];
  edges: { from: string; to: string; points: [number, number][]; text: string; place: [number, number]; before: boolean }[];
}

/** What the model knows. */
export interface About {
  systems: { id: string; name: string }[];
  kernels: string[];
  /** The release that the documentation speaks of. */
  release: string;
  figure?: Figure;
}

/** Each rejects with an Error of one sentence where its input has no answer (its name is BadInput then), or takes too long. */
export interface Model {
  about(): Promise<About>;
  parse(text: string): Promise<Parsed>;
  trace(text: string, rules: Rules): Promise<{ steps: TracedStep[] }>;
  matrix(question: MatrixQuestion): Promise<{ cells: MatrixCell[] }>;
  cellScenario(cell: MatrixCell): Promise<string>;
  explain(word: string): Promise<{ kind: string; id: string; title: string; summary: string }[]>;
  why(snapshot: Blob | string, options?: { target?: string; verbose?: boolean; json?: boolean }): Promise<{ text: string; exit: number; errors?: string[] }>;
  readError(text: string): Promise<{ targets: Target[]; errors: PastedError[]; note?: string }>;
}
