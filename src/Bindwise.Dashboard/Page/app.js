// The page: which view is shown, the connection, the field "Target", the token. The views are in views/, each with an address of its own.
import { Problem, model, session, whenTokenIsAsked } from './api.js';
import { Connection } from './connection.js';
import { render } from './made/player.js';
import { html, nothing } from './shown.js';
import { followTheme } from './theme.js';
import { Pasting } from './pasting.js';
import { isFailedCall } from './views/event-line.js';
import { notLoaded } from './views/not-loaded.js';
import { TokenForm } from './views/token.js';

/** The views: their path below the page's, their name, and who draws them. `listed` says whether the navigation has them. */
const views = [
  { path: '', name: 'Ports', load: () => import('./views/ports.js') },
  { path: 'states', name: 'States', load: () => import('./views/states.js') },
  { path: 'pressure', name: 'Pressure', load: () => import('./views/pressure.js') },
  { path: 'failed-binds', name: 'Failed binds', load: () => import('./views/failed-binds.js') },
  { path: 'history', name: 'History', load: () => import('./views/history.js') },
  { path: 'lab', name: 'Lab', load: () => import('./views/lab.js') },
  { path: 'matrix', name: 'Matrix', load: () => import('./views/matrix.js') },
  { path: 'fleet', name: 'Fleet', load: () => import('./views/fleet.js'), needs: 'fleet' },
  { path: 'why', name: 'Why', load: () => import('./views/why.js'), needs: 'link' },
  { path: 'explain', name: 'Explain', load: () => import('./views/explain.js'), needs: 'link' },
];

const said = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost, trying again', refused: 'Token needed' };
/** Failed binds are kept while the page is open, on whichever view they happen. */
const mostKept = 500;
/** In characters; an address with more would not be kept or shared. */
const longestInAddress = 500;
const tooLarge = 413;

class App {
  server = { token: 'none', actions: false, fleet: false, host: '', version: '' };
  failures = [];
  /** Why what was asked last could not be read. */
  askFault = null;
  /** Whether the stream began with all that the server keeps. */
  isReplayed = false;
  #view = null;
  #shown = 0;
  #isDue = false;
  #token = new TokenForm(() => this.#restart());
  #connection = new Connection(state => this.#tellConnection(state), event => this.#take(event));

  start() {
    followTheme(document.getElementById('theme'));
    const pasting = new Pasting(document.getElementById('target'));
    document.getElementById('ask').addEventListener('submit', event => {
      event.preventDefault();
      void this.#ask(pasting.text);
    });
    document.addEventListener('click', event => this.#followLink(event));
    addEventListener('popstate', () => void this.#open());
    whenTokenIsAsked(() => this.#token.show());
    new ResizeObserver(([{ target }]) => {
      const isSticky = getComputedStyle(target).position === 'sticky';
      document.documentElement.style.setProperty('--top', isSticky ? `${target.offsetHeight}px` : '0px');
      showCurrentLink();
    }).observe(document.querySelector('.top'));
    this.#drawLinks();
    void this.#restart();
  }

  /** Goes to a view; `isReplaced` leaves no step back. */
  go(address, isReplaced = false) {
    history[isReplaced ? 'replaceState' : 'pushState'](null, '', address);
    void this.#open();
  }

  /** Keeps the view's choices in the address, without opening it anew. */
  keep(query) {
    const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== false));
    history.replaceState(null, '', words.size === 0 ? location.pathname : `?${words}`);
  }

  /** Has the stream tell, once, what happened before this page was opened, as far as the server keeps it. */
  replay() {
    if (!this.isReplayed)
      this.#connection.replay();
  }

  /** Draws the view once what is going on has ended. */
  show() {
    if (this.#isDue)
      return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#view !== null)
        render(this.#view.render(), document.getElementById('view'));
    });
  }

  /** A long text does not fit into an address: the server reads what it is about first. */
  async #ask(text) {
    this.askFault = null;
    if (text === '')
      return;
    try {
      const { targets, note } = text.length <= longestInAddress && !text.includes('\n') ? { targets: [{ text }] } : await model.targets(text);
      if (targets.length === 0)
        throw new Error(note);
      this.go(`why?${new URLSearchParams(targets.map((each, at) => [at === 0 ? 'target' : 'also', each.text]))}`);
    } catch (error) {
      this.askFault = error.status === tooLarge ? 'This text is too long: paste at most 256 KiB of it, with the line that has the port.'
        : error.message;
      this.go('why');
    }
  }

