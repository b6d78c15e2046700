import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/actions/index.ts';
import { sayAny, sayIn, texts } from '../../../src/routes/customer/texts/index.ts';

const views = new URL('../../../views/customer', import.meta.url).pathname;
const source = new URL('../../../src/routes/customer', import.meta.url).pathname;

/** '{name}' of a sentence, sorted. */
function holes(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort();
}

describe('the self-service speaks English and German', () => {
  it('with the same keys', () => {
    expect(Object.keys(texts.de).sort()).toEqual(Object.keys(texts.en).sort());
  });

  it('with the same values in each sentence, and no sentence left in English or empty', () => {
    // Words that are the same in both.
    const same =
      /^(language\.|goal\.(domains)|frame\.product|frame\.title|form\.confirm\.help|authentication\.(dkim|spf|dmarc)$|default\.message$)/;
    const alike: string[] = [];
    for (const [key, english] of Object.entries(texts.en)) {
      const german = new Map(Object.entries(texts.de)).get(key) ?? '';
      expect([key, holes(german)]).toEqual([key, holes(english)]);
      expect([key, german.trim()]).not.toEqual([key, '']);
      if (german === english && / /.test(english) && !same.test(key)) alike.push(key);
    }
    expect(alike).toEqual([]);
  });

  it('in every view: no view of its own holds a word', () => {
    for (const file of readdirSync(views)) {
      const bare = readFileSync(join(views, file), 'utf8')
        .replaceAll(/<%[\s\S]*?%>/g, '')
        .replaceAll(/<[^>]*>/g, '');
      expect([file, /[A-Za-zÄÖÜäöü]{2,}/.exec(bare)?.[0]]).toEqual([file, undefined]);
    }
  });

  it('in every handler: what is shown comes by key', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('texts/'),
    );
    // A heading, label, button or text that is a sentence of its own.
    const shown = /(?:heading|label|button|help|empty|fold|text): '(?=[^']*[a-z] )[^']+'/;
    const found = files.flatMap((file) => {
      const hit = shown.exec(readFileSync(join(source, file), 'utf8'))?.[0];
      return hit === undefined ? [] : [`${file}: ${hit}`];
    });
    expect(found).toEqual([]);
  });

  it('for every action that customers may do, as it stands in their activity', () => {
    const offered = actions.filter((action) =>
      action.audience.some((who) => who === 'customer' || who === 'mailbox-user'),
    );
    const known = new Map(Object.entries(texts.en));
    expect(offered.map((action) => `action.${action.id}`).filter((key) => !known.has(key))).toEqual([]);
  });

  it('for whatever the catalogue says is wrong with a field that customers fill in', () => {
    const folders = [
      ...[
        'mailbox',
        'forwarder',
        'autoresponder',
        'default-address',
        'mail-filter',
        'mail-routing',
        'spam',
        'domain',
        'dns',
      ],
    ].map((name) => `../../../src/actions/${name}`);
    const files = folders.flatMap((folder) => {
      const path = new URL(folder, import.meta.url).pathname;
      return readdirSync(path).map((file) => join(path, file));
    });
    const said = /(?:message: |, )'((?:must|is|change|cannot) [^']+)'/g;
    const sentences = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(said)].map(([, text = '']) => text),
    );
    expect(sentences.length).toBeGreaterThan(5);
    expect(sentences.filter((text) => sayAny('de', text) === text)).toEqual([]);
    expect(sayAny('de', 'must be at most 64 characters')).toBe('darf höchstens 64 Zeichen haben');
  });

  it.each([
    ['en', 1, 'Too many attempts. Try again in 1 second.'],
    ['en', 30, 'Too many attempts. Try again in 30 seconds.'],
    ['de', 1, 'Zu viele Versuche. Bitte in 1 Sekunde noch einmal.'],
    ['de', 30, 'Zu viele Versuche. Bitte in 30 Sekunden noch einmal.'],
  ] as const)('%s counts %i', (language, count, sentence) => {
    expect(sayIn(language)('sign-in.wait', { count })).toBe(sentence);
  });

  it('a message that is a key is said, any other stands as it is', () => {
    expect(sayAny('de', 'people.known')).toBe('Diese Adresse gehört schon einem Mitarbeiter.');
    expect(sayAny('de', 'No such thing.')).toBe('No such thing.');
  });
});
