/** `notify` read by itself: a watcher or a command needs nothing else of the file, and nothing else that is wrong stops it. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type LoadOptions, readRaw } from './config.ts';
import { issuesOf } from './config-checks.ts';
import { filesFrom } from './config-files.ts';
import { type NotifyConfig, notifyOf } from './config-notify.ts';
import { notifySection } from './config-notify-schema.ts';
import { Invalid } from './errors.ts';

const shape = z.object({ stateDir: z.string().min(1).default('./var'), notify: notifySection.optional() });

/** Where this machine's files lie, and who is warned; undefined: nobody. Throws Invalid with an issue for every key. */
export function loadNotifyConfig(options: LoadOptions = {}): {
  readonly stateDir: string;
  readonly notify: NotifyConfig | undefined;
} {
  const { raw, file } = readRaw(options);
  const where = file ?? 'the environment';
  const parsed = shape.safeParse(raw);
  if (!parsed.success) throw new Invalid(`${where}: configuration is wrong`, issuesOf(parsed.error, raw));
  const files = filesFrom(file === undefined ? process.cwd() : dirname(resolve(file)));
  const { stateDir, notify } = parsed.data;
  const config = notify === undefined ? undefined : notifyOf(notify, files);
  if (files.issues.length > 0) throw new Invalid(`${where}: configuration is wrong`, files.issues);
  return { stateDir: files.path(stateDir), notify: config };
}
