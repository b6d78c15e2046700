import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ipv4, ipv6 } from '../../../src/actions/addresses.ts';
import * as f from '../../../src/actions/fields.ts';

const texts: Readonly<Record<string, z.ZodType>> = {
  line: f.line(250),
  domain: f.domain(),
  account: f.account(),
  newAccount: f.newAccount(),
  local: f.local(),
  mailbox: f.mailbox(),
  email: f.email(),
  password: f.password(),
  packageName: f.packageName(),
  name: f.name(),
  databaseName: f.databaseName(64),
  folder: f.folder(),
  ipv4: ipv4(),
  ipv6: ipv6(),
};
const others: Readonly<Record<string, z.ZodType>> = {
  quotaMb: f.quotaMb(),
  limit: f.limit(),
  flag: f.flag(),
  ttl: f.ttl(),
};

const likely = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.domain(),
  fc.emailAddress(),
  fc.ipV4(),
  fc.ipV6(),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,15}$/),
  fc.constantFrom(
    'BÜCHER.example.',
    'Bob@BÜCHER.Example',
    'straße.example',
    '2001:DB8:0:0::1',
    '/public_html/shop/',
    'unlimited',
    '0',
    'on',
  ),
);

describe('every field', () => {
  it.each(Object.entries({ ...texts, ...others }))('%s: what it lets through is canonical already', (_name, field) => {
    fc.assert(
      fc.property(likely, (input) => {
        const first = field.safeParse(input);
        if (!first.success) return;
        expect(field.parse(first.data)).toEqual(first.data);
      }),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries({ ...texts, ...others }))('%s: nothing with a control character passes', (_name, field) => {
    const samples = [
      'bob',
      'bob.example',
      'ann@bob.example',
      '192.0.2.1',
      '2001:db8::1',
      'Str0ng-enough!',
      'public_html/x',
      '10',
      'unlimited',
      '1',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.constantFrom(
          '\0',
          '\r',
          '\n',
          '\r\n',
          '\t',
          '\u001b',
          '\u007f',
          '\u0085',
          '\u2028',
          '\u200b',
          '\u202e',
          '\ufeff',
        ),
        fc.nat(14),
        (sample, bad, at) => {
          const input = sample.slice(0, at) + bad + sample.slice(at);
          expect(field.safeParse(input).success).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries(texts))('%s: over-long input and other types are refused', (_name, field) => {
    for (const input of ['a'.repeat(100_000), 1, null, true, ['bob'], { bob: 1 }]) {
      expect(field.safeParse(input).success).toBe(false);
    }
  });
});

describe('canonical forms', () => {
  it.each([
    ['a domain is lower case without the closing dot', f.domain(), 'WWW.Example.COM.', 'www.example.com'],
    ['an international domain becomes ASCII', f.domain(), 'Bücher.example', 'xn--bcher-kva.example'],
    ['a mailbox is lower case', f.mailbox(), 'Ann.Lee@BÜCHER.example', 'ann.lee@xn--bcher-kva.example'],
    ['an address elsewhere keeps its local part', f.email(), 'Ann@Example.ORG', 'Ann@example.org'],
    ['a quota of 0 is no limit', f.quotaMb(), '0', 'unlimited'],
    ['a quota may be text', f.quotaMb(), '250', 250],
    ['a count of 0 is none', f.limit(), '0', 0],
    ['WHM’s y is yes', f.flag(), 'y', true],
    ['an unset box is no', f.flag(), '', false],
    ['an IPv6 address is shortened', ipv6(), '2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['a folder has no slashes around it', f.folder(), '/public_html/shop/', 'public_html/shop'],
  ])('%s', (_sentence, field, input, output) => {
    expect(field.parse(input)).toBe(output);
  });

  it.each([
    ['a domain of one label', f.domain(), 'localhost'],
    ['an address as a domain', f.domain(), '192.0.2.1'],
    ['a domain with a port', f.domain(), 'bob.example:80'],
    ['a domain with a path', f.domain(), 'bob.example/x'],
    ['a new account that starts with test', f.newAccount(), 'testing'],
    ['a new account that starts with a digit', f.newAccount(), '1bob'],
    ['an account of 17 characters', f.account(), 'a'.repeat(17)],
    ['a folder outside the home', f.folder(), 'public_html/../../etc'],
    ['a weak password', f.password(), 'aaaaaaaa'],
    ['a password of one class', f.password(), 'abcdefgh'],
    ['an address with leading zeros', ipv4(), '192.0.02.1'],
    ['a fraction of a MB', f.quotaMb(), '1.5'],
    ['a negative quota', f.quotaMb(), -1],
  ])('%s is refused', (_sentence, field, input) => {
    expect(field.safeParse(input).success).toBe(false);
  });

  it('a password may not hold the name', () => {
    expect(f.mayUse('xBobby-77', 'bobby')).toBe(false);
    expect(f.mayUse('Str0ng-enough!', 'bobby')).toBe(true);
    expect(f.mayUse(undefined, 'bobby')).toBe(true);
  });
});
