/** One's own sign-in: password, second factor, sessions. For everybody but staff who look on. */
import { encode } from 'uqr';
import { customerKey } from '../../../auth/customers.ts';
import { sessionId } from '../../../auth/session-list.ts';
import { Invalid, NotFound } from '../../../errors.ts';
import { agentOf } from '../../portal/pages/session-table.ts';
import type { Block, Sheet } from '../../portal/sheet.ts';
import { type FormField, formBlock, postButton } from '../forms.ts';
import type { CustomerPage } from '../page.ts';
import { mustBeSure, sureFields } from '../sure.ts';
import type { Visit } from '../visit.ts';
import { passwordField } from './mail/parts.ts';

const path = '/my/own';

export const ownPage: CustomerPage = {
  path,
  goal: 'access',
  title: 'own.title',
  order: 90,
  area: 'own',
  routes: (to) => {
    to.show(path, sheet);
    to.act(`${path}/password`, password, sheet);
    to.act(`${path}/sessions/:id/end`, endSession, sheet);
    to.show(`${path}/second-factor`, factorSheet);
    to.act(`${path}/second-factor/begin`, begin, factorSheet);
    to.act(`${path}/second-factor/confirm`, confirm, factorSheet);
    to.act(`${path}/second-factor/codes`, newCodes, factorSheet);
    to.act(`${path}/second-factor/remove`, remove, factorSheet);
  },
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say, parts, who } = visit;
  const key = customerKey(who);
  const [state, sessions] = await Promise.all([parts.auth.secondFactor.state(key), parts.auth.sessionList(key)]);
  const own = sessionId(visit.request.sessionID);
  return {
    heading: say('own.title'),
    blocks: [
      {
        kind: 'facts',
        rows: [
          { label: say('own.name'), text: who.name, machine: true },
          {
            label: say('own.factor'),
            text: state.active ? say('own.factor.on', { count: state.left }) : say('own.factor.off'),
            tone: state.active ? 'good' : 'warn',
          },
        ],
      },
      {
        kind: 'buttons',
        links: [
          { label: say(state.active ? 'own.factor.manage' : 'own.factor.set-up'), href: `${path}/second-factor` },
        ],
        posts: [],
      },
      { kind: 'heading', text: say('mail.password.change') },
      ...(who.role === 'owner' && who.collaborator === undefined
        ? [{ kind: 'text', text: say('own.password.owner'), tone: 'meta' } as const]
        : []),
      ...formBlock(visit, {
        action: `${path}/password`,
        fields: [passwordField(visit), ...(await sureFields(visit))],
        button: say('mail.password.change'),
        makes: 'password',
      }),
      { kind: 'heading', text: say('own.sessions') },
      {
        kind: 'table',
        columns: [say('own.session.from'), say('own.session.since'), ''],
        empty: '',
        small: true,
        rows: sessions.map((one) => [
          { text: one.address, machine: true, meta: agentOf(one.agent) },
          { time: visit.ago(new Date(one.createdAt).toISOString()) },
          one.id === own
            ? { text: say('own.session.this') }
            : { buttons: postButton(visit, say('own.session.end'), `${path}/sessions/${one.id}/end`) },
        ]),
      },
    ],
  };
}

/** The account's or the mailbox's own password goes to the servers; a collaborator's is Tandem's. */
async function password(visit: Visit): Promise<string> {
  const { who, account, parts, body, actor, request } = visit;
  await mustBeSure(visit);
  const fresh = body['password'] ?? '';
  if (who.collaborator !== undefined) {
    await parts.auth.customers.setPassword(who.collaborator, fresh, sessionId(request.sessionID));
    await parts.auth.audit({ actor, event: 'customer.password', subject: account, detail: who.name });
    return path;
  }
  const next =
    who.role === 'mailbox'
      ? await visit.submit('mailbox.password', { account, address: who.name, password: fresh }, path)
      : await visit.submit('account.password', { account, password: fresh }, path);
  // This session's own doing does not end it; all others end.
  request.session.customerAt = parts.clock() + 1;
  return next;
}

async function endSession(visit: Visit): Promise<string> {
  const { parts, who, actor, account } = visit;
  const ended = await parts.auth.sessionEnd(String(visit.request.params['id']), customerKey(who));
  if (!ended) throw new NotFound('problem.not-found');
  await parts.auth.audit({ actor, event: 'customer.session.end', subject: account });
  return path;
}

