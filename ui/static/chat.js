// The page's behaviour. Gradio runs this as the body of a function with `element`, `trigger`, `watch`.
// Markup comes escaped from the server; what is made here is made with textContent.
const EVENTS = ['ask', 'retry', 'edit', 'vote', 'new', 'open', 'forget', 'filter', 'find', 'speak'];
const NARROW = window.matchMedia('(max-width: 899px)');
const one = (selector, within = document) => within.querySelector(selector);
const panel = () => one('.gw-panel');
const body = () => one('.gw-panel-body');
const word = (name) => panel()?.dataset[name] ?? '';
const field = () => one('#gw-question textarea');
const send = (name, data = {}) => EVENTS.includes(name) && trigger(name, data);
const busy = () => Boolean(one('.gw-working', element));
let active = null;
let opener = null;
let seen = '';
let reading = 0;

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function announce(text) {
  const live = one('#gw-live');
  if (live) live.textContent = text;
}

// Sources

function showSources(turn) {
  const place = body();
  if (!place) return;
  reading += 1;
  const held = turn && one('.gw-turn-sources', turn);
  active = turn ? turn.id : null;
  markActive();
  place.replaceChildren();
  place.classList.remove('gw-reading');
  if (held?.children.length) place.append(...[...held.children].map((node) => node.cloneNode(true)));
  else place.append(make('p', 'gw-quiet', word('empty')));
}

function markActive() {
  for (const card of element.querySelectorAll('.gw-turn')) {
    card.classList.toggle('gw-active', card.id === active && Boolean(one('.gw-source', card)));
  }
}

function openPanel(from) {
  if (!NARROW.matches) return;
  opener = from ?? document.activeElement;
  panel().classList.add('gw-open');
  one('[data-do="close-panel"]', panel()).focus({ preventScroll: true });
}

function closePanel() {
  if (!panel()?.classList.contains('gw-open')) return false;
  reading += 1;
  panel().classList.remove('gw-open');
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  return true;
}

function flash(node) {
  node.classList.remove('gw-flash');
  void node.offsetWidth;
  node.classList.add('gw-flash');
}

// The whole article beside the conversation, at the marked span; where that fails, its own page.
// What was asked for since then goes before it, and so does what is being typed.
async function read(link, title, sourceId, from) {
  const turn = from.closest('.gw-turn') ?? document.getElementById(active);
  if (turn && active !== turn.id) showSources(turn);
  openPanel(from);
  reading += 1;
  const mine = reading;
  const place = body();
  let page;
  try {
    const headers = { Accept: 'text/html', 'Accept-Language': document.documentElement.lang };
    const response = await fetch(link, { headers });
    if (!response.ok) throw new Error(String(response.status));
    page = new DOMParser().parseFromString(await response.text(), 'text/html');
  } catch {
    if (mine === reading) window.open(link, '_blank', 'noopener');
    return;
  }
  if (mine !== reading) return;
  const reader = make('article', 'gw-reader');
  const back = make('button', 'gw-button', word('back'));
  back.type = 'button';
  back.dataset.do = 'back';
  back.dataset.source = sourceId;
  const out = make('a', '', word('out'));
  out.href = link;
  out.target = '_blank';
  out.rel = 'noopener';
  const row = make('p', 'gw-row');
  row.append(back, out);
  reader.append(row, make('h3', '', title));
  for (const part of page.querySelectorAll('.gw-notice, .gw-text')) {
    reader.append(document.importNode(part, true));
  }
  const typing = document.activeElement?.matches('textarea, input, select');
  place.replaceChildren(reader);
  place.classList.add('gw-reading');
  const mark = one('mark', reader);
  if (mark) {
    mark.id = 'gw-span';
    mark.tabIndex = -1;
    place.scrollTop += mark.getBoundingClientRect().top - place.getBoundingClientRect().top - place.clientHeight / 3;
    for (const part of reader.querySelectorAll('mark')) flash(part);
    if (!typing) mark.focus({ preventScroll: true });
  } else {
    reader.tabIndex = -1;
    if (!typing) reader.focus({ preventScroll: true });
  }
  announce(`${title}. ${mark ? mark.textContent : ''}`);
}

