import { isOwnName } from '../../actions/own-names/names.ts';
import { type Kind, noRepair, type RepairInput, type Repairs, type Value } from '../model.ts';
import { dkimCall, pemOf } from './dkim.ts';
import { askDomains, domainsData } from './domains-of.ts';
import { oneStep, seen, text, told, unread } from './reading.ts';

/** Home folders may lie on different disks: only what is below them is compared. */
function folder(documentroot: string | null | undefined): string {
  return (documentroot ?? '').replace(/^\/[^/]+\/[^/]+\//, '');
}

function add(input: RepairInput, value: Value): Repairs {
  const { account, name: domain } = input;
  const pem = pemOf(input.fetched[0], domain);
  const key = pem === undefined ? {} : { dkimKey: pem };
  switch (value['kind']) {
    case 'addon': {
      const subdomain = (value['carried by'] ?? '').split('.')[0] ?? '';
      return oneStep(
        input,
        'domain.add-addon',
        { account, domain, subdomain, folder: value['folder'], ...key },
        `Add the addon domain ${domain}`,
      );
    }
    case 'alias':
      return oneStep(input, 'domain.add-alias', { account, domain, ...key }, `Add the alias domain ${domain}`);
    case 'subdomain': {
      const parent = value['of'] ?? '';
      const label = domain.slice(0, -parent.length - 1);
      return oneStep(
        input,
        'domain.add-sub',
        { account, name: label, parent, folder: value['folder'], ...key },
        `Add the subdomain ${domain}`,
      );
    }
    default:
      return noRepair('The main domain is changed with the account.');
  }
}

/** Addon, alias and subdomains with their folder. The main domain stands with the account. */
export const domainKind: Kind = {
  id: 'domain',
  title: 'Domains',
  scope: 'account',
  rank: 30,
  findable: true,
  rounds: [(account) => [askDomains(account)]],
  read(account, answers, { masters }) {
    const read = told(answers, askDomains(account), domainsData);
    if ('reason' in read) return unread(read.reason);
    const d = read.value;
    const zones = [d.main_domain?.domain ?? '', ...d.addon_domains.map((a) => a.domain), ...d.parked_domains];
    const parentOf = (name: string) =>
      zones.filter((z) => z !== '' && name.endsWith(`.${z}`)).sort((a, b) => b.length - a.length)[0] ?? '';
    const carriers = new Set(d.addon_domains.map((a) => a.servername));
    return seen([
      ...d.addon_domains.map((a): [string, Value] => [
        a.domain,
        { kind: 'addon', folder: folder(a.documentroot), 'carried by': a.servername ?? '' },
      ]),
      ...d.parked_domains.map((name): [string, Value] => [name, { kind: 'alias' }]),
      ...d.sub_domains
        .filter((s) => !carriers.has(s.domain) && !isOwnName(masters, parentOf(s.domain), s.domain))
        .map((s): [string, Value] => [
          s.domain,
          { kind: 'subdomain', of: parentOf(s.domain), folder: folder(s.documentroot) },
        ]),
    ]);
  },
  touched(action, p) {
    if (action === 'domain.add-sub') return `${text(p['name'])}.${text(p['parent'])}`;
    return action.startsWith('domain.') ? text(p['domain']) : undefined;
  },
  fetch: ({ name, from, to }) => (from.value !== undefined && to.value === undefined ? [dkimCall(name)] : []),
  repair(input) {
    const { from, to } = input;
    if (from.value === undefined)
      return noRepair(
        'A domain is not removed by a repair: its zone and mail may be the only copy. Remove it by hand if it is not wanted.',
      );
    if (to.value !== undefined)
      return noRepair(
        'Kind and folder of an existing domain are not changed by Tandem: change them in cPanel on that master.',
      );
    return add(input, from.value);
  },
};
