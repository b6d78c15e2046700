/** What customers define, from the text that the server was given to one statement that can be run alone. Pure. */
import type { Definition } from './transactions.ts';

function quotedEnd(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - 2), at);
  const isEscape = /(^|\W)e$/i.test(before);
  const plain = text[at] === '"' ? /^"(?:[^"]|"")*"/ : /^'(?:[^']|'')*'/;
  const found = (isEscape && text[at] === "'" ? /^'(?:[^'\\]|\\[\s\S]|'')*'/ : plain).exec(text.slice(at));
  return found === null ? text.length : at + found[0].length;
}

function dollarEnd(text: string, at: number): number {
  const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 80))?.[0];
  if (tag === undefined || /[\w$]/.test(text[at - 1] ?? ' ')) return at;
  const end = text.indexOf(tag, at + tag.length);
  return end < 0 ? text.length : end + tag.length;
}

/** The end of a quoted piece, a comment, or a dollar-quoted body that begins at `at`; `at` where none does. */
function skip(text: string, at: number): number {
  const letter = text[at] ?? '';
  if (letter === "'" || letter === '"') return quotedEnd(text, at);
  if (text.startsWith('--', at)) return at + (/^--[^\n]*/.exec(text.slice(at))?.[0].length ?? 0);
  if (text.startsWith('/*', at)) return commentEnd(text, at);
  return letter === '$' ? dollarEnd(text, at) : at;
}

/** Comments nest. */
function commentEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** `BEGIN ATOMIC … END` holds statements of its own. */
function bodyDepth(word: string, before: string, depth: number): number {
  if (depth > 0 && /^(case)$/i.test(word)) return depth + 1;
  if (/^atomic$/i.test(word) && /begin\s+$/i.test(before)) return depth + 1;
  return depth > 0 && /^end$/i.test(word) ? depth - 1 : depth;
}

/** The statements of a text, without their semicolons and without the comments in front. */
export function statementsIn(text: string): readonly string[] {
  const found: string[] = [];
  let begin = 0;
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const next = skip(text, at);
    const word = next > at ? undefined : /^[A-Za-z_]\w*/.exec(text.slice(at, at + 64))?.[0];
    if (next > at) at = next;
    else if (word !== undefined) {
      depth = bodyDepth(word, text.slice(Math.max(0, at - 16), at), depth);
      at += word.length;
    } else {
      if (text[at] === ';' && depth === 0) {
        found.push(text.slice(begin, at));
        begin = at + 1;
      }
      at += 1;
    }
  }
  return [...found, text.slice(begin)].map(bare).filter((one) => one !== '');
}

function bare(statement: string): string {
  let text = statement.trim();
  while (text.startsWith('--') || text.startsWith('/*')) text = text.slice(skip(text, 0)).trim();
  return text;
}

/** In one go each: a customer's text must not cost more than its length, since one process carries for all. */
function hasInOrder(words: string, first: RegExp, then: RegExp): boolean {
  const found = first.exec(words);
  return found !== null && then.test(words.slice(found.index + found[0].length));
}

/** Whether a statement is of the kind that the server calls by this tag. */
function isTagged(statement: string, tag: string): boolean {
  const words = statement.replace(/\s+/g, ' ').toUpperCase();
  if (tag === 'CREATE TABLE AS') return words.startsWith('CREATE ') && hasInOrder(words, /\bTABLE\b/, /\bAS\b/);
  if (tag === 'SELECT INTO') return /^(SELECT|WITH)\b.*\bINTO\b/s.test(words);
  const [verb = '', ...object] = tag.split(' ');
  if (!words.startsWith(`${verb} `) && words !== verb) return false;
  if (verb !== 'CREATE') return words.startsWith(tag);
  const between =
    '(?:OR REPLACE |TEMP |TEMPORARY |UNLOGGED |UNIQUE |RECURSIVE |TRUSTED |PROCEDURAL |CONSTRAINT |GLOBAL |LOCAL )*';
  return new RegExp(`^CREATE ${between}${object.join(' ')}\\b`).test(words);
}

export type Carriable =
  | { readonly kind: 'run'; readonly sql: string }
  /** A table of one session. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly reason: string };

/** `SELECT … INTO name …` as the statement that makes the same table; undefined where the text does not say it plainly. */
function withoutInto(statement: string): { readonly sql: string; readonly isTemporary: boolean } | undefined {
  const into =
    /\bINTO\s+(?:(TEMP|TEMPORARY|UNLOGGED)\s+)?(?:TABLE\s+)?((?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*))?)/gi;
  const all = [...statement.matchAll(into)];
  const [found] = all;
  if (found === undefined || all.length !== 1) return undefined;
  const [text, kind = '', name = ''] = found;
  const rest = `${statement.slice(0, found.index)} ${statement.slice(found.index + text.length)}`;
  const isUnlogged = /unlogged/i.test(kind);
  return {
    sql: `CREATE ${isUnlogged ? 'UNLOGGED ' : ''}TABLE ${name} AS ${rest} WITH NO DATA`,
    isTemporary: /^temp/i.test(kind) || /^pg_temp\b/i.test(name),
  };
}

/** What cannot run inside a transaction or would take its rows along twice. */
function adapted(statement: string, tag: string): string {
  if (tag === 'CREATE INDEX' || tag === 'DROP INDEX') return statement.replace(/\bCONCURRENTLY\b/i, '');
  if (tag === 'CREATE TABLE AS' && !/\bWITH\s+(NO\s+)?DATA\s*$/i.test(statement)) return `${statement} WITH NO DATA`;
  if (tag === 'CREATE TABLE AS') return statement.replace(/\bWITH\s+DATA\s*$/i, 'WITH NO DATA');
  return statement;
}

/** The one statement to run on the other master, or why there is none. */
export function carriable(definition: Definition): Carriable {
  const { tag, n, query } = definition;
  const all = statementsIn(query).filter((one) => isTagged(one, tag));
  const statement = all.length === 1 ? all[0] : all[n];
  if (statement === undefined)
    return {
      kind: 'refused',
      reason: `${tag} of ${definition.objects.trim().split('\n').join(', ')} came from inside a function or block and cannot be told from its text`,
    };
  if (tag === 'SELECT INTO') {
    const plain = withoutInto(statement);
    if (plain === undefined)
      return { kind: 'refused', reason: 'the target of SELECT INTO cannot be told from its text' };
    return plain.isTemporary ? { kind: 'nothing' } : { kind: 'run', sql: plain.sql };
  }
  if (
    tag === 'CREATE TABLE AS' &&
    /^CREATE\s+(GLOBAL\s+|LOCAL\s+)?(TEMP|TEMPORARY|TABLE\s+(IF\s+NOT\s+EXISTS\s+)?pg_temp)\b/i.test(statement)
  )
    return { kind: 'nothing' };
  return { kind: 'run', sql: adapted(statement, tag) };
}
