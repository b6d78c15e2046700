/** A read that many callers want at once: asked for again only when what is known is older than `ms`. */
export function fresh<T>(read: () => Promise<T>, ms: number, now: () => number): () => Promise<T> {
  let known: { readonly at: number; readonly value: T } | undefined;
  let reading: Promise<T> | undefined;
  return () => {
    if (known !== undefined && now() - known.at < ms) return Promise.resolve(known.value);
    reading ??= read()
      .then((value) => {
        known = { at: now(), value };
        return value;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
}
