import type { TestProject } from 'vitest/node';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Redis that all files of the project `redis` share; use an own key prefix. */
    redisUrl: string;
  }
}

/** One Redis for the whole project; files that stop or empty theirs start their own with startRedis(). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis();
  project.provide('redisUrl', redis.url);
  return redis.stop;
}