// The quote that a chip shows, and what a confidence means

function hideTip() {
  const tip = one('#gw-tip');
  if (tip) tip.hidden = true;
  one('[aria-describedby="gw-tip"]')?.removeAttribute('aria-describedby');
}

const explained = (target) => target.closest('.gw-chip, [data-meaning]');

function showTip(held) {
  const tip = one('#gw-tip');
  const source = document.getElementById(held.dataset.source);
  if (!tip || !(source || held.dataset.meaning)) return;
  hideTip();
  if (source) {
    const quote = make('span', 'gw-tip-quote');
    const mark = one('mark', source)?.cloneNode(true);
    if (mark) quote.append(...mark.childNodes);
    tip.replaceChildren(make('strong', '', one('h3 bdi', source).textContent), quote);
  } else tip.replaceChildren(make('span', 'gw-tip-meaning', held.dataset.meaning));
  tip.hidden = false;
  held.setAttribute('aria-describedby', 'gw-tip');
  const place = held.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left - 24, window.innerWidth - size.width - 8));
  const above = place.top - size.height - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : place.bottom + 8}px`;
}

// Question and answer

function edit(turn) {
  const asked = one('.gw-asked', turn);
  if (busy() || one('form', asked)) return;
  const form = make('form', 'gw-edit');
  const input = make('textarea');
  input.value = one('[data-question]', asked).textContent;
  input.maxLength = 2000;
  input.rows = 2;
  input.setAttribute('aria-label', word('question'));
  const row = make('span', 'gw-row');
  const save = make('button', 'gw-button gw-main', word('save'));
  const cancel = make('button', 'gw-button', word('cancel'));
  cancel.type = 'button';
  const close = () => {
    form.remove();
    asked.classList.remove('gw-editing');
    one('[data-do="edit"]', asked)?.focus();
  };
  cancel.addEventListener('click', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { event.stopPropagation(); close(); }
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const question = input.value.trim();
    if (!question || busy()) return;
    form.remove();
    asked.classList.remove('gw-editing');
    send('edit', { turn: turn.dataset.turn, question });
    field()?.focus();
  });
  row.append(save, cancel);
  form.append(input, row);
  asked.append(form);
  asked.classList.add('gw-editing');
  input.focus();
}

async function copy(button) {
  const text = button.dataset.copy;
  if (window.isSecureContext && navigator.clipboard) await navigator.clipboard.writeText(text);
  else {
    // an intranet without https has no clipboard interface
    const holder = make('textarea', 'gw-hidden');
    holder.value = text;
    document.body.append(holder);
    holder.select();
    document.execCommand('copy');
    holder.remove();
    button.focus();
  }
  button.classList.add('gw-done');
  announce(word('copied'));
  setTimeout(() => button.classList.remove('gw-done'), 1500);
}

function vote(button) {
  const turn = button.closest('.gw-turn');
  const taken = button.getAttribute('aria-pressed') === 'true';
  const form = one('.gw-note', turn);
  send('vote', { turn: turn.dataset.turn, vote: button.dataset.vote, note: '' });
  if (!form) return;
  if (taken) {
    noted.delete(turn.dataset.turn);
    form.hidden = true;
  } else {
    form.dataset.vote = button.dataset.vote;
    noted.set(turn.dataset.turn, button.dataset.vote);
  }
}

// The forms left open, by turn: markup that arrives later has them closed.
const noted = new Map();

function openNotes() {
  for (const [turn, given] of noted) {
    const form = one(`[data-turn="${turn}"] .gw-note`, element);
    if (!form || !form.hidden) continue;
    form.dataset.vote = given;
    form.hidden = false;
    one('textarea', form).focus({ preventScroll: true });
  }
}

function closeNote(form) {
  noted.delete(form.closest('.gw-turn').dataset.turn);
  form.hidden = true;
  field()?.focus({ preventScroll: true });
}

// The passages left unfolded, by turn: markup that arrives later has them folded.
const unfolded = new Set();

function unfold() {
  for (const passages of element.querySelectorAll('details')) {
    passages.open = unfolded.has(passages.closest('.gw-turn').dataset.turn);
  }
}

// Appearance

function theme(dark) {
  document.body.classList.toggle('dark', dark);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
}

// On a wide page a popover opens at its button, where the browser can do that. Not @supports and
// @media: Gradio drops the one and puts the other under its own container.
function anchor() {
  document.documentElement.classList.toggle('gw-anchored', !NARROW.matches && CSS.supports('position-area', 'bottom'));
}
NARROW.addEventListener('change', anchor);
anchor();

// A browser may keep nothing from us: then the choice holds for this page alone.
function stored(use) {
  try {
    return use(window.localStorage);
  } catch {
    return null;
  }
}

const wished = stored((kept) => kept.getItem('groundwire-theme'));
if (wished) theme(wished === 'dark');

const actions = {
  ask: (button) => !busy() && send('ask', { question: button.dataset.ask }),
  retry: () => !busy() && send('retry'),
  edit: (button) => edit(button.closest('.gw-turn')),
  copy,
  vote,
  new: () => { send('new'); field()?.focus(); },
  open: (button) => { one('#gw-history').hidePopover(); send('open', { id: button.value }); field()?.focus(); },
  forget: (button) => send('forget', { id: button.value }),
  'filter-all': () => { one('[data-do="find"]').value = ''; send('filter', { document: '' }); },
  meaning: showTip,
  'note-close': (button) => closeNote(button.closest('.gw-note')),
  'close-panel': () => closePanel(),
  sources: (button) => { showSources(button.closest('.gw-turn')); openPanel(button); if (!NARROW.matches) body().focus(); },
  back: (button) => {
    showSources(document.getElementById(active));
    const card = one(`#${CSS.escape(button.dataset.source)}`, body());
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: 'nearest' });
  },
  theme: () => {
    const dark = !document.body.classList.contains('dark');
    theme(dark);
    stored((kept) => kept.setItem('groundwire-theme', dark ? 'dark' : 'light'));
  },
};

