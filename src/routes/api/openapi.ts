import { z } from 'zod';
import type { Action } from '../../actions/define.ts';

type Json = Readonly<Record<string, unknown>>;

/** One action as the API lists it. */
export interface ActionDocument {
  readonly id: string;
  readonly title: string;
  readonly audience: readonly string[];
  readonly again: string;
  readonly destroys: readonly string[];
  readonly params: Json;
}

/** The parameters as JSON Schema of what is sent in, labels and `secret` included. */
export function schemaOf(action: Action): Json {
  return z.toJSONSchema(action.params, { io: 'input', unrepresentable: 'any' });
}

export function documentOf(action: Action): ActionDocument {
  const { id, title, audience, again } = action;
  return { id, title, audience, again, destroys: action.destroys ?? [], params: schemaOf(action) };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function json(schema: Json): Json {
  return { content: { 'application/json': { schema } } };
}

const failure: Json = { description: 'Not done', ...json(ref('Error')) };
const one: Json = { description: 'The operation', ...json(ref('Operation')) };
const id: Json = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const wait: Json = {
  name: 'wait',
  in: 'query',
  schema: { type: 'number', maximum: 60 },
  description: 'Seconds to wait until it is decided',
};
const key: Json = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 200 } };

function query(name: string): Json {
  return { name, in: 'query', schema: { type: 'string' } };
}

function operation(summary: string, parameters: readonly Json[], ok: Json, body?: Json): Json {
  const requestBody = body === undefined ? {} : { requestBody: { required: true, ...json(body) } };
  return { summary, parameters, ...requestBody, responses: { 200: ok, default: failure } };
}

function paths(actions: readonly Action[]): Json {
  const listed: Json = {
    description: 'Operations, newest first',
    ...json({ type: 'object', properties: { operations: { type: 'array', items: ref('Operation') } } }),
  };
  const anything: Json = { description: 'As described', ...json({ type: 'object' }) };
  const filters = ['state', 'account', 'action', 'before', 'limit'].map(query);
  const choice: Json = {
    type: 'object',
    required: ['master', 'choice'],
    properties: { master: { type: 'string' }, choice: { enum: ['retry', 'adopt', 'skip', 'undo'] } },
  };
  return {
    '/api/v1/status': { get: operation('State of the pair', [], anything) },
    '/api/v1/masters/{id}/resume': { post: operation('Go on with a parked master', [id], anything) },
    '/api/v1/active': { post: operation('Watchers: who is active, by epoch', [], anything, { type: 'object' }) },
    '/api/v1/active/open': { get: operation('Watchers: changes under way up to seq', [query('seq')], anything) },
    '/api/v1/masters/{id}/waiting': { get: operation('Watchers: what a return waits for', [id], anything) },
    '/api/v1/accounts': { get: operation('Accounts', [], anything) },
    '/api/v1/actions': { get: operation('The catalogue of actions', [], anything) },
    '/api/v1/operations': {
      get: operation('List operations', filters, listed),
      post: operation('Accept an operation', [key, wait], one, { oneOf: actions.map((action) => ref(action.id)) }),
    },
    '/api/v1/operations/{id}': { get: operation('One operation', [id, wait], one) },
    '/api/v1/operations/{id}/choices': { post: operation('Decide about a held leg', [id], one, choice) },
    '/api/v1/operations/{id}/withdraw': { post: operation('Withdraw before anything was sent', [id], one) },
  };
}

const legSchema: Json = {
  type: 'object',
  required: ['master', 'state', 'attempts'],
  properties: {
    master: { type: 'string' },
    state: { type: 'string' },
    attempts: { type: 'integer' },
    sentAt: { type: 'string' },
    error: { type: 'object' },
  },
};

const fixedSchemas: Json = {
  Operation: {
    type: 'object',
    required: ['id', 'action', 'state', 'lead', 'legs'],
    properties: {
      id: { type: 'string' },
      action: { type: 'string' },
      subject: { type: 'object' },
      state: { enum: ['accepted', 'following', 'undecided', 'done', 'refused', 'withdrawn'] },
      lead: { type: 'string' },
      legs: { type: 'array', items: legSchema },
    },
  },
  Error: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string' },
          message: { type: 'string' },
          hint: { type: 'string' },
          issues: { type: 'array' },
        },
      },
    },
  },
};

function requestOf(action: Action): Json {
  const { $schema: _dialect, ...params } = schemaOf(action);
  return {
    title: action.title,
    type: 'object',
    required: ['action', 'params'],
    properties: { action: { const: action.id }, params },
  };
}

/** The OpenAPI 3.1 document, derived from the catalogue; nothing about an action is written twice. */
export function openApi(actions: readonly Action[], version: string): Json {
  const requests = Object.fromEntries(actions.map((action) => [action.id, requestOf(action)]));
  return {
    openapi: '3.1.0',
    info: { title: 'Tandem', version },
    security: [{ token: [] }],
    paths: paths(actions),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { ...fixedSchemas, ...requests },
    },
  };
}