async function factorSheet(visit: Visit): Promise<Sheet> {
  const { say, parts, who } = visit;
  const key = customerKey(who);
  const [state, pending, sure] = await Promise.all([
    parts.auth.secondFactor.state(key),
    parts.auth.secondFactor.pending(key),
    sureFields(visit),
  ]);
  const form = (action: string, button: string, fields: readonly FormField[], danger = false): readonly Block[] =>
    formBlock(visit, { action: `${path}/second-factor/${action}`, fields, button, danger });
  const code: FormField = {
    name: 'code',
    label: say('sign-in.code'),
    help: say('own.factor.code.help'),
    input: 'text',
    required: true,
  };
  const trail = { label: say('own.title'), href: path };
  if (state.active)
    return {
      heading: say('own.factor'),
      trail,
      blocks: [
        { kind: 'text', text: say('own.factor.on', { count: state.left }) },
        ...form('codes', say('own.factor.codes.new'), sure),
        { kind: 'heading', text: say('own.factor.remove') },
        ...form('remove', say('own.factor.remove'), sure, true),
      ],
    };
  if (pending === undefined)
    return {
      heading: say('own.factor'),
      trail,
      blocks: [{ kind: 'text', text: say('own.factor.intro') }, ...form('begin', say('own.factor.set-up'), sure)],
    };
  return {
    heading: say('own.factor'),
    trail,
    blocks: [
      { kind: 'text', text: say('own.factor.scan') },
      qrBlock(pending.uri, say('own.factor.qr')),
      { kind: 'text', text: say('own.factor.type') },
      { kind: 'code', text: pending.secret.replaceAll(/(.{4})(?=.)/g, '$1 ') },
      ...form('confirm', say('own.factor.confirm'), [code]),
    ],
  };
}

async function begin(visit: Visit): Promise<string> {
  await mustBeSure(visit);
  await visit.parts.auth.secondFactor.begin(customerKey(visit.who));
  return `${path}/second-factor`;
}

async function confirm(visit: Visit): Promise<Sheet> {
  const { parts, who, actor, account, say } = visit;
  const code = (visit.body['code'] ?? '').slice(0, 16);
  const done = await parts.auth.secondFactor.confirm(customerKey(who), code, visit.request.ip ?? '');
  if (done.kind === 'wait') throw new Invalid(say('sign-in.wait', { count: done.seconds }));
  if (done.kind === 'wrong') throw new Invalid('form.again', [{ path: 'code', message: 'sign-in.code.wrong' }]);
  await parts.auth.audit({ actor, event: 'second-factor.on', subject: account, detail: who.name });
  return codesSheet(visit, done.codes);
}

async function newCodes(visit: Visit): Promise<Sheet> {
  await mustBeSure(visit);
  const codes = await visit.parts.auth.secondFactor.newCodes(customerKey(visit.who));
  const { actor, account, who } = visit;
  await visit.parts.auth.audit({ actor, event: 'second-factor.codes', subject: account, detail: who.name });
  return codesSheet(visit, codes);
}

async function remove(visit: Visit): Promise<string> {
  await mustBeSure(visit);
  await visit.parts.auth.secondFactor.remove(customerKey(visit.who));
  const { actor, account, who } = visit;
  await visit.parts.auth.audit({ actor, event: 'second-factor.off', subject: account, detail: who.name });
  return path;
}

function codesSheet(visit: Visit, codes: readonly string[]): Sheet {
  const { say } = visit;
  return {
    heading: say('own.factor.codes'),
    blocks: [
      { kind: 'text', text: say('own.factor.codes.keep'), tone: 'note' },
      { kind: 'code', text: codes.join('\n') },
      { kind: 'buttons', links: [{ label: say('own.factor.codes.kept'), href: path }], posts: [] },
    ],
  };
}

/** The code's dark squares as one path of unit squares; drawn here, so that the secret leaves for nowhere. */
function qrBlock(uri: string, label: string): Block {
  const { data, size } = encode(uri, { ecc: 'M', border: 2 });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { kind: 'qr', path: squares.join(''), size, label };
}
