import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadPublishConfig } from '../../../src/config-publish.ts';
import { Invalid } from '../../../src/errors.ts';
import { tempDir } from '../../support/processes.ts';

const dir = tempDir('config-publish');
afterAll(() => dir.remove());

const answers = [{ name: 's3', address: '192.0.2.3' }];

/** `watch.publish` of a configuration in which only the name servers differ; or what is wrong with it. */
function load(servers: readonly object[]) {
  const file = `${dir.path}/tandem.yaml`;
  const publish = { zones: 'zones', pairs: [{ m1: '192.0.2.1', m2: '192.0.2.2' }], servers };
  const places = ['m1', 'm2'].map((id, n) => ({ id, kind: 'master', site: id, address: `192.0.2.${n + 1}` }));
  writeFileSync(file, stringify({ stateDir: 'state', watch: { places, publish } }));
  try {
    return loadPublishConfig({ file, env: {} })?.servers ?? [];
  } catch (error) {
    if (error instanceof Invalid) return error.issues;
    throw error;
  }
}

describe('name servers', () => {
  const bind = { kind: 'bind', name: 's3', answers };

  it('have their folders beside the configuration', () => {
    expect(load([{ ...bind, list: 'zones.conf', keyDirectory: 'keys' }])).toMatchObject([
      { list: `${dir.path}/zones.conf`, keyDirectory: `${dir.path}/keys` },
    ]);
  });

  it('take keys only where Tandem says how each zone is signed', () => {
    expect(load([{ ...bind, keyDirectory: 'keys' }])).toEqual([
      {
        path: 'watch.publish.servers.s3.keyDirectory',
        message: 'needs `list`: Tandem writes there how each zone is signed',
      },
    ]);
  });

  it('stand there once', () => {
    expect(load([bind, bind])).toEqual([{ path: 'watch.publish.servers', message: 's3 stands there twice' }]);
  });
});
