/**
 * A statement as tokens, read the way the database reads it: SQLite and PostgreSQL disagree on nested comments, line
 * ends, backslashes and dollar quotes. What it is not sure about it refuses. It does not parse SQL.
 */
import type { Dialect } from './configured';

export interface Token {
  /** A `word` is a name or a keyword as written, a `quoted` one a name in its quotes, `text` a string literal. */
  readonly kind: 'word' | 'quoted' | 'text' | 'semicolon' | 'other';
  readonly text: string;
}

interface Rule {
  readonly kind: Token['kind'] | 'skip';
  readonly pattern: RegExp;
}

/** In order; the first that matches at a position is the token there. */
const COMMON: readonly Rule[] = [
  { kind: 'skip', pattern: /[ \t\n\f\r]+/y },
  { kind: 'quoted', pattern: /"(?:[^"]|"")*"(?!")/y },
  { kind: 'word', pattern: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y },
  { kind: 'semicolon', pattern: /;/y },
  { kind: 'other', pattern: /[0-9.]+/y },
];

const SQLITE: readonly Rule[] = [
  { kind: 'skip', pattern: /--[^\n]*/y },
  { kind: 'skip', pattern: /\/\*[^]*?\*\//y },
  { kind: 'text', pattern: /'(?:[^']|'')*'(?!')/y },
  { kind: 'quoted', pattern: /`(?:[^`]|``)*`(?!`)/y },
  { kind: 'quoted', pattern: /\[[^\]]*\]/y },
  ...COMMON,
];

const POSTGRES: readonly Rule[] = [
  { kind: 'skip', pattern: /--[^\n\r]*/y },
  // Backslashes escape in E'…' alone: every transaction of ours sets standard_conforming_strings.
  { kind: 'text', pattern: /[eE]'(?:[^'\\]|''|\\[^])*'(?!')/y },
  { kind: 'text', pattern: /'(?:[^']|'')*'(?!')/y },
  { kind: 'text', pattern: /(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[^]*?\1/y },
  { kind: 'other', pattern: /\$[0-9]+/y },
  ...COMMON,
];

/** What is read in a way of its own, which nobody needs here: why it is refused. */
const REFUSED: Readonly<Record<Dialect, { readonly pattern: RegExp; readonly why: string }>> = {
  // `$name(anything)` would be one variable, quotes and semicolons included.
  sqlite: {
    pattern: /[$@:#]/y,
    why: 'is a named parameter or none at all; write ? and give the values in order',
  },
  // A name whose letters are escaped would not be found in any list of names.
  postgres: {
    pattern: /[uU]&['"]/y,
    why: 'begins a name or text with Unicode escapes; write it as it is',
  },
};

/** What must never be read as a lone symbol: an opening whose end is missing. */
const UNCLOSED: Readonly<Record<Dialect, RegExp>> = {
  sqlite: /['"`[]|\/\*/y,
  postgres: /['"]|\/\*|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y,
};

/** The tokens, without white space and comments, or why it cannot be read. */
export function tokenize(statement: string, dialect: Dialect): Token[] | string {
  const tokens: Token[] = [];
  const rules = dialect === 'postgres' ? POSTGRES : SQLITE;
  for (let at = 0; at < statement.length;) {
    const found = next(statement, at, rules, dialect);
    if (typeof found === 'string') return found;
    // PostgreSQL continues a string across lines, in the escape mode of its first part: too subtle to follow.
    if (dialect === 'postgres' && found.kind === 'text' && tokens.at(-1)?.kind === 'text') {
      return 'two string literals stand side by side; write one';
    }
    if (found.kind !== 'skip') tokens.push({ kind: found.kind, text: found.text });
    at += found.text.length;
  }
  return tokens;
}

/** The name as the database knows it, letters in lower case; undefined where the token is none. */
export function nameOf({ kind, text }: Token): string | undefined {
  if (kind === 'word') return text.toLowerCase();
  return kind === 'quoted' ? text.slice(1, -1).replaceAll('""', '"').toLowerCase() : undefined;
}

function next(
  text: string,
  at: number,
  rules: readonly Rule[],
  dialect: Dialect,
): { kind: Rule['kind']; text: string } | string {
  if (dialect === 'postgres' && text.startsWith('/*', at)) {
    const end = nestedCommentEnd(text, at);
    return end === undefined ? unclosed(at) : { kind: 'skip', text: text.slice(at, end) };
  }
  const refused = REFUSED[dialect];
  if (matchAt(refused.pattern, text, at) !== undefined) {
    return `what stands at position ${String(at + 1)} ${refused.why}`;
  }
  for (const { kind, pattern } of rules) {
    const match = matchAt(pattern, text, at);
    if (match !== undefined) return { kind, text: match };
  }
  if (matchAt(UNCLOSED[dialect], text, at) !== undefined) return unclosed(at);
  const symbol = text.charAt(at);
  if (symbol < ' ' || symbol === '\u007f')
    return `there is a control character at position ${String(at + 1)}`;
  return { kind: 'other', text: symbol };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function unclosed(at: number): string {
  return `a quote or comment that opens at position ${String(at + 1)} is never closed`;
}

function nestedCommentEnd(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const pair = text.slice(at, at + 2);
    if (pair === '/*') depth++;
    if (pair === '*/') depth--;
    at += pair === '/*' || pair === '*/' ? 2 : 1;
    if (depth === 0) return at;
  }
  return undefined;
}
