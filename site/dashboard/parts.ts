// What the web page of `bindwise serve` takes from the player: its drawings, how a scenario is played, and lit-html, with which both draw.
export { html, svg, nothing, render } from 'lit-html';
export { live } from 'lit-html/directives/live.js';
export { repeat } from 'lit-html/directives/repeat.js';
export { ref } from 'lit-html/directives/ref.js';
export { play, afterStep, standing, socketsAt } from '../player/run/run.js';
export { segments } from '../player/views/segments.js';
export { boxOf, diagram, socketTable, states, timers } from '../player/views/tables.js';
export { stepList } from '../player/views/steps.js';
export { matrixTab } from '../player/views/matrix.js';
export { choice, rulesChoice } from '../player/views/choices.js';
export { styled } from '../player/views/styling.js';
export { socketWords } from '../../src/Bindwise.Browser/wwwroot/socket-words.js';
