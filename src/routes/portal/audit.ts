import { type Request, type Response, Router } from 'express';
import type { AuditEntry } from '../../auth/audit.ts';
import { has } from '../../auth/roles.ts';
import type { PortalParts } from './deps.ts';
import { sendSheet } from './forms.ts';
import { readerOf, sendPage } from './frame.ts';
import { type AuditAsked, auditModel } from './present/audit.ts';
import { actorIn, mustHave } from './who.ts';

const pageSize = 100;

/** Who did what, when, from where; whether the chain is whole; the trail to take away. */
export function auditRoutes(parts: PortalParts): Router {
  const router = Router();
  router.get('/audit', async (request: Request, response: Response) => {
    const asked = askedIn(request);
    const entries = await parts.auth.auditFind({ ...asked, limit: pageSize });
    const mayExport = has(actorIn(request).role, 'audit-export');
    const model = { ...auditModel(entries, asked, pageSize, readerOf(parts)), mayExport, say: parts.say };
    await sendPage(parts, request, response, 'audit', { title: parts.say('menu.audit') }, model);
  });
  router.post('/audit/verify', async (request, response) => {
    const actor = actorIn(request);
    mustHave(actor, 'audit-export');
    const [checked, head] = await Promise.all([parts.auth.auditVerify(), parts.auth.auditHead()]);
    const { say } = parts;
    const { entries, brokenAt } = checked;
    await parts.auth.audit({
      actor,
      event: 'audit.verify',
      detail: brokenAt === undefined ? 'whole' : `broken at ${brokenAt}`,
    });
    await sendSheet(parts, request, response, {
      heading: say('audit.verify'),
      trail: { label: say('menu.audit'), href: '/audit' },
      blocks: [
        brokenAt === undefined
          ? { kind: 'text', text: say('audit.whole', { count: entries }), tone: 'note' }
          : { kind: 'text', text: say('audit.broken', { at: brokenAt }), tone: 'danger' },
        { kind: 'heading', text: say('audit.head') },
        { kind: 'text', text: say('audit.head.why') },
        { kind: 'code', text: JSON.stringify(head, null, 2) },
      ],
    });
  });
  router.get('/audit/export.:form', async (request, response) => {
    const actor = actorIn(request);
    mustHave(actor, 'audit-export');
    const form = request.params.form === 'csv' ? csv : jsonLines;
    await parts.auth.audit({ actor, event: 'audit.export', detail: form.name });
    response.setHeader('Content-Disposition', `attachment; filename="audit.${form.name}"`);
    response.type(form.type).write(form.head);
    for await (const page of parts.auth.auditPages()) response.write(page.map(form.line).join(''));
    response.end();
  });
  return router;
}

const columns = ['seq', 'at', 'actor', 'kind', 'address', 'event', 'subject', 'detail', 'previous', 'hash'] as const;

const jsonLines = {
  name: 'jsonl',
  type: 'application/jsonl',
  head: '',
  line: (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`,
};

const csv = { name: 'csv', type: 'text/csv', head: `${columns.join(',')}\r\n`, line: csvLine };

function csvLine(entry: AuditEntry): string {
  const cells = columns.map((name) => {
    const text = String(entry[name]);
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${cells.join(',')}\r\n`;
}

function askedIn(request: Request): AuditAsked {
  const text = (name: string): string => {
    const value = request.query[name];
    return typeof value === 'string' ? value.trim().slice(0, 100) : '';
  };
  const before = Number(text('before'));
  const page = Number.isSafeInteger(before) && before > 0 ? { before } : {};
  return { q: text('q'), event: text('event').replaceAll(/[^a-z.-]/g, ''), ...page };
}
