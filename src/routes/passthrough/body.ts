import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'too-slow' };

/** How much of an oversized body is read and thrown away so that the caller hears the answer, bytes. */
const drained = 16 * 1024 * 1024;

/**
 * Reads a body of at most `limit` bytes within `ms`. Never throws on size or time; a broken connection rejects.
 * Too much is read on for a while and dropped: a caller that is still sending would not see an answer.
 */
export function readBody(request: IncomingMessage, limit: number, ms: number): Body | Promise<Body> {
  // Most reads: RFC 9112, section 6.3: a request that says nothing of a body has none.
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined)
    return { kind: 'text', text: '' };
  if (Number(request.headers['content-length'] ?? 0) > drained) return { kind: 'too-large' };
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => finish({ kind: 'too-slow' }), ms);
    function finish(body: Body): void {
      clearTimeout(timer);
      request.off('data', take);
      request.off('end', end);
      request.off('error', fail);
      request.off('close', closed);
      resolve(body);
    }
    function take(chunk: Buffer): void {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > drained) finish({ kind: 'too-large' });
    }
    function end(): void {
      finish(size > limit ? { kind: 'too-large' } : { kind: 'text', text: Buffer.concat(chunks).toString('utf8') });
    }
    function fail(error: Error): void {
      clearTimeout(timer);
      reject(error);
    }
    function closed(): void {
      fail(new Error('the caller closed the connection while sending'));
    }
    request.on('data', take).once('end', end).once('error', fail).once('close', closed);
  });
}
