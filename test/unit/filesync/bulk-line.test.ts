import { describe, expect, it } from 'vitest';
import { sharedPath } from '../../../src/filesync/bulk-line.ts';

describe('the connection that runs of rsync share', () => {
  it('lies under a short name in the state folder, and a percent sign is no pattern', () => {
    expect(sharedPath('/var/lib/tandem/filesync')).toEqual(['-o', 'ControlPath=/var/lib/tandem/filesync/ssh']);
    expect(sharedPath('/srv/100%C')).toEqual(['-o', 'ControlPath=/srv/100%%C/ssh']);
  });

  it('there is none where its path would be too long for a socket, counted in bytes', () => {
    expect(sharedPath(`/${'x'.repeat(85)}`)).toBeDefined();
    expect(sharedPath(`/${'x'.repeat(86)}`)).toBeUndefined();
    expect(sharedPath(`/${'é'.repeat(43)}`)).toBeUndefined();
  });
});
