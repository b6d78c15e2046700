import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a thread of the program. `path`: its module, seen from the folder of this file, without the name's end. Run
 * from sources, a thread must learn TypeScript first; what is built needs nothing.
 */
export function openThread(path: string, workerData: unknown, options: WorkerOptions = {}): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(`${path}.js`, import.meta.url), { ...options, workerData });
  const url = new URL(`${path}.ts`, import.meta.url).href;
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(url)}); });`;
  return new Worker(code, { ...options, eval: true, workerData });
}
