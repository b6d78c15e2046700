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

Ctrl-C ends everything.
`;
}
