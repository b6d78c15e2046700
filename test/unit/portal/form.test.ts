import { describe, expect, it } from 'vitest';
import { actions, fieldsOf } from '../../../src/actions/index.ts';
import { type AppError, Invalid, type Issue, Unreachable } from '../../../src/errors.ts';
import { newPassword } from '../../../src/routes/portal/new-password.ts';
import {
  type AskedAction,
  actionGroups,
  actionPage,
  confirmIssue,
  prefilled,
  withPassword,
} from '../../../src/routes/portal/present/action.ts';
import {
  type Body,
  type FormField,
  formModel,
  noOffers,
  type Offers,
  paramsOf,
} from '../../../src/routes/portal/present/form.ts';
import { formWords } from '../../../src/routes/portal/present/form-words.ts';
import { say } from './views.ts';

const formOf = (of: readonly FormField[], typed: Body, issues: readonly Issue[] = [], offers: Offers = noOffers) =>
  formModel(of, typed, issues, offers, formWords(say));

const text: FormField = { name: 'domain', label: 'Main domain', input: 'text', required: true };
const quota: FormField = { name: 'quotaMb', label: 'Quota', input: 'number', required: false, default: 250 };
const flag: FormField = { name: 'keepDns', label: 'Keep DNS', input: 'checkbox', required: false, default: true };
const secret: FormField = { name: 'password', label: 'Password', input: 'password', required: false, secret: true };
const list: FormField = { name: 'targets', label: 'Targets', input: 'list', required: true };
const hidden: FormField = { name: 'uid', label: 'User id', input: 'hidden', required: false };
const args: FormField = { name: 'args', label: 'Arguments', input: 'list', required: false };
const fields = [text, quota, flag, secret, list, hidden];

describe('what a form’s body becomes', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['what is left empty is left out', { domain: ' ', quotaMb: '' }, { keepDns: false }],
    ['text loses its margins', { domain: ' a.example ' }, { domain: 'a.example', keepDns: false }],
    ['a number is a number', { quotaMb: '250' }, { quotaMb: 250, keepDns: false }],
    [
      'a word in a number stays a word for the schema to judge',
      { quotaMb: 'unlimited' },
      { quotaMb: 'unlimited', keepDns: false },
    ],
    ['a ticked box is true', { keepDns: 'on' }, { keepDns: true }],
    ['a password keeps its margins', { password: ' x ' }, { password: ' x ', keepDns: false }],
    [
      'lines of arguments are names with values',
      { args: 'user=bob\nnote=a=b' },
      {
        args: [
          ['user', 'bob'],
          ['note', 'a=b'],
        ],
        keepDns: false,
      },
    ],
    ['lines are a list', { targets: 'a\r\n\n b ' }, { targets: ['a', 'b'], keepDns: false }],
    ['a hidden field cannot be sent', { uid: '0' }, { keepDns: false }],
    ['an unknown field is dropped', { evil: '1', csrf: 'x' }, { keepDns: false }],
  ])('%s', (_fact, body, expected) => {
    expect(paramsOf([...fields, args], body)).toEqual(expected);
  });
});

describe('a form', () => {
  it('shows defaults at first', () => {
    const model = formOf(fields, {});
    expect(model.fields.map((field) => [field.name, field.value, field.checked])).toEqual([
      ['domain', '', false],
      ['quotaMb', '250', false],
      ['keepDns', 'true', true],
      ['password', '', false],
      ['targets', '', false],
    ]);
  });

  it('keeps what was typed, also where it was wrong, and does not tick a box again', () => {
    const issues = [{ path: 'domain', message: 'is no domain' }];
    const model = formOf(fields, { csrf: 'x', domain: 'bad domain', quotaMb: '' }, issues);
    expect(model.fields[0]).toMatchObject({
      value: 'bad domain',
      error: 'is no domain',
      describedBy: 'f-domain-error',
    });
    expect(model.fields[1]?.value).toBe('');
    expect(model.fields[2]?.checked).toBe(false);
    expect(model.issues).toEqual([{ href: '#f-domain', text: 'Main domain: is no domain' }]);
  });

  it('says of an empty field that it is empty', () => {
    const issues = [{ path: 'domain', message: 'Invalid input: expected string, received undefined' }];
    expect(formOf(fields, { csrf: 'x' }, issues).issues[0]?.text).toBe('Main domain: Fill this in.');
  });

  it('puts an issue inside a list at the list', () => {
    const model = formOf(fields, { csrf: 'x', targets: 'a\nb' }, [{ path: 'targets.1', message: 'is no address' }]);
    expect(model.fields[4]).toMatchObject({ value: 'a\nb', error: 'is no address' });
  });

  it('hides secrets behind a password field', () => {
    expect(formOf([secret], {}).fields[0]).toMatchObject({ type: 'password', isSecret: true });
  });
});

describe('a yes or no without a default', () => {
  const shell: FormField = { name: 'shell', label: 'Shell', input: 'checkbox', required: false };

  it.each<[string, Record<string, unknown>]>([
    ['', {}],
    ['true', { shell: true }],
    ['false', { shell: false }],
  ])('sent as “%s” changes only what was asked for', (typed, expected) => {
    expect(paramsOf([shell], { csrf: 'x', shell: typed })).toEqual(expected);
  });

  it('is a choice of three, and none of them is made unasked', () => {
    const [field] = formOf([shell], {}).fields;
    expect(field?.kind).toBe('select');
    expect(field?.options.filter((one) => one.selected).map((one) => one.label)).toEqual(['As it is']);
  });
});

