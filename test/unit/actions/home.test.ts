import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/actions/index.ts';
import { action, both, no, ok, type Row } from './support.ts';

const none = no('The file “/home/bob/public_html/a.txt” does not exist for the account.');
const info = (over: Readonly<Record<string, unknown>> = {}) =>
  ok({ type: 'file', size: 3, mtime: 1700000000, nicemode: '0644', ...over });
const content = (text: string) => ok({ content: text, filename: 'a.txt' });
const folder = (...names: string[]) => ok({ dirs: [], files: names.map((file) => ({ file, type: 'file' })) });
const flat = (...names: string[]) => ok(names.map((file) => ({ file, type: 'file' })));
const file = { account: 'bob', folder: 'public_html', name: 'a.txt' };
const some = { account: 'bob', folder: 'public_html', names: ['a.txt', 'b.txt'] };
const saving = [
  'Fileman::save_file_content@bob dir=public_html file=a.txt content=new from_charset=UTF-8 to_charset=UTF-8',
];
const fileop = (op: string, sources: string, more = '') => `Fileman::fileop@bob op=${op} sourcefiles=${sources}${more}`;

const rows: readonly (readonly [string, ...Row])[] = [
  ['file.save', 'writes a new file', { ...file, content: 'new', was: 'new' }, [none, none], false, saving],
  [
    'file.save',
    'does not write over one that appeared meanwhile',
    { ...file, content: 'new', was: 'new' },
    [info(), content('old')],
    false,
    'refused: “a.txt” is there already.',
  ],
  [
    'file.save',
    'writes over the version that was opened',
    { ...file, content: 'new', was: '1700000000:3' },
    [info(), content('old')],
    false,
    saving,
  ],
  [
    'file.save',
    'does not write over what changed since',
    { ...file, content: 'new', was: '1600000000:3' },
    [info(), content('old')],
    false,
    'refused: “a.txt” was changed since you opened it. Nothing was overwritten.',
  ],
  ['file.save', 'is settled when it is there', { ...file, content: 'new' }, [info(), content('new')], true, 'settled'],
  [
    'file.save',
    'refuses a folder',
    { ...file, content: 'new' },
    [info({ type: 'dir' }), none],
    false,
    'refused: “a.txt” is a folder.',
  ],
  [
    'file.add-folder',
    'makes it',
    { ...file, name: 'sub' },
    [folder('a.txt')],
    false,
    ['Fileman::mkdir@bob path=public_html name=sub permissions=0755'],
  ],
  ['file.add-folder', 'is settled on ours', { ...file, name: 'sub' }, [folder('sub')], true, 'settled'],
  [
    'file.add-folder',
    'refuses what is there',
    { ...file, name: 'sub' },
    [folder('sub')],
    false,
    'refused: “sub” is there already.',
  ],
  [
    'file.rename',
    'renames',
    { ...file, newName: 'b.txt' },
    [folder('a.txt')],
    false,
    [fileop('rename', 'public_html/a.txt', ' destfiles=public_html/b.txt doubledecode=0')],
  ],
  ['file.rename', 'is settled after our send', { ...file, newName: 'b.txt' }, [flat('b.txt')], true, 'settled'],
  [
    'file.rename',
    'refuses what is gone',
    { ...file, newName: 'b.txt' },
    [folder('b.txt')],
    false,
    'refused: “a.txt” does not exist (any more).',
  ],
  [
    'file.rename',
    'replaces nothing',
    { ...file, newName: 'b.txt' },
    [folder('a.txt', 'b.txt')],
    false,
    'refused: “b.txt” is there already.',
  ],
  [
    'file.move',
    'moves several',
    { ...some, to: 'old' },
    [folder('a.txt', 'b.txt'), folder()],
    false,
    [fileop('move', 'public_html/a.txt,public_html/b.txt', ' destfiles=old/a.txt,old/b.txt doubledecode=0')],
  ],
  [
    'file.move',
    'finishes what was half done',
    { ...some, to: 'old' },
    [folder('b.txt'), folder('a.txt')],
    true,
    [fileop('move', 'public_html/b.txt', ' destfiles=old/b.txt doubledecode=0')],
  ],
  ['file.move', 'is settled', { ...some, to: 'old' }, [folder(), folder('a.txt', 'b.txt')], true, 'settled'],
  [
    'file.move',
    'replaces nothing',
    { ...some, to: 'old' },
    [folder('a.txt', 'b.txt'), folder('b.txt')],
    false,
    'refused: “b.txt” is there already.',
  ],
  [
    'file.move',
    'puts nothing into itself',
    { account: 'bob', folder: '', names: ['a'], to: 'a/b' },
    [folder('a'), folder()],
    false,
    'refused: “a” cannot be put into itself.',
  ],
  [
    'file.copy',
    'copies',
    { ...some, names: 'a.txt', to: 'old' },
    [folder('a.txt'), folder()],
    false,
    [fileop('copy', 'public_html/a.txt', ' destfiles=old/a.txt doubledecode=0')],
  ],
  [
    'file.copy',
    'is settled',
    { ...some, to: 'old' },
    [folder('a.txt', 'b.txt'), folder('a.txt', 'b.txt')],
    true,
    'settled',
  ],
  [
    'file.compress',
    'makes an archive',
    { ...some, archive: 'all.zip' },
    [folder('a.txt', 'b.txt')],
    false,
    [
      fileop(
        'compress',
        'public_html/a.txt,public_html/b.txt',
        ' destfiles=public_html/all.zip doubledecode=0 metadata=zip',
      ),
    ],
  ],
  [
    'file.compress',
    'is settled',
    { ...some, archive: 'all.zip' },
    [folder('a.txt', 'b.txt', 'all.zip')],
    true,
    'settled',
  ],
  [
    'file.extract',
    'takes it out',
    { ...file, name: 'all.zip', to: '' },
    [folder('all.zip')],
    false,
    [fileop('extract', 'public_html/all.zip', ' destfiles=. doubledecode=0')],
  ],
  [
    'file.permissions',
    'sets them',
    { ...file, mode: '600' },
    [info()],
    false,
    [fileop('chmod', 'public_html/a.txt', ' doubledecode=0 metadata=0600')],
  ],
  [
    'file.permissions',
    'is settled, however the mode is written',
    { ...file, mode: '0644' },
    [info({ nicemode: 644 })],
    false,
    'settled',
  ],
  [
    'file.delete',
    'puts into the trash',
    some,
    [folder('a.txt', 'b.txt')],
    false,
    [fileop('trash', 'public_html/a.txt,public_html/b.txt', ' doubledecode=0')],
  ],
  [
    'file.delete',
    'deletes for good',
    { ...some, forever: true },
    [folder('a.txt', 'b.txt')],
    false,
    [fileop('unlink', 'public_html/a.txt,public_html/b.txt', ' doubledecode=0')],
  ],
  ['file.delete', 'is settled', some, [folder()], true, 'settled'],
  [
    'file.delete',
    'refuses what is not there',
    some,
    [folder('a.txt')],
    false,
    'refused: “b.txt” does not exist (any more).',
  ],
];

describe('what happens in a home', () => {
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });

  it('what works on files asks the active master alone, and takes the account', () => {
    const ids = actions.filter((one) => one.where === 'active').map((one) => one.id);
    expect(ids).toEqual(
      expect.arrayContaining(['file.save', 'file.delete', 'redirect.add', 'block.add', 'backup.make']),
    );
    for (const id of ids)
      expect(action(id).keys({ account: 'bob' })).toEqual([{ name: 'account:bob', exclusive: true }]);
  });

  it.each(['../eve', 'a/../../eve', 'a\0b', 'a,b', './a', 'a/\n'])('%j is no path', (to) => {
    expect(action('file.move').params.safeParse({ ...some, to }).success).toBe(false);
  });

  it.each(['', '.', '..', 'a/b', 'a,b', 'a\0'])('%j is no name', (name) => {
    expect(action('file.save').params.safeParse({ ...file, name, content: '' }).success).toBe(false);
  });
});
