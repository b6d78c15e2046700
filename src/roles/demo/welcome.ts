import type { Stage } from './index.ts';
import type { Logins } from './seed.ts';

/** What a newcomer reads first: where to go, how to get in, and three things to try. */
export function welcome(stage: Stage, logins: Logins): string {
  const { config } = stage.core;
  const { m1, m2 } = stage.places;
  const portal = `https://${config.portal.host}:${config.portal.port}`;
  const whm = `https://${config.passthrough.host}:${config.passthrough.whmPort}`;
  return `
Tandem is running. Two masters, one thing.

  Portal        ${portal}      (the certificate is self-signed)
  Sign in       ${logins.person} / ${logins.password}
  WHM API       ${whm}      token of root: ${logins.token}
  Masters       M1 https://${m1}:2087   M2 https://${m2}:2087   (simulated)
  Command line  ./bin/tandem accounts --config ${stage.configFile}

Three things to try:

1. Create an account, once. In the portal: New account. Or as a billing system would, with an unchanged WHM call:

   curl -sk -H 'Authorization: whm root:${logins.token}' '${whm}/json-api/createacct?api.version=1' \\
     -d username=bob -d domain=bob.example -d plan=basic -d password=Sturdy-horse-42

   It is on M1 and on M2: see the two chips in the list.

2. Take M2 down, go on working, and bring it back:

   curl -s -X POST http://${m2}:9087/_sim/faults -d '{"function":"*","kind":"down"}'
   ./bin/tandem mailbox add --config ${stage.configFile} --account bakery --address info@bakery.example \\
     --password-file <(echo Sturdy-horse-42-mail)
   curl -s -X DELETE http://${m2}:9087/_sim/faults

   While M2 is away everything is done on M1 and waits for M2; then M2 catches up, in order.

3. Lose an answer. M1 creates the account, but the connection breaks before it can say so:

   curl -s -X POST http://${m1}:9087/_sim/faults -d '{"function":"createacct","kind":"drop-after"}'

   Then create another account and watch its page: Tandem does not know, waits, looks, and finds it. Never two.

${namesText(stage)}${filesText(stage)}${mailText(stage, logins)}Ctrl-C ends everything.
`;
}

/** What to try as a mailbox's user. */
function mailText({ core, sims }: Stage, { mailbox, mailPassword }: Logins): string {
  if (sims.m1.mail === undefined) return '';
  const { host, cpanelPort } = core.config.passthrough;
  return `Read mail in the browser: https://${host}:${cpanelPort}/my as ${mailbox} / ${mailPassword}, then Webmail.

`;
}

/** What to try with files. */
function filesText({ homes }: Stage): string {
  if (homes === undefined) return '';
  return `Write a file on either master; the page File sync shows both agents:

   mkdir -p ${homes.m1}/bakery && echo Hello >${homes.m1}/bakery/hello.txt; sleep 1; cat ${homes.m2}/bakery/hello.txt

`;
}

/** The fourth thing to try, where there are watchers with name servers. */
function namesText({ names, places }: Stage): string {
  if (names === undefined) return '';
  const { m1, m2, dns } = places;
  return `4. Watch names follow. S3 and S4 each run a name server; the page Switchover shows what they see:

   dig +short @${dns.host} -p ${dns.s3} bakery.example; dig +short @${dns.host} -p ${dns.s4} bakery.example
   curl -s -X POST http://${m1}:9087/_sim/faults -d '{"function":"*","kind":"down"}'

   Two watchers at two sites agree that M1 (${m1}) is gone, and within seconds both answer with M2 (${m2}).
   Bring M1 back, and its names when the gate lets them; nothing but the portal's journal is replicated here, so three
   gates are a person's word:

   curl -s -X DELETE http://${m1}:9087/_sim/faults
   ./bin/tandem failover return m1 --config ${names.configFiles.s3} --override files,databases,certificates

`;
}
