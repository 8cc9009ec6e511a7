// @ts-check
import { layout } from '../../layout.js';

/** @param {{entry: import('../../sources.js').Page, sources: import('../../sources.js').Sources, content: string}} data */
export const render = ({ entry, sources, content }) => layout(entry, sources.pages, content);
