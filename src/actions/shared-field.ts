/** The same words make the same field, whoever asks: schemas are never changed, and making each anew costs every start. */
export function shared<A extends readonly (string | number)[], T>(make: (...args: A) => T): (...args: A) => T {
  const made = new Map<string, T>();
  return (...args) => {
    const words = args.join(' ');
    const field = made.get(words) ?? make(...args);
    made.set(words, field);
    return field;
  };
}
