/** People's passwords and second factors, sessions, and the audit trail, from the command line. */
import { Invalid } from '../errors.ts';
import { exits } from './exit.ts';
import { secretOf } from './flags.ts';
import { type Context, cliActor, type Said } from './operation-commands.ts';
import { name } from './other-commands.ts';
import { plain, table } from './render.ts';

const yes = exits.done;

function person(context: Context): string {
  return name(context, "The person's name");
}

async function noted({ cli, parts }: Context, event: string, subject: string): Promise<void> {
  await parts.auth.audit({ actor: cliActor(cli.env), event, subject, detail: 'at the command line' });
}

export async function personRole(context: Context): Promise<Said> {
  const who = person(context);
  const { role, reseller, email } = context.values;
  await context.parts.auth.personChange(who, {
    role: typeof role === 'string' ? role : '',
    ...(typeof reseller === 'string' ? { reseller } : {}),
    ...(typeof email === 'string' ? { email } : {}),
  });
  await noted(context, 'person.role', who);
  return { json: { person: who, role }, text: `${plain(who)} is ${plain(String(role))} now.\n`, exit: yes };
}

export async function personPassword(context: Context): Promise<Said> {
  const who = person(context);
  const password = await secretOf('password', context.values, context.secrets);
  if (password === undefined)
    throw new Invalid('The password is missing.', [
      { path: '--password', message: 'Use --password-stdin or --password-file FILE.' },
    ]);
  await context.parts.auth.personPassword(who, password);
  await noted(context, 'person.password', who);
  return { json: { person: who }, text: 'The password is set; their sessions are ended.\n', exit: yes };
}

/** Prints the part of the address behind the portal's host: only the person who asks knows under which name it is reached. */
export async function personLink(context: Context): Promise<Said> {
  const who = person(context);
  const { secret, expiresAt } = await context.parts.auth.passwordLink(who);
  await noted(context, 'person.link', who);
  const path = `/password/${secret}`;
  const until = new Date(expiresAt).toISOString();
  return { json: { person: who, path, expiresAt: until }, text: `${path}\nGood once, until ${until}.\n`, exit: yes };
}

export async function personSuspend(context: Context, suspended: boolean): Promise<Said> {
  const who = person(context);
  await context.parts.auth.personSuspend(who, suspended);
  await noted(context, suspended ? 'person.suspend' : 'person.unsuspend', who);
  const text = suspended ? 'can no longer sign in; their sessions are ended' : 'can sign in again';
  return { json: { person: who, suspended }, text: `${plain(who)} ${text}.\n`, exit: yes };
}

export async function secondFactorOff(context: Context): Promise<Said> {
  const who = person(context);
  await context.parts.auth.secondFactor.remove(who);
  await noted(context, 'person.second-factor-off', who);
  return { json: { person: who }, text: `${plain(who)} signs in with the password alone.\n`, exit: yes };
}

export async function sessionList({ parts, values }: Context): Promise<Said> {
  const { person: who } = values;
  const sessions = await parts.auth.sessionList(typeof who === 'string' ? who : undefined);
  const rows = sessions.map((one) => [
    one.id,
    one.person,
    one.door,
    one.address,
    new Date(one.createdAt).toISOString().slice(0, 16).replace('T', ' '),
  ]);
  return { json: { sessions }, text: table(['ID', 'PERSON', 'DOOR', 'ADDRESS', 'SINCE (UTC)'], rows), exit: yes };
}

export async function sessionEnd(context: Context): Promise<Said> {
  const id = name(context, 'The session ID');
  if (!(await context.parts.auth.sessionEnd(id))) throw new Invalid('There is no such session.');
  await noted(context, 'session.end', id.slice(0, 16));
  return { json: { ended: id }, text: 'The session is ended.\n', exit: yes };
}

/** Exits 3 when the trail was tampered with. */
export async function auditVerify(context: Context): Promise<Said> {
  const { parts, values, cli } = context;
  const { entries, brokenAt } = await parts.auth.auditVerify();
  const { head } = values;
  const problem = typeof head === 'string' ? await parts.auth.auditHeadProblem(await headIn(context, head)) : undefined;
  await parts.auth.audit({
    actor: cliActor(cli.env),
    event: 'audit.verify',
    detail: String(brokenAt ?? problem ?? 'whole'),
  });
  const sentence =
    brokenAt === undefined
      ? (problem ?? `${entries} entries, and the chain is whole.`)
      : `The chain is broken at entry ${brokenAt}.`;
  const isWhole = brokenAt === undefined && problem === undefined;
  return {
    json: { entries, brokenAt, problem, whole: isWhole },
    text: `${sentence}\n`,
    exit: isWhole ? yes : exits.refused,
  };
}

async function headIn({ cli }: Context, file: string): Promise<unknown> {
  const text = await cli.readFile(file).catch((cause: unknown) => {
    throw new Invalid(`The file ${plain(file)} cannot be read.`, [], { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Invalid(`The file ${plain(file)} holds no signed head.`, [], { cause });
  }
}

/** Print it into a file that is kept elsewhere: `tandem audit head --json > head.json`. */
export async function auditHead({ parts }: Context): Promise<Said> {
  const head = await parts.auth.auditHead();
  return { json: head, text: `${JSON.stringify(head)}\n`, exit: yes };
}

/** One JSON document a line, oldest first; with --json one document with all of them. */
export async function auditExport(context: Context): Promise<Said> {
  const { parts, cli, values } = context;
  const entries: unknown[] = [];
  for await (const page of parts.auth.auditPages()) {
    if (values['json'] === true) entries.push(...page);
    else cli.stdout.write(page.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }
  await parts.auth.audit({ actor: cliActor(cli.env), event: 'audit.export' });
  return { json: { entries }, text: '', exit: yes };
}
