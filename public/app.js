// Everything here is an addition: each page works without it.
import { Idiomorph } from './vendor/idiomorph.esm.js';

const { events = '/events', words: wordsJson = '{}' } = document.body.dataset;
/** What the page's buttons say, where it is not English. */
const words = {
  show: 'Show',
  hide: 'Hide',
  copy: 'Copy',
  copied: 'Copied',
  generate: 'Generate',
  now: 'now',
  seconds: 'in {seconds} s',
  minutes: 'in {minutes} min {seconds} s',
  passkey: 'Use a passkey',
  noPasskey: 'The browser gave no passkey.',
  ...JSON.parse(wordsJson),
};
const soonMs = 150;
const retryMs = 3000;
const firstMs = 200;
const mostOld = 4;
let asked = 0;
let askedOld = 0;

/** Live parts: an event says which operation changed, the part is then fetched again and put in place. */
function liveParts() {
  const parts = [...document.querySelectorAll('[data-live]')];
  if (parts.length === 0) return;
  again(parts);
  const only = parts.length === 1 ? parts[0].dataset.watch : '';
  let timer;
  const refreshSoon = () => {
    askedOld = 0;
    clearTimeout(timer);
    timer = setTimeout(() => refresh(parts).catch(() => setTimeout(refreshSoon, retryMs)), soonMs);
  };
  const source = new EventSource(only ? `${events}?operation=${encodeURIComponent(only)}` : events);
  source.addEventListener('operation', refreshSoon);
  // After a cut something may have been missed; while no stream is open the page asks by itself.
  let asking;
  source.addEventListener('open', () => {
    asking = clearInterval(asking);
    refreshSoon();
  });
  source.addEventListener('error', () => {
    asking ??= setInterval(refreshSoon, retryMs);
  });
  addEventListener('pagehide', () => source.close());
}

async function refresh(parts) {
  const url = new URL(location.href);
  url.searchParams.set('part', 'live');
  const answer = await fetch(url, { headers: { accept: 'text/html' }, redirect: 'error' });
  if (!answer.ok) throw new Error(String(answer.status));
  const html = await answer.text();
  for (const part of parts) place(part, html);
  again(parts);
}

/** A part that a master has not answered for yet is asked for again; one that is merely old, a few times. */
function again(parts) {
  if (askedOld < mostOld && parts.some((part) => part.querySelector('[data-stale]')))
    setTimeout(() => refresh(parts).catch(() => {}), 2 * firstMs * 2 ** askedOld++);
  refreshWhenOver(parts);
  if (parts.some((part) => part.querySelector('[data-again]')))
    setTimeout(() => refresh(parts).catch(() => {}), asked++ === 0 ? firstMs : retryMs);
}

let over;

/** What is offered until a time goes then, and what has come of it stands in its place. */
function refreshWhenOver(parts) {
  const times = parts.flatMap((part) => [...part.querySelectorAll('[data-until]')]).map((one) => one.dataset.until);
  clearTimeout(over);
  if (times.length === 0) return;
  // Not sooner than in a second, also where the two clocks differ.
  const waitMs = Math.max(1000, Math.min(...times.map(Date.parse)) - Date.now() + firstMs);
  over = setTimeout(() => refresh(parts).catch(() => {}), waitMs);
}

/** Keeps focus, choices and open folds, and leaves the part alone when nothing changed. */
function place(part, html) {
  Idiomorph.morph(part, html, {
    morphStyle: 'innerHTML',
    ignoreActiveValue: true,
    callbacks: { beforeAttributeUpdated, beforeNodeMorphed, beforeNodeRemoved },
  });
  countdowns();
  passwords();
}

/** A form in which somebody writes is left alone altogether. */
function beforeNodeMorphed(node) {
  return !(node instanceof HTMLFormElement && node.dataset.touched);
}

function touched() {
  document.addEventListener('input', ({ target }) => {
    const form = target.closest('form.form, form.picks');
    if (form) form.dataset.touched = 'yes';
  });
}

/** Buttons that were made here are in no fetched part. */
function beforeNodeRemoved(node) {
  return !(node instanceof HTMLButtonElement && node.dataset.made);
}

/** Fields whose value nobody types: it says which thing is meant, and goes with its row. */
const given = '[type=hidden], [type=checkbox], [type=radio]';

/** What a person chose on the page stays: a fetched part knows nothing of it. */
function beforeAttributeUpdated(name, node) {
  return (
    !((name === 'checked' || name === 'type') && node.matches('input')) &&
    !(name === 'value' && node.matches(`input:not(${given})`)) &&
    !(name === 'open' && node.matches('details'))
  );
}

function countdowns() {
  for (const place of document.querySelectorAll('[data-countdown]')) {
    const seconds = Math.ceil((Date.parse(place.dataset.countdown) - Date.now()) / 1000);
    const minutes = Math.floor(seconds / 60);
    const text = seconds <= 0 ? words.now : minutes > 0 ? words.minutes : words.seconds;
    place.textContent = text.replace('{minutes}', minutes).replace('{seconds}', seconds % 60);
  }
}