const plain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);

document.addEventListener('click', (event) => {
  const folded = event.target.closest('summary')?.parentElement;
  const folds = folded?.closest('.gw-turn')?.dataset.turn;
  if (folds) unfolded[folded.open ? 'delete' : 'add'](folds);
  const chip = event.target.closest('.gw-chip');
  if (chip && plain(event)) {
    event.preventDefault();
    hideTip();
    const source = document.getElementById(chip.dataset.source);
    read(chip.getAttribute('href'), one('h3 bdi', source).textContent, chip.dataset.source, chip);
    return;
  }
  const held = event.target.closest('[data-do]');
  if (held?.dataset.do === 'read' && plain(event)) {
    event.preventDefault();
    const source = held.closest('.gw-source');
    read(held.getAttribute('href'), one('h3 bdi', source).textContent, source.id, held);
    return;
  }
  if (held?.tagName === 'BUTTON') { actions[held.dataset.do]?.(held); return; }
  const card = event.target.closest('.gw-turn');
  if (card && active !== card.id && one('.gw-source', card)) showSources(card);
});

document.addEventListener('change', (event) => {
  const held = event.target;
  if (held.dataset.do === 'language') send('speak', { language: held.value });
  if (held.dataset.do === 'filter') {
    chosen = held.value;
    send('filter', { document: held.value });
  }
});

