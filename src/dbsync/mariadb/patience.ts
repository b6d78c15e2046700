/**
 * Waiting for a server as long as it can be reached. A statement may take an hour; a line that swallows packets without a
 * word must not be waited for until the kernel gives up, because both masters may apply nothing meanwhile.
 */

export interface Patience {
  /** How often it is asked whether the server can still be reached. */
  readonly everyMs: number;
  /** A connection of its own: the old one may hang where a new one passes, and then its keep-alive ends it. */
  readonly isReachable: () => Promise<boolean>;
}

const mostMissed = 2;

/**
 * Answers what `work` answers. When the server cannot be reached twice in a row, `giveUp` ends the work and `lost` is
 * thrown.
 */
export async function whileReachable<T>(
  work: Promise<T>,
  { everyMs, isReachable }: Patience,
  giveUp: () => void,
  lost: () => Error,
): Promise<T> {
  let asking: NodeJS.Timeout | undefined;
  let missed = 0;
  const gone = new Promise<never>((_resolve, reject) => {
    const ask = async (): Promise<void> => {
      missed = (await isReachable()) ? 0 : missed + 1;
      if (missed >= mostMissed) {
        giveUp();
        reject(lost());
      } else if (asking !== undefined) asking = setTimeout(ask, everyMs);
    };
    asking = setTimeout(ask, everyMs);
  });
  try {
    return await Promise.race([work, gone]);
  } finally {
    clearTimeout(asking);
    asking = undefined;
  }
}
