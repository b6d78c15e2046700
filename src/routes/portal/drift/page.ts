import { type Request, type Response, Router } from 'express';
import { has } from '../../../auth/roles.ts';
import type { CertificateState } from '../../../drift/certificates.ts';
import type { Drift } from '../../../drift/index.ts';
import type { Run } from '../../../drift/runs.ts';
import { Invalid } from '../../../errors.ts';
import type { PortalParts } from '../deps.ts';
import { bodyOf, sendSheet } from '../forms.ts';
import { namesOf, readerOf, sendPage } from '../frame.ts';
import type { PortalPage } from '../page.ts';
import { count } from '../present/accounts.ts';
import { ago } from '../present/time.ts';
import { actorIn, mustHave } from '../who.ts';
import { beginAdoption, openAdoptions, sendAdoption } from './adopt.ts';
import { findingSheet } from './finding.ts';
import { countLinks, filterIn, rowOf, selectsOf, toFilter } from './list.ts';
import { previewSheet, resultSheet } from './preview.ts';

const most = 500;

/** Differences between the masters and the journal: listed, shown side by side, repaired or accepted. */
export function driftPage(drift: Drift): PortalPage {
  return {
    path: '/drift',
    title: 'drift.title',
    order: 80,
    needs: 'see-staff',
    async badge() {
      const open = Object.values(await drift.counts()).reduce((sum, n) => sum + n, 0);
      return open === 0 ? '' : count(open);
    },
    routes(parts) {
      const router = Router();
      router.get('/drift', (request, response) => sendList(parts, drift, request, response));
      router.get('/drift/preview', (request, response) => sendPreview(parts, drift, request, response));
      router.post('/drift/scan', async (request, response) => {
        await drift.scan(decider(request));
        response.redirect(303, '/drift?asked=1');
      });
      router.post('/drift/repair', (request, response) => repair(parts, drift, request, response));
      router.post('/drift/accept', async (request, response) => {
        await drift.accept(idsIn(parts, request.body), decider(request), 'portal');
        response.redirect(303, '/drift');
      });
      const adoptions = openAdoptions(drift, parts.log);
      router.get('/drift/adopt/:account', (request, response) => sendAdoption(parts, adoptions, request, response));
      router.post('/drift/:id/adopt', async (request, response) => {
        const actor = decider(request);
        const finding = await drift.show(request.params.id);
        response.redirect(303, beginAdoption(parts, adoptions, finding, actor));
      });
      router.get('/drift/:id', async (request, response) => {
        const finding = await drift.show(String(request.params.id));
        await sendSheet(parts, request, response, findingSheet(parts, finding, mayDecide(request)));
      });
      return router;
    },
  };
}

function mayDecide(request: Request): boolean {
  return has(actorIn(request).role, 'accounts');
}

function decider(request: Request) {
  const actor = actorIn(request);
  mustHave(actor, 'accounts');
  return actor;
}

/** The ids that a form or an address names, once or many times. Throws Invalid when there are none. */
function idsIn(parts: PortalParts, from: unknown): readonly string[] {
  const given: unknown = typeof from === 'object' && from !== null && 'id' in from ? from.id : undefined;
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  const ids = all.filter((one): one is string => typeof one === 'string' && /^[0-9A-Z]{26}$/.test(one)).slice(0, most);
  if (ids.length === 0) throw new Invalid(parts.say('drift.choose'));
  return [...new Set(ids)];
}

async function sendList(parts: PortalParts, drift: Drift, request: Request, response: Response): Promise<void> {
  const filter = filterIn(request.query);
  const [findings, counts, [run], certificates] = await Promise.all([
    drift.list(toFilter(filter)),
    drift.counts(),
    drift.runs(1),
    drift.certificates(),
  ]);
  const { say } = parts;
  const names = namesOf(parts);
  const filtered = Object.entries(filter).some(([name, value]) => value !== (name === 'state' ? 'open' : ''));
  const model = {
    say,
    csrf: request.session.csrf ?? '',
    rows: findings.map((finding) => rowOf(parts, finding)),
    counts: countLinks(parts, counts),
    filter: {
      action: '/drift',
      text: { name: 'account', label: say('drift.account'), value: filter.account },
      selects: selectsOf(parts, filter),
      filtered,
    },
    hidden: Object.entries(filter).filter(([name]) => name !== 'state'),
    masters: parts.masters.list.map((m) => ({ id: m.id, name: names(m.id) })),
    mayDecide: mayDecide(request),
    notice: request.query['asked'] === '1' ? say('drift.asked') : '',
    run: runModel(parts, run),
    certificates: certificateModel(parts, certificates),
  };
  return sendPage(parts, request, response, 'drift', { title: say('drift.title') }, model);
}

function runModel(parts: PortalParts, run: Run | undefined) {
  if (run === undefined) return { sentence: parts.say('drift.never'), time: undefined };
  return { sentence: run.sentence, time: ago(new Date(run.endedAt ?? run.startedAt).toISOString(), readerOf(parts)) };
}

function certificateModel(parts: PortalParts, { at, differing, ending }: CertificateState) {
  const { say } = parts;
  if (at === undefined) return { sentence: say('drift.certificates.never'), time: undefined, ending: '' };
  return {
    sentence: differing === 0 ? say('drift.certificates.step') : say('drift.certificates.differ', { count: differing }),
    time: ago(new Date(at).toISOString(), readerOf(parts)),
    ending: ending.length === 0 ? '' : say('drift.ending', { count: ending.length }),
  };
}

/** All open ones of the filter that the address holds; what an operation noted is no kind that is repaired. */
async function matching(drift: Drift, { query }: Request): Promise<readonly string[]> {
  const found = await drift.list({ ...toFilter({ ...filterIn(query), state: 'open' }), limit: most });
  return found.filter(({ kind }) => kind !== 'operation').map(({ id }) => id);
}

async function sendPreview(parts: PortalParts, drift: Drift, request: Request, response: Response): Promise<void> {
  const { from } = request.query;
  const wanted = typeof from === 'string' ? from : '';
  const ids = request.query['all'] === '1' ? await matching(drift, request) : idsIn(parts, request.query);
  if (ids.length === 0) throw new Invalid(parts.say('drift.choose'));
  const previews = await drift.preview(ids, wanted === '' ? undefined : wanted);
  return sendSheet(parts, request, response, previewSheet(parts, previews, wanted, mayDecide(request)));
}

async function repair(parts: PortalParts, drift: Drift, request: Request, response: Response): Promise<void> {
  const actor = decider(request);
  const ids = idsIn(parts, request.body);
  const { from = '', meant = '' } = bodyOf(request);
  const outcomes = await drift.repair({
    ids,
    ...(from === '' ? {} : { from }),
    meant: meant === '1',
    actor,
    door: 'portal',
  });
  const [only] = outcomes;
  if (outcomes.length === 1 && only !== undefined && only.objections.length === 0)
    return response.redirect(303, `/drift/${only.finding}`);
  const findings = new Map(
    await Promise.all(outcomes.map(async (o) => [o.finding, await drift.show(o.finding)] as const)),
  );
  return sendSheet(parts, request, response, resultSheet(parts, outcomes, findings));
}
