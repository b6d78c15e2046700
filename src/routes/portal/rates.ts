/** How much one visitor may ask for: a program gone wild, or somebody who tries things, must not slow down the others. */
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';

/** Requests a minute. */
export interface Rates {
  /** Of one person, pages that bring themselves up to date among them. */
  readonly reads: number;
  /** Of one person: forms that change something. */
  readonly writes: number;
  /** Of one address from which nobody is signed in. */
  readonly strangers: number;
}

const usual: Rates = { reads: 3000, writes: 300, strangers: 600 };
const windowMs = 60_000;

function keyOf(request: Request): string {
  return request.user === undefined ? ipKeyGenerator(request.ip ?? '') : `person ${request.user.name}`;
}

function limiter(limit: (request: Request) => number, skip: (request: Request) => boolean): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    skip,
    keyGenerator: keyOf,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) => next(Object.assign(new Error('too many requests'), { status: 429 })),
  });
}

/** Counted in this process alone: each web node counts for itself. Comes behind the session, which says who asks. */
export function rateLimits(rates: Rates = usual): readonly RequestHandler[] {
  return [
    limiter(
      (request) => (request.user === undefined ? rates.strangers : rates.reads),
      () => false,
    ),
    limiter(
      () => rates.writes,
      (request) => request.method === 'GET' || request.method === 'HEAD',
    ),
  ];
}
