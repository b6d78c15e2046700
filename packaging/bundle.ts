/** Programs from sources, in few files: a start need not find and read more than a thousand. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What everything that runs on Node is made with. Types are the business of `npm run check`. */
export const forNode = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Many libraries are CommonJS and ask for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** These stay packages: they bind C code, or browsers read their files, or they are large and loaded by few. */
const external = [
  '@aws-sdk/client-route-53',
  'cloudflare',
  '@node-rs/argon2',
  '@photostructure/sqlite',
  'koffi',
  'lmdb',
  'msgpackr-extract',
  'pg-native',
  '@simplewebauthn/browser',
  'idiomorph',
  'modern-normalize',
];

/** Modules that threads are started with (src/thread.ts); no import names them. */
const threads = ['operations/leg-thread-work', 'failover/apply/planner-thread'];

const emptyMap = Buffer.from('{"version":3,"sources":[""],"mappings":"A"}').toString('base64');

/** Maps tell of our own sources alone: those of libraries would make them five times as large. */
const ownMaps: Plugin = {
  name: 'own-maps',
  setup(builder) {
    builder.onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${emptyMap}`,
      loader: 'js',
    }));
  },
};

const DAY_MS = 86_400_000;

/** Parts of earlier builds, but not of the last ones: a program that still runs may load some late. */
function sweep(folder: string, written: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !written.has(path) && Date.now() - statSync(path).mtimeMs > DAY_MS) rmSync(path);
  }
}

/**
 * Bundles programs, with the threads that they may start, into `folder`: each as NAME.js from a source below the
 * project's folder. What they share and what they load late are files beside them. Throws what does not fit together.
 */
export async function bundle(folder: string, programs: Readonly<Record<string, string>>): Promise<void> {
  const { metafile } = await build({
    ...forNode,
    absWorkingDir: root,
    entryPoints: { ...Object.fromEntries(threads.map((name) => [name, `src/${name}.ts`])), ...programs },
    outdir: folder,
    splitting: true,
    external,
    plugins: [ownMaps],
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
  });
  sweep(folder, new Set(Object.keys(metafile.outputs).map((path) => join(root, path))));
}
