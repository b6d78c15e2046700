import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/actions/index.ts';
import { documentOf, openApi } from '../../../src/routes/api/openapi.ts';

const document = JSON.parse(JSON.stringify(openApi(actions, '1.2.3')));

/** Every `$ref` in a document. */
function refs(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(refs);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : refs(inner)));
}

describe('the OpenAPI document', () => {
  it('offers every action of the catalogue as a request', () => {
    const offered = document.paths['/api/v1/operations'].post.requestBody.content['application/json'].schema.oneOf;
    expect(offered).toHaveLength(actions.length);
    for (const { id, title } of actions) {
      expect(document.components.schemas[id]).toMatchObject({
        title,
        properties: { action: { const: id }, params: { type: 'object' } },
      });
    }
  });

  it('points at nothing that is not in it', () => {
    const found = refs(document).filter((ref) => ref.startsWith('#/components/'));
    expect(found.length).toBeGreaterThan(actions.length);
    for (const ref of found)
      expect(document.components.schemas).toHaveProperty([ref.replace('#/components/schemas/', '')]);
  });

  it('says of each action which fields are secret, and what it destroys', () => {
    const create = actions.find(({ id }) => id === 'account.create');
    const terminate = actions.find(({ id }) => id === 'account.terminate');
    if (create === undefined || terminate === undefined) throw new Error('the catalogue lacks accounts');
    expect(documentOf(create).params).toMatchObject({ properties: { password: { secret: true } } });
    expect(documentOf(terminate).destroys.length).toBeGreaterThan(0);
  });
});
