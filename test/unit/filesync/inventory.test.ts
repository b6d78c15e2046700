import { describe, expect, it } from 'vitest';
import { Inventory } from '../../../src/filesync/inventory.ts';

function seen(...paths: readonly (readonly [string, boolean])[]): Inventory {
  const inventory = new Inventory();
  for (const [path, isDirectory] of paths) inventory.add(path, isDirectory);
  return inventory;
}

describe('what a scan has seen of a directory', () => {
  const inventory = seen(['bob/d/e', true], ['bob/d/e/f', false], ['bob/d/a', false], ['bob', true]);

  it('is all of it when the listing has the same names, in whichever order', () => {
    expect(inventory.directoriesOf('bob/d', ['a', 'e'])).toEqual(['bob/d/e']);
    expect(inventory.directoriesOf('bob/d', ['e', 'a'])).toEqual(['bob/d/e']);
    expect(inventory.directoriesOf('', ['bob'])).toEqual(['bob']);
    expect(inventory.directoriesOf('bob/d/e', ['f'])).toEqual([]);
    expect(inventory.directoriesOf('bob/empty', [])).toEqual([]);
  });

  it('is not when a name is new, or another one, or the same letters make other names', () => {
    expect(inventory.directoriesOf('bob/d', ['a', 'e', 'new'])).toBeUndefined();
    expect(inventory.directoriesOf('bob/d', ['a', 'b'])).toBeUndefined();
    expect(inventory.directoriesOf('bob/d', ['a'])).toBeUndefined();
    expect(inventory.directoriesOf('bob/empty', ['a'])).toBeUndefined();
    expect(seen(['d/ab', false], ['d/cd', false]).directoriesOf('d', ['ac', 'bd'])).toBeUndefined();
    expect(seen(['d/ab', false]).directoriesOf('d', ['ba'])).toBeUndefined();
  });
});
