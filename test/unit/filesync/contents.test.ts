import { expect, it } from 'vitest';
import { Contents } from '../../../src/filesync/contents.ts';

const read = { content: Buffer.alloc(40), digest: 'd' };

it('who reads waits for room while contents are taken, and for nobody when they are not', async () => {
  const contents = new Contents(100);
  contents.set('a', read);
  contents.set('b', read);
  await contents.room();
  contents.areTaken = () => true;
  let hasRoom = false;
  const room = contents.room().then(() => {
    hasRoom = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(hasRoom).toBe(false);
  expect(contents.take('a')).toEqual(read);
  await room;
  expect(contents.take('b')).toEqual(read);
});

it('who has run ahead waits while what is no longer here is asked for: it is sent before what was read since', async () => {
  const contents = new Contents(100, 100);
  contents.areTaken = () => true;
  contents.set('a', read);
  contents.set('b', read);
  let hasRoom = false;
  const room = contents.room().then(() => {
    hasRoom = true;
  });
  for (let n = 0; n < 10; n++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(contents.take(`put out ${n}`)).toBeUndefined();
  }
  expect(hasRoom).toBe(false);
  contents.drop('a');
  await room;
});

it('what nobody takes in the end is put out', async () => {
  const contents = new Contents(100, 100);
  contents.areTaken = () => true;
  contents.set('a', read);
  contents.set('b', read);
  await contents.room();
  expect(contents.take('a')).toBeUndefined();
});
