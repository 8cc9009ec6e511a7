// @ts-check
// Code with colours, by classes alone: the policy of the pages allows no style in an attribute.
import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import csharp from 'highlight.js/lib/languages/csharp';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import shell from 'highlight.js/lib/languages/shell';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { tokensOf } from '../player/language/highlight.js';
import { escapeHtml } from './words.js';

/** What stands behind a fence, and whose grammar it is. */
const grammars = { sh: bash, bash, c, csharp, go, ini, java, js: javascript, json, php, python, ruby, rust, console: shell, xml, yaml };
for (const [name, grammar] of Object.entries(grammars))
  highlighter.registerLanguage(name, grammar);

/**
 * The code as HTML.
 * @param {string} code
 * @param {string} info
 */
export function colour(code, info) {
  if (info === 'bind' || info === 'claim')
    return colourScenario(code);
  return Object.hasOwn(grammars, info) ? highlighter.highlight(code, { language: info }).value : escapeHtml(code);
}

/**
 * A scenario, by the player's own reader.
 * @param {string} text
 */
export function colourScenario(text) {
  return tokensOf(text).map(({ kind, text: part }) =>
    kind === 'plain' ? escapeHtml(part) : `<span class="bind-${kind}">${escapeHtml(part)}</span>`).join('');
}