describe('fields that are seldom needed', () => {
  const language: FormField = { name: 'language', label: 'Language', input: 'text', required: false };
  const owner: FormField = { name: 'owner', label: 'Owner', input: 'text', required: false, default: 'root' };

  it('are folded away until something is typed in them or is wrong with them', () => {
    const model = formOf([text, language, owner], {});
    expect([model.fields.map((one) => one.name), model.more.map((one) => one.name), model.moreOpen]).toEqual([
      ['domain'],
      ['language', 'owner'],
      false,
    ]);
    expect(formOf([owner], { csrf: 'x', owner: 'root' }).moreOpen).toBe(false);
    expect(formOf([owner], { csrf: 'x', owner: 'eve' }).moreOpen).toBe(true);
    expect(formOf([language], { csrf: 'x' }, [{ path: 'language', message: 'no' }]).moreOpen).toBe(true);
  });
});

describe('packages that a master told', () => {
  const plan: FormField = { name: 'plan', label: 'Package', input: 'text', required: true };
  const offers = { suggestions: {}, options: { plan: ['basic', 'gold'] } };

  it('are a list to choose from, none of them chosen unasked', () => {
    const [field] = formOf([plan], {}, [], offers).fields;
    expect(field?.kind).toBe('select');
    expect(field?.options.map((one) => [one.value, one.selected])).toEqual([
      ['', true],
      ['basic', false],
      ['gold', false],
    ]);
  });

  it('never replace what was typed', () => {
    const [field] = formOf([plan], { csrf: 'x', plan: 'old' }, [], offers).fields;
    expect(field?.options.find((one) => one.selected)?.value).toBe('old');
  });

  it('not being told leaves a field for any name', () => {
    expect(formOf([plan], {}).fields[0]?.kind).toBe('text');
  });
});

describe('a password that would be made unseen', () => {
  it('is made in the form and shown there', () => {
    const [field] = formOf(
      [secret],
      withPassword([secret], {}, () => 'Made-1'),
    ).fields;
    expect(field).toMatchObject({ type: 'text', value: 'Made-1', isMade: true });
  });

  it('is not made where one has to be typed', () => {
    expect(withPassword([{ ...secret, required: true }], {}, () => 'Made-1')).toEqual({});
  });

  it('is long, mixed, and new each time', () => {
    const made = Array.from({ length: 50 }, newPassword);
    for (const one of made) expect(one).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[-_.+*])\S{20}$/);
    expect(new Set(made).size).toBe(50);
  });
});

describe('an action’s page', () => {
  const terminate = { id: 'account.terminate', title: 'Terminate account', destroys: ['home', 'mail'] } as const;
  const suspend = { id: 'account.suspend', title: 'Suspend account' };
  const pageOf = (action: AskedAction['action'], error: AppError | undefined, masters: readonly string[] = []) =>
    actionPage({ action, fields: [text], values: {}, rows: [], masters, packages: [], error }, say);
  const bob = { kind: 'account', account: 'bob' } as const;

  it('wants the name typed where something is removed', () => {
    expect(confirmIssue(terminate, bob, {}, say)?.message).toBe('Type bob to confirm.');
    expect(confirmIssue(terminate, bob, { confirm: 'Bob' }, say)).toBeDefined();
    expect(confirmIssue(terminate, bob, { confirm: 'bob' }, say)).toBeUndefined();
    expect(confirmIssue({ destroys: [] }, bob, {}, say)).toBeUndefined();
  });

  it('says what goes and from where', () => {
    const page = pageOf(terminate, undefined, ['M1', 'M2']);
    expect(page.warning).toContain('the home directory and mail from M1 and M2');
  });

  it('offers to queue only when no master can be reached', () => {
    const down = pageOf(suspend, new Unreachable('Neither can be reached.'));
    expect(down).toMatchObject({ offerQueue: true, problem: 'Neither can be reached.' });
    expect(pageOf(suspend, new Invalid('no')).offerQueue).toBe(false);
  });

  it('takes the account from the address, never a secret', () => {
    const account: FormField = { name: 'account', label: 'Account', input: 'text', required: true };
    expect(prefilled([account, secret], { account: 'bob', password: 'hunter2' })).toEqual({ account: 'bob' });
  });

  it('links an unconfirmed name to its field', () => {
    const error = new Invalid('no', [{ path: 'confirm', message: 'Type bob to confirm.' }]);
    const page = pageOf(terminate, error);
    expect(page.form.issues).toEqual([{ href: '#f-confirm', text: 'Type bob to confirm.' }]);
    expect(page.confirm?.error).toBe('Type bob to confirm.');
  });
});

describe('the whole catalogue', () => {
  it('has a form for every action, with a label on every field', () => {
    for (const action of actions) {
      const model = formOf(fieldsOf(action), {});
      expect(model.fields.every((field) => field.label !== field.name)).toBe(true);
    }
    expect(actions.length).toBeGreaterThan(0);
  });

  it('stands in groups, each action once', () => {
    const links = actionGroups(actions, say, 'b b').flatMap((group) => group.actions.map((action) => action.href));
    expect(links.toSorted()).toEqual(actions.map((action) => `/actions/${action.id}?account=b%20b`).toSorted());
    expect(actionGroups(actions, say)[0]?.actions[0]?.href).toBe(`/actions/${actions[0]?.id}`);
  });
});
