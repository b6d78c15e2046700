import { z } from 'zod';
import { uapi } from '../../../../whm/call.ts';
import type { Block } from '../../../portal/sheet.ts';
import { domainsOf, namesOfServers } from '../../account-facts.ts';
import type { Visit } from '../../visit.ts';

const problems = z.array(z.object({ domain: z.string(), problem: z.string(), time: z.string().nullish() }));

/**
 * Why a certificate could not be had, in the server's words; nothing while all could. The names that lead to the other
 * server always have one here: that one gets their certificate.
 */
export async function certificateProblems(visit: Visit): Promise<readonly Block[]> {
  const [{ value = [] }, domains] = await Promise.all([
    visit.ask(uapi(visit.account, 'SSL::get_autossl_problems'), problems),
    domainsOf(visit),
  ]);
  const own = new Set(domains.value === undefined ? [] : namesOfServers(visit.parts, domains.value));
  const told = value.filter(({ domain }) => !own.has(domain));
  if (told.length === 0) return [];
  const rows = told.map((one) => ({ label: one.domain, text: visit.plain(one.problem) }));
  return [
    { kind: 'heading', text: visit.say('sites.ssl.problems') },
    { kind: 'facts', rows },
  ];
}
