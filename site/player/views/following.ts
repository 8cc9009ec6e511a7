// What scrolls within the player stays with the current step. The page itself is never scrolled.

/** Brings the current step of each list and picture into view, after they were shown. */
export function follow(host: HTMLElement): void {
  for (const current of host.querySelectorAll<HTMLElement>('.steps [aria-current=step]'))
    bring(current.parentElement!, current.offsetTop, current.offsetHeight);
  for (const row of host.querySelectorAll<SVGRectElement>('.sequence .now-row'))
    bring(row.closest<HTMLElement>('.figure')!, row.y.baseVal.value, row.height.baseVal.value);
}

const rest = 24;

function bring(box: HTMLElement, top: number, height: number): void {
  if (top - rest < box.scrollTop)
    box.scrollTop = top - rest;
  else if (top + height + rest > box.scrollTop + box.clientHeight)
    box.scrollTop = top + height + rest - box.clientHeight;
}
