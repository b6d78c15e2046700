import { AppError } from '../errors.ts';

/** There is no redis-server on this machine. */
export class EmbeddedRedisMissing extends AppError {
  readonly code = 'redis.missing';
  readonly retry = 'never';
}

/** Another running Tandem uses this folder. */
export class EmbeddedRedisTaken extends AppError {
  readonly code = 'redis.taken';
  readonly retry = 'later';
}

/** The server was started and did not become ready. */
export class EmbeddedRedisFailed extends AppError {
  readonly code = 'redis.failed';
  readonly retry = 'later';
}
