// Starts the players of a page.
import { Player } from './controller.js';
import { loadModel, whenWanted } from './loading.js';

for (const host of document.querySelectorAll<HTMLElement>('.player')) {
  // Where the page is about its player, the model starts while the player is drawn; whether it could, start() tells.
  if (host.dataset.place === 'page')
    loadModel().catch(() => undefined);
  const player = new Player(host);
  player.show();
  whenWanted(host, () => void player.start());
}
