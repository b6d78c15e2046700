// Everything here is an addition: each page works without it.
import { Idiomorph } from './vendor/idiomorph.esm.js';

const soonMs = 150;
const retryMs = 3000;
const firstMs = 200;
let asked = 0;
let mayAskOnce = true;

/** Live parts: an event says which operation changed, the part is then fetched again and put in place. */
function liveParts() {
  const parts = [...document.querySelectorAll('[data-live]')];
  if (parts.length === 0) return;
  again(parts);
  const only = parts.length === 1 ? parts[0].dataset.watch : '';
  let timer;
  const refreshSoon = () => {
    mayAskOnce = true;
    clearTimeout(timer);
    timer = setTimeout(() => refresh(parts).catch(() => setTimeout(refreshSoon, retryMs)), soonMs);
  };
  const source = new EventSource(only ? `/events?operation=${encodeURIComponent(only)}` : '/events');
  source.addEventListener('operation', refreshSoon);
  // After a cut something may have been missed; a closed stream is never opened again by the browser.
  source.addEventListener('open', refreshSoon);
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) setInterval(refreshSoon, retryMs);
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

/** A part that a master has not answered for yet is asked for again; one that is merely old, once. */
function again(parts) {
  if (mayAskOnce && parts.some((part) => part.querySelector('[data-stale]'))) {
    mayAskOnce = false;
    setTimeout(() => refresh(parts).catch(() => {}), 2 * firstMs);
  }
  if (parts.some((part) => part.querySelector('[data-again]')))
    setTimeout(() => refresh(parts).catch(() => {}), asked++ === 0 ? firstMs : retryMs);
}

/** Keeps focus, choices and open folds, and leaves the part alone when nothing changed. */
function place(part, html) {
  Idiomorph.morph(part, html, {
    morphStyle: 'innerHTML',
    ignoreActiveValue: true,
    callbacks: { beforeAttributeUpdated, beforeNodeMorphed },
  });
  countdowns();
}

/** A form in which somebody writes is left alone altogether. */
function beforeNodeMorphed(node) {
  return !(node instanceof HTMLFormElement && node.dataset.touched);
}

function touched() {
  document.addEventListener('input', ({ target }) => {
    const form = target.closest('form.form');
    if (form) form.dataset.touched = 'yes';
  });
}

/** What a person chose on the page stays: a fetched part knows nothing of it. */
function beforeAttributeUpdated(name, node) {
  return (
    !((name === 'checked' || name === 'value') && node.matches('input')) &&
    !(name === 'open' && node.matches('details'))
  );
}

function countdowns() {
  for (const place of document.querySelectorAll('[data-countdown]')) {
    const seconds = Math.ceil((Date.parse(place.dataset.countdown) - Date.now()) / 1000);
    const minutes = Math.floor(seconds / 60);
    place.textContent = seconds <= 0 ? 'now' : minutes > 0 ? `in ${minutes} min ${seconds % 60} s` : `in ${seconds} s`;
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
    const input = line.querySelector('input');
    const show = button('Show', () => {
      input.type = input.type === 'password' ? 'text' : 'password';
      show.textContent = input.type === 'password' ? 'Show' : 'Hide';
    });
    const copy = button('Copy', async () => {
      await navigator.clipboard.writeText(input.value);
      copy.textContent = 'Copied';
      setTimeout(() => (copy.textContent = 'Copy'), 2000);
    });
    if (input.type === 'text') show.textContent = 'Hide';
    const make = button('Generate', () => {
      input.value = newPassword();
      input.type = 'text';
      show.textContent = 'Hide';
      input.focus();
    });
    line.append(make, show, copy);
  }
}

function button(label, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = label;
  made.addEventListener('click', act);
  return made;
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
touched();
shortcuts();
passwords();
sendOnce();
countdowns();
setInterval(countdowns, 1000);
