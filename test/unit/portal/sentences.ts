import { parseAst } from 'vitest/node';

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Properties whose text is shown to people as it is. */
const shown = new Set(
  'text label heading button empty fold help word meta caption sentence hint count folded before after title'.split(
    ' ',
  ),
);

function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'MemberExpression') return `${nameOf(node['object'])}.${nameOf(node['property'])}`;
  return typeof node['name'] === 'string' ? node['name'] : '';
}

/** What nobody reads on a page: the log, the audit trail's own details, errors of the programmer, types. */
function isUnseen(node: Node): boolean {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
      return node['source'] !== null && node['source'] !== undefined;
    case 'CallExpression':
      return /(^|\.)log\.\w+$/.test(nameOf(node['callee']));
    case 'NewExpression':
      return ['Error', 'RangeError'].includes(nameOf(node['callee']));
    case 'Property':
      return ['detail', 'event'].includes(nameOf(node['key']));
    default:
      return node.type.startsWith('TS') && !node.type.endsWith('Expression');
  }
}

function textOf(node: Node): string {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node['quasis'])) return '';
  const parts = node['quasis'].map((part: { readonly value: { readonly raw: string } }) => part.value.raw);
  return parts.join('…');
}

/** Words with a space between or around them, a word with a capital, or whatever is shown as it is. */
function isSentence(text: string, isShown: boolean): boolean {
  if (/\p{L}{2,}[,.:;]? +\p{L}|\p{L} +\p{L}{2,}|… \p{L}{2,}|\p{L}{2,} …/u.test(text)) return true;
  return /^\p{Lu}\p{Ll}+[.:]?$/u.test(text) || (isShown && /\p{L}{2}/u.test(text));
}

/** Whether what stands in that part of a node is shown as it is. */
function isShownIn(node: Node, part: string, isShown: boolean): boolean {
  if (node.type === 'Property') return part === 'value' && shown.has(nameOf(node['key']));
  return isShown && part !== 'test' && (node.type === 'ConditionalExpression' || node.type === 'LogicalExpression');
}

function walk(node: Node, isShown: boolean): readonly string[] {
  if (isUnseen(node)) return [];
  const text = textOf(node);
  const inside = Object.entries(node).flatMap(([part, child]) =>
    (Array.isArray(child) ? child : [child])
      .filter(isNode)
      .flatMap((one: Node) => walk(one, isShownIn(node, part, isShown))),
  );
  return isSentence(text, isShown) ? [text, ...inside] : inside;
}

/** Every text in a program's source that reads like words for people. */
export function sentencesIn(source: string): readonly string[] {
  // Cast: the parser's own type has no index; every part of it is looked at before it is used.
  return walk(parseAst(source, { lang: 'ts' }) as unknown as Node, false);
}