  async #restart() {
    try {
      this.server = await session();
      document.getElementById('host').textContent = this.server.host ?? '';
    } catch (error) {
      if (!(error instanceof Problem))
        throw error;
    }
    this.#connection.open();
    if (this.server.token === 'needed') {
      this.#token.show();
      return;
    }
    const wasAsked = this.#token.hide();
    await this.#open();
    // The form had the focus, and is gone.
    if (wasAsked)
      document.getElementById('view').focus({ preventScroll: true });
  }

  async #open() {
    const shown = ++this.#shown;
    const path = location.pathname.slice(new URL('.', document.baseURI).pathname.length);
    const view = views.find(each => each.path === path) ?? views[0];
    document.title = [view.name, this.server.host, 'Bindwise'].filter(each => each !== '' && each !== null).join(' – ');
    const { open } = await view.load().catch(() => ({ open: () => notLoaded(view.name) }));
    if (shown !== this.#shown)
      return;
    this.#view?.close?.();
    const main = document.getElementById('view');
    const isFirst = this.#view === null;
    const query = new URLSearchParams(location.search);
    this.#view = open(this, query);
    const isWhy = view.path === 'why';
    const target = isWhy ? query.get('target') : null;
    // What is typed before the first view is there stays, and so does a text that could not be read.
    if (target !== null || !(isFirst || (isWhy && this.askFault !== null))) {
      document.getElementById('target').value = target ?? '';
      this.askFault = null;
    }
    this.#drawLinks(view.path);
    render(nothing, main);
    render(this.#view.render(), main);
    if (!isFirst) {
      scrollTo(0, 0);
      main.focus({ preventScroll: true });
    }
    void this.#view.refresh?.();
  }

  #drawLinks(path = null) {
    const listed = views.filter(({ needs }) => needs === undefined || (needs === 'fleet' && this.server.fleet));
    render(html`${listed.map(view => html`<li><a href=${view.path === '' ? './' : view.path}
      aria-current=${view.path === path ? 'page' : nothing}>${view.name}</a></li>`)}`, document.getElementById('links'));
    showCurrentLink();
  }

  /** Links of the page's own open their view without loading the page anew. */
  #followLink(event) {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (link === null || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    const address = new URL(link.href);
    const isElsewhere = address.origin !== location.origin || link.target !== '' || link.hasAttribute('download');
    if (isElsewhere || link.getAttribute('href').startsWith('#'))
      return;
    event.preventDefault();
    this.go(address.pathname + address.search);
  }

  #tellConnection(state) {
    const status = document.getElementById('connection');
    status.textContent = said[state];
    status.dataset.state = state;
    if (state === 'live')
      void (this.#view?.isLoaded === false ? this.#open() : this.#view?.refresh?.());
  }

  #take({ event, data }) {
    if (event === 'reset') {
      [this.failures, this.isReplayed] = [[], true];
      this.#view?.reset?.();
      void this.#view?.refresh?.();
      return;
    }
    let told;
    try {
      told = JSON.parse(data);
    } catch {
      return;
    }
    if (isFailedCall(told))
      this.failures = [...this.failures, told].slice(-mostKept);
    this.#view?.take?.(event, told);
  }
}

/** On a phone the links are wider than the screen. */
function showCurrentLink() {
  const links = document.querySelector('nav');
  const current = links.querySelector('[aria-current]');
  if (current !== null)
    links.scrollLeft = current.offsetLeft - links.offsetLeft - (links.clientWidth - current.offsetWidth) / 2;
}

new App().start();
