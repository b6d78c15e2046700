import { type Request, type Response, Router } from 'express';
import { ulid } from 'ulid';
import type { Action } from '../../actions/define.ts';
import { may, whyNot } from '../../auth/may.ts';
import { AppError, Invalid, type Issue, NotAllowed, NotFound } from '../../errors.ts';
import { bounded } from '../bounds.ts';
import { statusOf } from '../shared/status-of.ts';
import type { PortalParts } from './deps.ts';
import { mustBeSure } from './forms.ts';
import { namesOf, sendPage } from './frame.ts';
import { graceOf } from './grace.ts';
import { newPassword } from './new-password.ts';
import { actionGroups, actionPage, confirmIssue, prefilled, withPassword } from './present/action.ts';
import { type Body, type FormField, paramsOf } from './present/form.ts';
import { stamp } from './present/time.ts';
import { ownersFor } from './sees.ts';
import { accountsNow, openPackages, type Packages } from './soon.ts';
import { sureField } from './sure.ts';
import { actorIn } from './who.ts';

/** The catalogue, and for each action the form that does it. */
export function actionRoutes(parts: PortalParts): Router {
  const router = Router();
  const packages = openPackages(parts);
  router.get('/actions', async (request, response) => {
    const actor = actorIn(request);
    const offered = parts.catalogue.actions.filter((action) => may(actor, action, { kind: 'account', account: '' }));
    const account = typeof request.query['account'] === 'string' ? request.query['account'].slice(0, 64) : '';
    const model = { account, groups: actionGroups(offered, parts.say, account) };
    await sendPage(parts, request, response, 'actions', { title: parts.say('menu.actions') }, model);
  });
  router.get('/actions/:id', async (request, response) => {
    const action = actionIn(parts, request);
    const fields = fieldsOf(parts, action);
    const values = withPassword(fields, prefilled(fields, request.query), newPassword);
    await sendForm({ parts, packages, request, response, action }, values, undefined);
  });
  router.post('/actions/:id', async (request, response) => {
    const action = actionIn(parts, request);
    try {
      const id = await accept(parts, request, action);
      response.redirect(303, `/operations/${id}`);
    } catch (error) {
      if (!(error instanceof AppError) || error instanceof NotAllowed) throw error;
      await sendForm({ parts, packages, request, response, action }, bodyOf(request), error);
    }
  });
  return router;
}

function actionIn(parts: PortalParts, request: Request): Action {
  const id = String(request.params['id']);
  const action = parts.catalogue.actionOf(id);
  if (action === undefined) throw new NotFound(parts.say('action.none', { id: id.slice(0, 60) }));
  return action;
}

function bodyOf(request: Request): Body {
  const body: unknown = request.body;
  // Cast: the form parser answers a plain record, or nothing at all.
  return typeof body === 'object' && body !== null ? (body as Body) : {};
}

/** Parses, asks for permission, and hands the request to the one place that accepts. */
async function accept(parts: PortalParts, request: Request, action: Action): Promise<string> {
  const body = bodyOf(request);
  const actor = actorIn(request);
  const params = bounded(actor, action.id, paramsOf(parts.catalogue.fieldsOf(action), body));
  const parsed = action.params.safeParse(params);
  if (!parsed.success) throw new Invalid(parts.say('form.again'), parsed.error.issues.map(issueOf));
  const subject = action.subject(parsed.data);
  const reason = whyNot(actor, action, subject, await ownersFor(parts, actor));
  if (reason !== undefined) throw new NotAllowed(reason);
  const unconfirmed = confirmIssue(action, subject, body, parts.say);
  if (unconfirmed !== undefined) throw new Invalid(parts.say('form.again'), [unconfirmed]);
  if ((action.destroys ?? []).length > 0) await mustBeSure(parts, request);
  const once = typeof body['once'] === 'string' ? { idempotencyKey: body['once'].slice(0, 64) } : {};
  const queue = body['queue'] === '1';
  const grace = await graceOf(parts, actor);
  const asked = { action: action.id, params, actor, door: 'portal', queue, ...grace, ...once } as const;
  const view = await parts.operations.accept(asked);
  await parts.auth.audit({ actor, event: 'operation.accept', subject: view.id, detail: action.id });
  return view.id;
}

function issueOf(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): Issue {
  return { path: issue.path.map(String).join('.'), message: issue.message };
}

/** Where accounts can be archived before they go, that is what is chosen unless a person chooses otherwise. */
function fieldsOf(parts: PortalParts, action: Action): readonly FormField[] {
  const fields = parts.catalogue.fieldsOf(action);
  if (parts.archives?.possible !== true || (action.destroys ?? []).length === 0) return fields;
  return fields.map((field) =>
    field.name === 'archive' && field.options?.includes('verified') === true
      ? { ...field, default: 'verified', optionLabels: archiveWords(parts) }
      : field,
  );
}

function archiveWords({ say }: PortalParts): Readonly<Record<string, string>> {
  return { verified: say('action.archive.verified'), none: say('action.archive.none') };
}

/** What is known of backups of the account that the form names. */
async function backupWords({ archives, say }: PortalParts, action: Action, values: Body): Promise<string> {
  if (archives === undefined || !(action.destroys ?? []).includes('home')) return '';
  const account = values['account'];
  const newest = typeof account === 'string' && account !== '' ? await archives.newest(account) : undefined;
  const known = newest === undefined ? '' : say('action.backup.newest', { time: stamp(newest.at) });
  return [archives.possible ? say('action.backup.first') : '', known].filter(Boolean).join(' ');
}

interface Asked {
  readonly parts: PortalParts;
  readonly packages: Packages;
  readonly request: Request;
  readonly response: Response;
  readonly action: Action;
}

async function sendForm(asked: Asked, values: Body, error: AppError | undefined): Promise<void> {
  const { parts, request, response, action } = asked;
  const known = accountsNow(parts, actorIn(request)).catch((failed: unknown) => {
    // The form works without suggestions; both masters may be down and the request still worth queueing.
    parts.log.info({ error: failed }, 'no suggestions for a form');
    return { rows: [] };
  });
  const [{ rows }, plans] = await Promise.all([known, asked.packages()]);
  const names = namesOf(parts);
  const all = parts.masters.list.map((master) => names(master.id));
  const sure = (action.destroys ?? []).length > 0 ? await sureField(parts, request) : undefined;
  const fields = [...fieldsOf(parts, action), ...(sure === undefined ? [] : [sure])];
  const backup = await backupWords(parts, action, values);
  const made = { action, fields, values: { ...values, sure: '' }, rows, masters: all, packages: plans, error, backup };
  const model = actionPage(made, parts.say);
  const status = error === undefined ? 200 : statusOf(error);
  await sendPage(parts, request, response, 'action', { title: action.title, status }, { ...model, once: ulid() });
}