// The list of articles changes its order under the boxes: a box that was clicked would keep its tick,
// and the focus its row.
let chosen = '';
function tick(changes) {
  if (!changes.some(({ target }) => target.closest('#gw-filter'))) return;
  const boxes = [...document.querySelectorAll('#gw-top [data-do="filter"]')];
  for (const box of boxes) box.checked = box.hasAttribute('checked');
  const here = document.activeElement;
  if (!chosen || here?.dataset.do !== 'filter' || here.value === chosen) return;
  boxes.find((box) => box.value === chosen)?.focus();
}

let typing = 0;
document.addEventListener('input', (event) => {
  if (event.target.dataset?.do !== 'find') return;
  clearTimeout(typing);
  typing = setTimeout(() => send('find', { sought: event.target.value }), 200);
});

document.addEventListener('submit', (event) => {
  const form = event.target.closest('.gw-note');
  if (!form) return;
  event.preventDefault();
  const note = one('textarea', form).value.trim();
  if (note) {
    send('vote', { turn: form.closest('.gw-turn').dataset.turn, vote: form.dataset.vote, note });
    announce(word('thanks'));
  }
  one('textarea', form).value = '';
  closeNote(form);
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    const tip = one('#gw-tip');
    if (tip && !tip.hidden) hideTip();
    else if (!one(':popover-open') && !closePanel() && busy()) one('#gw-question .stop-button')?.click();
  }
  const typed = event.target.closest('input, textarea, select, [contenteditable]');
  if (event.key === '/' && !typed && plain(event)) { event.preventDefault(); field()?.focus(); }
});

document.addEventListener('focusin', (event) => {
  if (event.target.dataset.do === 'filter') chosen = '';
  const held = explained(event.target);
  if (held?.matches(':focus-visible')) showTip(held);
  const turn = event.target.closest('.gw-turn');
  if (turn && active !== turn.id && one('.gw-source', turn) && !NARROW.matches) showSources(turn);
});
document.addEventListener('focusout', (event) => explained(event.target) && hideTip());
document.addEventListener('mouseover', (event) => {
  const held = explained(event.target);
  if (held) showTip(held);
  else if (!event.target.closest('#gw-tip')) hideTip();
});
window.addEventListener('scroll', hideTip, true);

// After each change from the server

// The reader is disturbed only where a turn comes or its card changes its kind.
function settle() {
  const talk = one('.gw-talk', element);
  if (!talk) return;
  document.documentElement.lang = talk.lang;
  openNotes();
  unfold();
  const place = body();
  if (!place) return;
  const turns = [...talk.querySelectorAll('.gw-turn')];
  const last = turns.at(-1);
  const state = [talk.dataset.conversation, turns.length, last?.dataset.turn, last?.dataset.state, talk.lang].join(':');
  if (state === seen && place.children.length) {
    markActive();
    return;
  }
  seen = state;
  const answered = last && one('.gw-card[tabindex]', last);
  showSources(answered ? last : null);
  closePanel();
  const card = last && one('.gw-card', last);
  if (card) {
    last.scrollIntoView({ block: last.offsetHeight > element.closest('#gw-left').clientHeight - 120 ? 'start' : 'nearest' });
    const said = one('.gw-short, .gw-lead, .gw-said, [role="status"]', card);
    announce([said?.textContent, one('.gw-confidence', card)?.textContent].filter(Boolean).join('. '));
  }
}

function progressed() {
  const said = one('#gw-progress')?.textContent.trim();
  const status = one('.gw-working [role="status"]', element);
  if (said && status && status.textContent !== said) status.textContent = said;
}

function observe(id, changed, more = {}) {
  const node = document.getElementById(id) ?? document.body;
  new MutationObserver(changed).observe(node, { childList: true, subtree: true, ...more });
}

watch('value', settle);
observe('gw-side', settle);
observe('gw-top', tick, { attributes: true, attributeFilter: ['checked', 'value'] });
observe('gw-progress', progressed, { characterData: true });
