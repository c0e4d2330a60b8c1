/**
 * A guard against leaving the transaction. The key and its effect are one transaction, and a preview is one that is
 * rolled back before anybody has approved: a statement that could commit either, by its verb or by a second statement
 * behind it, is refused before it reaches the database.
 *
 * It reads tokens the way the database does (SQLite and PostgreSQL disagree on nested comments, line ends, backslashes
 * and dollar quotes) and refuses what it is not sure about. It does not parse SQL.
 *
 * Limits: statements with semicolons of their own (CREATE TRIGGER … BEGIN … END in SQLite) are refused, and a function
 * that a statement calls may have effects of its own (see sql.ts).
 */
import type { Dialect } from './configured';

const VERBS = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'REPLACE',
  'WITH',
  'CREATE',
  'ALTER',
  'DROP',
  'TRUNCATE',
] as const;
export type Verb = (typeof VERBS)[number];

export type Scanned =
  { readonly ok: true; readonly verb: Verb } | { readonly ok: false; readonly message: string };

/** Where the keys are kept; only a SELECT may name it. */
export const EFFECTS_TABLE = 'countersign_effects';

export function scan(statement: string, dialect: Dialect): Scanned {
  const tokens = tokenize(statement, dialect);
  if (typeof tokens === 'string') return { ok: false, message: tokens };
  const [first] = tokens;
  if (first === undefined) return { ok: false, message: 'there is no statement in it' };
  const verb = VERBS.find((known) => first.kind === 'word' && known === first.text.toUpperCase());
  if (verb === undefined) {
    return {
      ok: false,
      message:
        `a statement must begin with one of ${VERBS.join(', ')}, not ${JSON.stringify(first.text.slice(0, 40))}: ` +
        'anything else could leave the transaction that holds the idempotency key',
    };
  }
  const end = tokens.findIndex(({ kind }) => kind === 'semicolon');
  if (end !== -1 && end < tokens.length - 1) {
    return { ok: false, message: 'only one statement is allowed, and something follows its semicolon' };
  }
  if (verb !== 'SELECT' && tokens.some(namesEffects)) {
    return { ok: false, message: `${EFFECTS_TABLE} holds the idempotency keys; only a SELECT may name it` };
  }
  return { ok: true, verb };
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'semicolon' | 'other';
  readonly text: string;
}

function namesEffects({ kind, text }: Token): boolean {
  return (kind === 'word' || kind === 'quoted') && text.toLowerCase().includes(EFFECTS_TABLE);
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

/** SQLite reads `$name(anything)` as one variable, quotes and semicolons included. */
const VARIABLE = /[$@:#][\w$:\u0080-\uffff]*/y;

const SQLITE: readonly Rule[] = [
  { kind: 'skip', pattern: /--[^\n]*/y },
  { kind: 'skip', pattern: /\/\*[^]*?\*\//y },
  { kind: 'text', pattern: /'(?:[^']|'')*'(?!')/y },
  { kind: 'quoted', pattern: /`(?:[^`]|``)*`(?!`)/y },
  { kind: 'quoted', pattern: /\[[^\]]*\]/y },
  { kind: 'other', pattern: VARIABLE },
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

/** What must never be read as a lone symbol: an opening whose end is missing. */
const UNCLOSED: Readonly<Record<Dialect, RegExp>> = {
  libsql: /['"`[]|\/\*/y,
  postgres: /['"]|\/\*|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y,
};

/** The tokens, without white space and comments, or why it cannot be read. */
function tokenize(statement: string, dialect: Dialect): Token[] | string {
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
  for (const { kind, pattern } of rules) {
    const match = matchAt(pattern, text, at);
    if (match === undefined) continue;
    if (pattern === VARIABLE && text[at + match.length] === '(') {
      return `a parameter at position ${String(at + 1)} is followed by a parenthesis`;
    }
    return { kind, text: match };
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
