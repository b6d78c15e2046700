/** How the server says no. */
import { api2, uapi, whm } from '../../whm/call.ts';
import { oneOf, type Step } from '../model.ts';
import { makes, refuses, told } from './build.ts';
import { sendTop } from './raw.ts';

const nobody = 'nobodyhasthisname';
const yes = { needs: 'account', kind: 'write' } as const;

export const errorSteps: readonly Step[] = [
  refuses({
    id: 'errors.unknown-function',
    assumption: 'An unknown function of WHM API 1 is refused with “Unknown app”.',
    call: () => whm('nosuchfunction'),
    text: /unknown app/iu,
  }),
  refuses({
    id: 'errors.missing-argument',
    assumption: 'A function without its argument is refused, not garbled.',
    call: () => whm('accountsummary'),
    text: /./u,
  }),
  refuses({
    id: 'errors.uapi-nobody',
    assumption: 'UAPI through WHM for an unknown account is refused.',
    call: () => uapi(nobody, 'Email::list_pops'),
    text: /./u,
  }),
  refuses({
    id: 'errors.api2-nobody',
    assumption:
      'API 2 through WHM for an unknown account is refused: its data is an object there, and its result a text.',
    call: () => api2(nobody, 'Email::listpops'),
    text: /user parameter is invalid/iu,
  }),
  {
    id: 'errors.plain-http-path',
    assumption: 'WHM functions asked on cPanel’s port are not answered.',
    kind: 'read',
    expect: { isAnswered: false },
    async run(side) {
      const reply = await side.send({
        port: 'cpanel',
        path: '/json-api/version',
        form: [['api.version', '1']],
        sign: { kind: 'none' },
      });
      return { isAnswered: reply.status === 200 && reply.text.includes('"version"') };
    },
  },
];

export const errorAccountSteps: readonly Step[] = [
  refuses(
    {
      id: 'errors.uapi-missing',
      assumption: 'UAPI names a missing argument, and outer result stays 1.',
      call: (v) => uapi(v.user, 'DNS::parse_zone'),
      text: /zone/iu,
    },
    yes,
  ),
  refuses(
    {
      id: 'errors.uapi-unknown',
      assumption: 'An unknown UAPI function is refused.',
      call: (v) => uapi(v.user, 'Email::no_such_function'),
      text: /./u,
    },
    yes,
  ),
  refuses(
    {
      id: 'errors.api2-unknown',
      assumption: 'An unknown API 2 function is refused with “Could not find function”, without data and event.',
      call: (v) => api2(v.user, 'Email::no_such_function'),
      text: /could not find function/iu,
    },
    yes,
  ),
  refuses(
    {
      id: 'errors.taken-name',
      assumption: 'A name that is taken is refused with a sentence that names it.',
      call: (v) =>
        whm('createacct', {
          username: v.user,
          domain: `x${v.domain}`,
          password: v.password2,
          plan: v.package,
          ip: 'n',
        }),
      text: /already has an account|already exists|licen[cs]e/iu,
      expect: { outcome: oneOf('refused', 'busy') },
    },
    yes,
  ),
  refuses(
    {
      id: 'errors.unknown-package',
      assumption: 'A package that is not there is refused by name.',
      call: (v) => whm('changepackage', { user: v.user, pkg: `${v.package}none` }),
      text: /package/iu,
    },
    yes,
  ),
  refuses(
    {
      id: 'errors.weak',
      assumption: 'A weak password of an account is refused with a sentence about its strength.',
      call: (v) => whm('passwd', { user: v.user, password: '123456' }),
      text: /weak|easy to (guess|crack)|strength/iu,
    },
    yes,
  ),
  {
    id: 'errors.uapi-direct',
    assumption: 'UAPI on cPanel’s own port answers flat: data, errors, messages, metadata, status, warnings.',
    kind: 'write',
    needs: 'account',
    expect: { status: 200, keys: ['data', 'errors', 'messages', 'metadata', 'status', 'warnings'] },
    run(side) {
      const { user, password2: password } = side.values;
      const sign = { kind: 'basic', user, password } as const;
      return sendTop(side, { port: 'cpanel', path: '/execute/Email/list_pops', form: [], sign });
    },
  },
  {
    id: 'errors.listed-passwords',
    assumption: 'createacct refuses a password that holds the account’s name.',
    kind: 'write',
    needs: 'account',
    expect: { outcome: 'refused', because: /./u },
    async run(side) {
      const { user } = side.values;
      return told(await side.call(whm('passwd', { user, password: `${user}-K7!q${user}` })));
    },
  },
  refuses(
    {
      id: 'errors.old-password',
      assumption: 'API 2 Passwd::change_password refuses a wrong old password.',
      call: (v) => api2(v.user, 'Passwd::change_password', { oldpass: 'not-the-password', newpass: v.password2 }),
      text: /./u,
    },
    { ...yes, alone: true, checks: ['errors.old-password'] },
  ),
  makes(
    {
      id: 'errors.mkfile',
      assumption: 'API 2 Fileman::mkfile answers with path and name.',
      call: (v) =>
        api2(v.user, 'Fileman::mkfile', { path: `/home/${v.user}`, name: 'verify.txt', permissions: '0644' }),
    },
    { alone: true, checks: ['api2.mkfile'] },
  ),
  makes(
    {
      id: 'errors.savefile',
      assumption: 'API 2 Fileman::savefile answers with the file that it saved.',
      call: (v) => api2(v.user, 'Fileman::savefile', { dir: `/home/${v.user}`, filename: 'verify.txt', content: 'x' }),
    },
    { alone: true, checks: ['api2.savefile'] },
  ),
  refuses(
    {
      id: 'errors.importkey',
      assumption: 'API 2 SSH::importkey refuses what is no key.',
      call: (v) => api2(v.user, 'SSH::importkey', { name: 'verify', key: 'no key' }),
      text: /./u,
    },
    { ...yes, alone: true, checks: ['api2.importkey'] },
  ),
  makes(
    {
      id: 'errors.fetchkey',
      assumption: 'API 2 SSH::fetchkey answers with name and key.',
      call: (v) => api2(v.user, 'SSH::fetchkey', { name: 'verify', pub: 1 }),
    },
    { alone: true, checks: ['api2.fetchkey'] },
  ),
  makes(
    {
      id: 'errors.disk-usage',
      assumption: 'API 2 has DiskUsage::fetchdiskusage.',
      call: (v) => api2(v.user, 'DiskUsage::fetchdiskusage'),
    },
    { alone: true, checks: ['api2.diskusage'] },
  ),
  makes(
    {
      id: 'errors.languages',
      assumption: 'API 2 has LangMods::langlist.',
      call: (v) => api2(v.user, 'LangMods::langlist'),
    },
    { alone: true, checks: ['api2.langmods'] },
  ),
];

