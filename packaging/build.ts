/** npm run build: the program, as ./bin/tandem starts it. */
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';

await bundle(fileURLToPath(new URL('../dist/src', import.meta.url)), { main: 'src/main.ts' });
