import { z } from 'zod';
import { uapi } from '../../../../whm/call.ts';
import type { Block } from '../../../portal/sheet.ts';
import type { Visit } from '../../visit.ts';

const problems = z.array(z.object({ domain: z.string(), problem: z.string(), time: z.string().nullish() }));

/** Why a certificate could not be had, in the server's words; nothing while all could. */
export async function certificateProblems(visit: Visit): Promise<readonly Block[]> {
  const { value = [] } = await visit.ask(uapi(visit.account, 'SSL::get_autossl_problems'), problems);
  if (value.length === 0) return [];
  return [
    { kind: 'heading', text: visit.say('sites.ssl.problems') },
    {
      kind: 'facts',
      rows: value.map((one) => ({ label: one.domain, text: visit.plain(one.problem), tone: 'warn' as const })),
    },
  ];
}
