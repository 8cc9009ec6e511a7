// The theme: the system's, unless the reader chose one.

const order = ['system', 'light', 'dark'];
const key = 'bindwise-theme';

/** Makes a button that goes from one theme to the next, and shows the one that was chosen last time. */
export function followTheme(button) {
  let theme = order.includes(kept()) ? kept() : 'system';
  const show = () => {
    if (theme === 'system')
      delete document.documentElement.dataset.theme;
    else
      document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    dispatchEvent(new Event('themechange'));
  };
  button.addEventListener('click', () => {
    theme = order[(order.indexOf(theme) + 1) % order.length];
    try {
      localStorage.setItem(key, theme);
    } catch {
      // A browser that keeps nothing shows the theme until the page is left.
    }
    show();
  });
  show();
}

function kept() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
