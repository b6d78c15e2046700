/** Names that belong to one master and that no switch moves: www1.bob.example is M1's, www2.bob.example is M2's. Pure. */
import type { Master, Masters } from '../../masters.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import { apply, type Plan } from '../define.ts';

export interface OwnName {
  /** Id of the master that it names. */
  readonly master: string;
  /** 'www1' */
  readonly label: string;
  /** 'www1.bob.example', without the closing dot. */
  readonly name: string;
}

type Listed = Pick<Masters, 'list'>;

function labelled(masters: Listed): readonly (Master & { readonly ownLabel: string })[] {
  return masters.list.flatMap((master) =>
    master.ownLabel === undefined ? [] : [{ ...master, ownLabel: master.ownLabel }],
  );
}

/** The domain's names, one for each master; none where no master has a label. */
export function ownNamesOf(masters: Listed, domain: string): readonly OwnName[] {
  return labelled(masters).map(({ id, ownLabel: label }) => ({ master: id, label, name: `${label}.${domain}` }));
}

/** Whether a name, with or without the closing dot, is one master's own, or stands below such a one. */
export function isOwnName(masters: Listed, zone: string, name: string): boolean {
  const bare = name.replace(/\.$/, '');
  return ownNamesOf(masters, zone).some((own) => bare === own.name || bare.endsWith(`.${own.name}`));
}

/** The subdomains in a list that are own names of any of these domains. */
export function ownAmong(
  masters: Listed,
  subdomains: readonly string[],
  domains: readonly string[],
): readonly string[] {
  const own = new Set(domains.flatMap((domain) => ownNamesOf(masters, domain).map(({ name }) => name)));
  return subdomains.filter((name) => own.has(name));
}

/** A removal of a domain that takes the domain's own names away first: without their zone they would be left over. */
export function withOwnNames(plan: Plan, masters: Listed, domain: string, subdomains: readonly string[]): Plan {
  if (plan.kind !== 'apply') return plan;
  const calls: readonly WhmCall[] = [
    ...ownAmong(masters, subdomains, [domain]).map((name) => whm('delete_domain', { domain: name })),
    ...plan.calls,
  ];
  const [first, ...more] = calls;
  return first === undefined ? plan : apply(first, ...more);
}