const danger = 'would need a server that is out of order';

/** Named, so that nobody takes them for proved. */
export const untriedSteps: readonly (readonly [id: string, assumption: string, check: string, unsafe: string])[] = [
  [
    'errors.hook',
    'event.result 0 of API 2 comes with error or event.reason.',
    'api2.event-zero',
    'needs a hook that refuses, installed on the server',
  ],
  [
    'errors.upload',
    'API 2 uploadfiles answers with the files it stored.',
    'api2.uploadfiles',
    'Tandem never uploads files this way',
  ],
  [
    'errors.disk-full',
    'A full disk, a quota or a read-only file system is told in error, so that it is read as busy.',
    'errors.write-failure',
    danger,
  ],
  [
    'errors.cphulk',
    'cPHulk’s block is answered like a wrong token: 403.',
    'errors.cphulk',
    'would lock Tandem out of the server',
  ],
  ['errors.licence', 'An expired licence is answered with a page on every path.', 'errors.licence', danger],
  [
    'errors.seats',
    'An account over the licence’s number is refused, not made.',
    'errors.licence-count',
    'would take the last seat of the licence',
  ],
  [
    'errors.xml-denied',
    'A refused sign-in on an XML path is answered with cpanelresult and 403.',
    'xml.denied',
    'one more failed sign-in could make cPHulk block Tandem',
  ],
  [
    'errors.cluster',
    'In one DNS cluster the second createacct is refused, and forcedns overwrites the zone.',
    'wire.cluster',
    'would touch the other master’s zones; doctor checks that there is no shared cluster',
  ],
  [
    'sessions.webmail',
    'A webmail session’s cookie is webmailsession.',
    'wire.webmail-cookie',
    'needs the webmail port, which Tandem does not use',
  ],
  [
    'server.proxy-names',
    'cpanel., whm. and webmail. on port 443 reach the same daemon.',
    'peers.proxy-names',
    'needs port 443, which is not configured',
  ],
  [
    'mysql.map',
    'dbmaptool maps a database that replication brought, and unmaps one that it took.',
    'operator.database-map',
    'needs a shell on the server; replication will check it',
  ],
  [
    'server.paths',
    'What an action writes in home directories is written on both masters and needs no file sync.',
    'operator.paths',
    'needs a shell on the server; file sync will check it',
  ],
];