function shortcuts() {
  const box = document.querySelector('#search');
  const help = document.querySelector('#help');
  if (!box || !help) return;
  const choice = document.querySelector('#shortcuts');
  choice.checked = localStorage.getItem('shortcuts') !== 'off';
  choice.addEventListener('change', () => localStorage.setItem('shortcuts', choice.checked ? 'on' : 'off'));
  let before = '';
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey && event.key === 'k') return toSearch(event, box);
    if (event.key === 'Escape') return escaped(box);
    if (!choice.checked || isTyping(event)) return;
    oneKey(event, before, box, help);
    before = event.key;
  });
}

function escaped(box) {
  document.querySelector('.person[open]')?.removeAttribute('open');
  document.querySelector('dialog[open]')?.close();
  box.blur();
}

const places = { a: '/accounts', o: '/operations', m: '/masters' };

function oneKey(event, before, box, help) {
  if (before === 'g' && Object.hasOwn(places, event.key)) return location.assign(places[event.key]);
  if (event.key === '/') return toSearch(event, box);
  if (event.key === '?' && !help.open) help.showModal();
}

function toSearch(event, box) {
  event.preventDefault();
  // Under an open dialog the box takes no focus.
  document.querySelector('dialog[open]')?.close();
  box.focus();
  box.select();
}

function isTyping({ ctrlKey, metaKey, altKey, target }) {
  if (ctrlKey || metaKey || altKey) return true;
  // A box that is only ticked takes no letters; the help's own has the focus while it is open.
  return target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
}

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.+*';

/** Twenty characters without look-alikes, evenly drawn; made anew until each kind is in it. */
function newPassword() {
  const fits = (text) => /[A-Z]/.test(text) && /[a-z]/.test(text) && /\d/.test(text) && /[-_.+*]/.test(text);
  let text = '';
  while (!fits(text)) text = Array.from({ length: 20 }, randomCharacter).join('');
  return text;
}

function randomCharacter() {
  const limit = 256 - (256 % alphabet.length);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while (byte[0] >= limit);
  return alphabet[byte[0] % alphabet.length];
}

function passwords() {
  for (const line of document.querySelectorAll('[data-secret]')) {
    if (line.querySelector('[data-made]')) continue;
    const input = line.querySelector('input');
    const show = button(words.show, () => {
      input.type = input.type === 'password' ? 'text' : 'password';
      show.textContent = input.type === 'password' ? words.show : words.hide;
    });
    const copy = button(words.copy, async () => {
      await navigator.clipboard.writeText(input.value);
      copy.textContent = words.copied;
      setTimeout(() => (copy.textContent = words.copy), 2000);
    });
    if (input.type === 'text') show.textContent = words.hide;
    const make = button(words.generate, () => {
      input.value = newPassword();
      input.type = 'text';
      show.textContent = words.hide;
      input.focus();
    });
    line.append(make, show, copy);
  }
}

function button(label, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.dataset.made = 'yes';
  made.textContent = label;
  made.addEventListener('click', act);
  return made;
}

/** A field that takes a code takes what a passkey signed too; a form may ask for a new passkey before it is sent. */
function passkeys() {
  if (!globalThis.PublicKeyCredential) return;
  for (const input of document.querySelectorAll('input[data-passkey]')) {
    const use = button(words.passkey, () =>
      withPasskey(use, async ({ startAuthentication }) => {
        const answer = await startAuthentication({ optionsJSON: JSON.parse(input.dataset.passkey) });
        const { form, name } = input;
        input.disabled = true;
        form.append(
          Object.assign(document.createElement('input'), { type: 'hidden', name, value: JSON.stringify(answer) }),
        );
        form.requestSubmit();
      }),
    );
    input.after(use);
  }
  for (const form of document.querySelectorAll('[data-passkey-new]')) {
    form.addEventListener('submit', (event) => {
      if (form.elements.answer.value !== '') return;
      event.preventDefault();
      // It is not sent yet.
      event.stopImmediatePropagation();
      void withPasskey(form.lastElementChild, async ({ startRegistration }) => {
        const answer = await startRegistration({ optionsJSON: JSON.parse(form.dataset.passkeyNew) });
        form.elements.answer.value = JSON.stringify(answer);
        form.requestSubmit();
      });
    });
  }
}

async function withPasskey(near, ask) {
  near.parentElement.querySelector('[data-passkey-problem]')?.remove();
  try {
    await ask(await import('./vendor/passkeys/index.js'));
  } catch (error) {
    const problem = Object.assign(document.createElement('p'), { className: 'error' });
    problem.dataset.passkeyProblem = 'yes';
    problem.setAttribute('role', 'alert');
    problem.textContent = `${words.noPasskey} ${error.message}`;
    near.after(problem);
  }
}

/** A second click would send the same request twice; it would attach to the first, but look odd. */
function sendOnce() {
  for (const form of document.querySelectorAll('[data-once]')) {
    form.addEventListener('submit', (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = 'yes';
    });
    addEventListener('pageshow', () => delete form.dataset.sent);
  }
  document.querySelector('#problem')?.focus();
}

liveParts();
// On a telephone menu and tabs are one line each: what is open comes into sight.
for (const open of document.querySelectorAll('.menu [aria-current], .tabs [aria-current]'))
  open.scrollIntoView({ inline: 'center', block: 'nearest' });
touched();
shortcuts();
passwords();
passkeys();
sendOnce();
countdowns();
setInterval(countdowns, 1000);
