// lit-html's templates, with every text in them made harmless: what processes call themselves must not reorder or hide a sentence.
import { html as plainHtml, svg as plainSvg } from './made/player.js';

export { nothing } from './made/player.js';

/** As the terminal escapes them (Bindwise.Rendering, Escaper): controls, format and bidi characters, separators, noncharacters. */
const harmful = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;
/** Blanks to a browser. */
const blanks = new Set(['\n', '\t']);

const spelled = character => blanks.has(character) ? character : character === '\r' ? '\\r' : character === '\x1b' ? '\\e'
  : `\\u{${character.codePointAt(0).toString(16).toUpperCase()}}`;

/** A text as it may be shown; anything else as it is. */
export const shown = value => typeof value === 'string' ? value.replace(harmful, spelled)
  : Array.isArray(value) ? value.map(shown) : value;

export const html = (strings, ...values) => plainHtml(strings, ...values.map(shown));
export const svg = (strings, ...values) => plainSvg(strings, ...values.map(shown));
