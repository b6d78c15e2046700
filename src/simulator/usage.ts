/** What accounts use of disk and bandwidth: nobody uses the simulated server, so tests say it. */
import { z } from 'zod';
import { type State, table } from './state.ts';

export interface Usage {
  readonly user: string;
  readonly diskMb: number;
  readonly bandwidthBytes: number;
}

/** Key: the user. No effect of a call. */
export const usages = table<Usage>('usage', { silent: true, group: (u) => u.user });

/** What the control port takes. */
export const usageOrder = z.strictObject({
  user: z.string().min(1),
  diskMb: z.number().int().min(0).default(0),
  bandwidthBytes: z.number().int().min(0).default(0),
});

/** What an account uses; nothing until it was said. */
export function usageOf(state: State, user: string): Usage {
  return state.of(usages).get(user) ?? { user, diskMb: 0, bandwidthBytes: 0 };
}
