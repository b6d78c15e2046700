import { Router } from 'express';
import { NotFound } from '../../../errors.ts';
import type { FunctionEntry } from '../../../whm/functions/model.ts';
import type { PortalParts } from '../deps.ts';
import { sendSheet } from '../forms.ts';
import type { PortalPage } from '../page.ts';
import type { SelectModel } from '../present/accounts.ts';
import { count } from '../present/accounts.ts';
import type { Sheet } from '../sheet.ts';

const most = 200;

/** Every function of the table with its treatment and the reason. */
export const functionsPage: PortalPage = {
  path: '/functions',
  title: 'functions.title',
  order: 130,
  needs: 'see-staff',
  routes: (parts) => {
    const router = Router();
    router.get('/functions', (request, response) =>
      sendSheet(parts, request, response, listSheet(parts, request.query)),
    );
    router.get('/functions/:api/:name', (request, response) => {
      const { api, name } = request.params;
      const entry = parts.functions.find((one) => one.api === api && one.name === name);
      if (entry === undefined) throw new NotFound(parts.say('functions.none'));
      return sendSheet(parts, request, response, oneSheet(parts, entry));
    });
    return router;
  },
};

function textIn(query: Readonly<Record<string, unknown>>, name: string): string {
  const value = query[name];
  return typeof value === 'string' ? value.trim().slice(0, 100) : '';
}

function listSheet(parts: PortalParts, query: Readonly<Record<string, unknown>>): Sheet {
  const { say } = parts;
  const q = textIn(query, 'q').toLowerCase();
  const treatment = textIn(query, 'treatment');
  const api = textIn(query, 'api');
  const found = parts.functions.filter(
    (one) =>
      (q === '' || one.name.toLowerCase().includes(q) || (one.why ?? '').toLowerCase().includes(q)) &&
      (treatment === '' || one.treatment === treatment) &&
      (api === '' || one.api === api),
  );
  const select = (name: string, label: string, chosen: string, values: readonly string[]): SelectModel => ({
    name,
    label,
    options: [
      { value: '', label: say('any'), selected: chosen === '' },
      ...values.map((value) => ({ value, label: value, selected: value === chosen })),
    ],
  });
  const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].toSorted();
  return {
    heading: say('functions.title'),
    count:
      found.length === parts.functions.length
        ? count(found.length)
        : `${count(found.length)} / ${count(parts.functions.length)}`,
    filter: {
      action: '/functions',
      text: { name: 'q', label: say('functions.q'), value: textIn(query, 'q') },
      selects: [
        select(
          'treatment',
          say('functions.treatment'),
          treatment,
          distinct(parts.functions.map((one) => one.treatment)),
        ),
        select('api', say('functions.api'), api, distinct(parts.functions.map((one) => one.api))),
      ],
      filtered: q !== '' || treatment !== '' || api !== '',
    },
    blocks: [
      {
        kind: 'table',
        columns: [
          say('functions.name'),
          say('functions.api'),
          say('functions.treatment'),
          say('functions.again'),
          say('functions.why'),
        ],
        empty: say('functions.empty'),
        rows: found
          .slice(0, most)
          .map((one) => [
            { text: one.name, machine: true, href: `/functions/${one.api}/${encodeURIComponent(one.name)}` },
            { text: one.api },
            { text: one.treatment },
            { text: one.again },
            { text: one.why ?? say('functions.by-kind') },
          ]),
      },
      ...(found.length > most
        ? [{ kind: 'text', text: say('functions.more', { count: found.length - most }), tone: 'meta' } as const]
        : []),
    ],
  };
}

function oneSheet(parts: PortalParts, entry: FunctionEntry): Sheet {
  const { say } = parts;
  const covering = parts.catalogue.actions.filter((action) => Object.hasOwn(action.covers ?? {}, entry.name));
  const list = (values: readonly string[], none: string): string => (values.length === 0 ? none : values.join(' '));
  return {
    heading: entry.name,
    machine: true,
    trail: { label: say('functions.title'), href: '/functions' },
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: say('functions.treatment'), text: entry.treatment, meta: say(`treatment.${entry.treatment}`) },
          { label: say('functions.why'), text: entry.why ?? say('functions.by-kind') },
          { label: say('functions.api'), text: entry.api },
          { label: say('functions.again'), text: entry.again },
          { label: say('functions.keys'), text: list(entry.keys, say('functions.keys.none')), machine: true },
          { label: say('functions.longest'), text: `${entry.longestSeconds} s` },
          { label: say('functions.since'), text: entry.since },
          {
            label: say('functions.action'),
            text: list(
              covering.map((action) => action.title),
              '–',
            ),
          },
        ],
      },
      // Dozens of names in a fact would make its whole row as tall.
      { kind: 'heading', text: say('functions.parameters') },
      {
        kind: 'table',
        columns: [say('functions.parameter'), ''],
        empty: say('functions.no-parameter'),
        small: true,
        rows: [
          ...entry.required.map((name) => [{ text: name, machine: true }, { text: say('functions.required') }]),
          ...entry.optional.map((name) => [{ text: name, machine: true }, { text: say('functions.optional') }]),
        ],
      },
    ],
  };
}
