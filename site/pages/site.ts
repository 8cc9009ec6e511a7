// What every page can do: choose a theme, search, and switch the language without losing the place.
import { t } from '../player/words.js';
import { openSearch } from './search.js';

const byId = (id: string) => document.getElementById(id);

const themeButton = byId('theme-button');
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined ? prefersDark.matches : chosen === 'dark';
}

function showTheme(): void {
  themeButton?.setAttribute('aria-pressed', String(isDark()));
}

themeButton?.addEventListener('click', () => {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // Storage may be refused; the choice then lasts for this page.
  }
  showTheme();
});
prefersDark.addEventListener('change', showTheme);
showTheme();

const searchButton = byId('search-button');
searchButton?.addEventListener('click', () => void openSearch(t));
document.addEventListener('keydown', event => {
  const isTyping = event.target instanceof HTMLElement && (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName));
  const asks = event.key === '/' && !isTyping || event.key === 'k' && (event.ctrlKey || event.metaKey);
  if (!asks || event.defaultPrevented)
    return;
  event.preventDefault();
  void openSearch(t);
});

// The fragment may be the player's state, which a jump to the content must not replace.
document.querySelector('.skip')?.addEventListener('click', event => {
  event.preventDefault();
  byId('content')?.focus();
});

// Headings have the same ids in both languages, and the player's state means the same.
byId('language-link')?.addEventListener('click', event => {
  (event.currentTarget as HTMLAnchorElement).hash = location.hash;
});

for (const button of [themeButton, searchButton])
  button?.removeAttribute('hidden');
