/** The demo's story played without a person: the main job on real input, checked on the masters themselves. */
import { request } from 'node:https';
import { messageOf } from '../../errors.ts';
import type { Simulator } from '../../simulator/index.ts';
import { whm } from '../../whm/call.ts';
import { filesFollow } from './files.ts';
import type { Stage } from './index.ts';
import { demoActor, type Logins, perform } from './seed.ts';
import { type Hands, namesAreThere, namesMove, namesReturn } from './story-names.ts';
import { readsMail } from './webmail.ts';

const PASSWORD = 'Sturdy-horse-42-battery';

const HANDS: (stage: Stage) => Hands = ({ sims }) => ({
  until,
  power: (master, on) => (on ? clearFaults(sims[master]) : setFault(sims[master], { function: '*', kind: 'down' })),
});

interface Chapter {
  readonly title: string;
  readonly play: (stage: Stage, logins: Logins) => Promise<void>;
}

const CHAPTERS: readonly Chapter[] = [
  { title: 'An unchanged WHM client creates an account; both masters have it', play: createThroughPassthrough },
  { title: 'M2 is down: people go on working through M1', play: workWithoutM2 },
  { title: 'M2 is back: its backlog drains, and both masters hold the same', play: m2Returns },
  { title: 'M1 loses its answer: the account is made once, not twice', play: lostAnswer },
  { title: 'The account is removed on both masters', play: remove },
];

/** Played where file sync runs. */
function fileChapters({ homes }: Stage): readonly Chapter[] {
  if (homes === undefined) return [];
  return [
    { title: 'A file written on one master is on the other, and the way back', play: () => filesFollow(homes, until) },
  ];
}

/** Played where there are watchers. */
function nameChapters({ names }: Stage): readonly Chapter[] {
  if (names === undefined) return [];
  const chapter = (title: string, part: typeof namesMove): Chapter => ({
    title,
    play: (stage) => part(stage, names, HANDS(stage)),
  });
  return [
    chapter('Both name servers answer with what M1 wrote', namesAreThere),
    chapter('M1 dies: two watchers agree, and both name servers answer with M2', namesMove),
    chapter('M1 is back, passes the gate, and gets its names again', namesReturn),
  ];
}

function mailChapters({ sims }: Stage): readonly Chapter[] {
  if (sims.m1.mail === undefined) return [];
  return [{ title: 'A mailbox user reads a message in webmail, without a second password', play: readsMail }];
}

/** Returns 0 when every chapter ends well, else 1, saying which did not. */
export async function play(stage: Stage, logins: Logins): Promise<number> {
  for (const chapter of [...CHAPTERS, ...mailChapters(stage), ...fileChapters(stage), ...nameChapters(stage)]) {
    const begun = Date.now();
    try {
      await chapter.play(stage, logins);
    } catch (error) {
      stage.say(`✗ ${chapter.title}: ${messageOf(error)}`);
      return 1;
    }
    stage.say(`✓ ${chapter.title} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  }
  return 0;
}

async function createThroughPassthrough(stage: Stage, logins: Logins): Promise<void> {
  const answer = await billing(stage, logins, 'createacct', {
    username: 'bob',
    domain: 'bob.example',
    plan: 'gold',
    password: PASSWORD,
  });
  if (answer.metadata?.result !== 1) throw new Error(`createacct answered ${JSON.stringify(answer)}`);
  await until(
    'bob is on both masters',
    async () => (await hasAccount(stage, 'm1', 'bob')) && (await hasAccount(stage, 'm2', 'bob')),
  );
}

async function workWithoutM2(stage: Stage, logins: Logins): Promise<void> {
  await setFault(stage.sims.m2, { function: '*', kind: 'down' });
  const answer = await billing(stage, logins, 'createacct', {
    username: 'eve',
    domain: 'eve.example',
    plan: 'gold',
    password: PASSWORD,
  });
  if (answer.metadata?.result !== 1) throw new Error(`createacct answered ${JSON.stringify(answer)}`);
  if (!(await hasAccount(stage, 'm1', 'eve'))) throw new Error('eve is not on M1');
  const mail = await stage.core.operations.accept({
    action: 'mailbox.add',
    params: { address: 'bob@bob.example', account: 'bob', password: PASSWORD, quotaMb: 100 },
    actor: demoActor,
    door: 'system',
  });
  const decided = await stage.core.operations.wait(mail.id, 'decided', 10_000);
  if (decided.state !== 'following') throw new Error(`the mailbox is ${decided.state}`);
}

async function m2Returns(stage: Stage): Promise<void> {
  await clearFaults(stage.sims.m2);
  await until('M2 has caught up', async () => {
    const status = await stage.core.reads.status();
    return status.masters.every((m) => m.backlog === 0 && m.state === 'reachable');
  });
  if (!(await hasAccount(stage, 'm2', 'eve'))) throw new Error('eve is not on M2');
  const { drift } = await stage.core.reads.status();
  if (drift > 0) throw new Error(`${drift} differences were found`);
}

async function lostAnswer(stage: Stage): Promise<void> {
  await setFault(stage.sims.m1, { function: 'createacct', kind: 'drop-after' });
  await perform(stage, 'account.create', {
    account: 'dora',
    domain: 'dora.example',
    plan: 'basic',
    password: PASSWORD,
  });
  for (const id of ['m1', 'm2'] as const) {
    if (!(await hasAccount(stage, id, 'dora'))) throw new Error(`dora is not on ${id}`);
  }
}

async function remove(stage: Stage, logins: Logins): Promise<void> {
  const answer = await billing(stage, logins, 'removeacct', { username: 'bob' });
  if (answer.metadata?.result !== 1) throw new Error(`removeacct answered ${JSON.stringify(answer)}`);
  await until(
    'bob is gone from both masters',
    async () => !(await hasAccount(stage, 'm1', 'bob')) && !(await hasAccount(stage, 'm2', 'bob')),
  );
}

async function hasAccount(stage: Stage, master: 'm1' | 'm2', user: string): Promise<boolean> {
  const outcome = await stage.core.clients.get(master)?.call(whm('accountsummary', { user }));
  return outcome?.kind === 'done';
}

/** Waits for something that a person would see sooner or later; 30 s is far more than it takes. */
async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function setFault(sim: Simulator, fault: Record<string, unknown>): Promise<void> {
  await fetch(`${sim.controlUrl}/_sim/faults`, { method: 'POST', body: JSON.stringify(fault) });
}

async function clearFaults(sim: Simulator): Promise<void> {
  await fetch(`${sim.controlUrl}/_sim/faults`, { method: 'DELETE' });
}

interface Answer {
  readonly metadata?: { readonly result?: number; readonly reason?: string };
}

/** One call as a billing system makes it: form body, WHM token, Tandem's certificate trusted by its file. */
function billing(stage: Stage, logins: Logins, fn: string, args: Record<string, string>): Promise<Answer> {
  const { passthrough } = stage.core.config;
  const body = new URLSearchParams(args).toString();
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: passthrough.host,
        port: passthrough.whmPort,
        path: `/json-api/${fn}?api.version=1`,
        method: 'POST',
        ca: stage.certificate,
        headers: {
          Authorization: `whm root:${logins.token}`,
          'Content-Type': 'application/x-www-form-urlencoded',
          'Content-Length': Buffer.byteLength(body),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          try {
            resolve(JSON.parse(text) as Answer);
          } catch {
            reject(new Error(`${fn}: HTTP ${response.statusCode}, ${text.slice(0, 200)}`));
          }
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}
