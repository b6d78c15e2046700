/** undici's pool without the rest of it, which is three times as large and has no part in calling a master. */
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici';

  export = Pool;
}
