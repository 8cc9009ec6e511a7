// Files for the reader: the scenario, and its picture.
import type { Player } from '../controller.js';

export function saveFile(name: string, content: string, type: string): void {
  const link = document.createElement('a');
  const address = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** What a picture's look consists of. The page has it in its style sheet, which a file does not take along. */
const look = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'font-weight', 'font-style', 'opacity'];

/** The sequence diagram as a file of its own, as it is shown: of what is written, also where that was not played yet. */
export async function savePicture(player: Player): Promise<void> {
  await player.finish();
  const shown = player.host.querySelector<SVGSVGElement>('svg.sequence');
  if (shown === null)
    return;
  const copy = shown.cloneNode(true) as SVGSVGElement;
  const copied = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  for (const [at, element] of [shown, ...shown.querySelectorAll<SVGElement>('*')].entries()) {
    const computed = getComputedStyle(element);
    for (const name of look)
      copied[at].setAttribute(name, computed.getPropertyValue(name));
    copied[at].removeAttribute('class');
  }
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of [['width', '100%'], ['height', '100%'], ['fill', getComputedStyle(document.body).backgroundColor]])
    ground.setAttribute(name, value);
  copy.prepend(ground);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const comments = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
  const unneeded: Node[] = [];
  while (comments.nextNode())
    unneeded.push(comments.currentNode);
  for (const comment of unneeded)
    comment.parentNode?.removeChild(comment);
  saveFile(`${player.name}.svg`, `<?xml version="1.0" encoding="utf-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`, 'image/svg+xml');
}
