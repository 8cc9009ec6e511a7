// Runs before the page is painted, so that a reader who chose a theme never sees the other one flash.
// @ts-check
{
  let chosen = null;
  try {
    chosen = localStorage.getItem('theme');
  } catch {
    // Storage may be refused; then the system's preference holds.
  }
  if (chosen === 'light' || chosen === 'dark')
    document.documentElement.dataset.theme = chosen;
}
