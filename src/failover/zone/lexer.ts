/**
 * Splits a zone file into tokens exactly where BIND does, and remembers where each one stands. The text has one
 * character a byte (latin1), so a position is a byte position and nothing is lost on the way back.
 *
 * BIND's rules (lib/isc/lex.c), where RFC 1035 is silent: a semicolon begins a comment anywhere outside quotes, also
 * right behind a token; a quote or parenthesis ends the token before it; a lone CR ends a line; a quoted string ends
 * with its line unless the line end is escaped; inside parentheses line ends and blanks at the beginning mean nothing.
 */

export interface Token {
  /** First byte, the opening quote included. */
  readonly start: number;
  /** Behind the last byte, the closing quote included. */
  readonly end: number;
  /** As written, without the quotes around it; escapes are kept. */
  readonly text: string;
  readonly quoted: boolean;
}

/** Tokens that belong together: one record or directive, over however many lines. */
export interface Entry {
  readonly tokens: readonly Token[];
  /** The line began with a blank: the owner is that of the record before. */
  readonly blankOwner: boolean;
}

export interface Broken {
  readonly ok: false;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

export type Lexed = { readonly ok: true; readonly entries: readonly Entry[] } | Broken;

const blanks = /[ \t]+/y;
const comment = /;[^\n]*/y;
const lineEnd = /\r\n?|\n/y;
const quotedString = /"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what BIND refuses.
const word = /[^ \t\r\n;()"\\\x00]*(?:\\[^\r\n]?[^ \t\r\n;()"\\\x00]*)*/y;

/** The line (from 1) of a byte. */
export function lineOf(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next !== -1 && next < at; next = text.indexOf('\n', next + 1)) line++;
  return line;
}

/** What stopped the lexer, and where. */
export function broken(text: string, at: number, reason: string): Broken {
  return { ok: false, line: lineOf(text, at), reason };
}

class Lexer {
  readonly text: string;
  readonly entries: Entry[] = [];
  problem: Broken | undefined;
  private at = 0;
  private depth = 0;
  private lineStart = 0;
  private opened = 0;
  private blankOwner = false;
  private tokens: Token[] = [];

  constructor(text: string) {
    this.text = text;
  }

  run(): Lexed {
    while (this.at < this.text.length && this.problem === undefined) this.step();
    if (this.problem === undefined && this.depth > 0) this.stop(this.opened, 'a parenthesis is not closed');
    if (this.problem !== undefined) return this.problem;
    this.endEntry();
    return { ok: true, entries: this.entries };
  }

  private step(): void {
    switch (this.text[this.at]) {
      case ' ':
      case '\t':
        if (this.at === this.lineStart && this.depth === 0) this.blankOwner = true;
        this.skip(blanks);
        break;
      case ';':
        this.skip(comment);
        break;
      case '\r':
      case '\n':
        this.skip(lineEnd);
        this.lineStart = this.at;
        if (this.depth === 0) this.endEntry();
        break;
      case '(':
        if (this.depth === 0) this.opened = this.at;
        this.depth++;
        this.at++;
        break;
      case ')':
        if (this.depth === 0) this.stop(this.at, 'a closing parenthesis without an opening one');
        this.depth--;
        this.at++;
        break;
      case '"':
        this.quoted();
        break;
      default:
        this.word();
    }
  }

  private skip(pattern: RegExp): void {
    pattern.lastIndex = this.at;
    pattern.test(this.text);
    this.at = pattern.lastIndex;
  }

  private quoted(): void {
    const start = this.at;
    quotedString.lastIndex = start;
    if (!quotedString.test(this.text)) {
      this.stop(start, 'a quote is not closed in its line');
      return;
    }
    this.at = quotedString.lastIndex;
    this.tokens.push({ start, end: this.at, text: this.text.slice(start + 1, this.at - 1), quoted: true });
  }

  private word(): void {
    const start = this.at;
    this.skip(word);
    if (this.at === start) {
      this.stop(start, 'a NUL byte');
      return;
    }
    this.tokens.push({ start, end: this.at, text: this.text.slice(start, this.at), quoted: false });
  }

  private endEntry(): void {
    if (this.tokens.length > 0) this.entries.push({ tokens: this.tokens, blankOwner: this.blankOwner });
    this.tokens = [];
    this.blankOwner = false;
  }

  private stop(at: number, reason: string): void {
    this.problem = broken(this.text, at, reason);
  }
}

/** The entries of a zone file, or where and why it cannot be read. The text has one character a byte. */
export function lex(text: string): Lexed {
  return new Lexer(text).run();
}

/** A file's bytes as the text that this folder works on: one character a byte. */
export function zoneText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The bytes to write; the reverse of `zoneText`. */
export function zoneBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
