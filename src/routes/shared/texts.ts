/** Sentences by key, in the language of whoever reads. A catalogue is a flat record; another language adds another one. */

export type Texts = Readonly<Record<string, string>>;

export type Values = Readonly<Record<string, string | number>>;

/**
 * The sentence of a key, with `{name}` replaced by the value of that name. With a value `count` the key's forms
 * 'key.one' and 'key.other' (and what else the language's plural rules name) are looked at first.
 */
export type Say<Key extends string = string> = (key: Key, values?: Values) => string;

/** Opens a catalogue: the first that has a key gives its sentence. A key that nobody has stands for itself. */
export function sayer<Key extends string>(language: string, ...catalogues: readonly Texts[]): Say<Key> {
  const plural = new Intl.PluralRules(language);
  const find = (key: string): string | undefined => catalogues.find((texts) => Object.hasOwn(texts, key))?.[key];
  return (key, values = {}) => {
    const count = values['count'];
    const form = typeof count === 'number' ? find(`${key}.${plural.select(count)}`) : undefined;
    const text = form ?? find(key) ?? find(`${key}.other`) ?? key;
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}
