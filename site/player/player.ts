// Starts the players of a page.
import { Player } from './controller.js';
import { whenWanted } from './loading.js';

for (const host of document.querySelectorAll<HTMLElement>('.player')) {
  const player = new Player(host);
  player.show();
  whenWanted(host, () => void player.start());
}
