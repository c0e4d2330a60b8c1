/**
 * A guard in front of every statement. The key and its effect are one transaction, and a preview is one that is rolled
 * back before anybody has approved: a statement that could commit either, by its verb or by a second statement behind
 * it, is refused before it reaches the database. So is what would reach beyond the database, as far as its text tells:
 * all of it for PostgreSQL (sql-postgres-table.ts), while SQLite itself asks (sql-sqlite-authorizer.ts).
 *
 * Limits: statements with semicolons of their own (CREATE TRIGGER … BEGIN … END in SQLite) are refused, and a function
 * or view of the database owner's, which a statement uses, may have effects of its own (see sql.ts).
 */
import type { Dialect } from './configured';
import { postgresRule } from './sql-postgres-table';
import { type Token, tokenize } from './sql-tokens';
import { VERBS, type Verb } from './sql-verbs';

export type Scanned =
  | {
      readonly ok: true;
      readonly verb: Verb;
      /** What in it no rollback undoes: it may run, once it is approved, but not be tried before. */
      readonly lasting?: string;
    }
  | { readonly ok: false; readonly message: string };

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
  if (tokens.some(namesEffects) && (verb !== 'SELECT' || tokens.some(isInto))) {
    return { ok: false, message: `${EFFECTS_TABLE} holds the idempotency keys; only a SELECT may name it` };
  }
  return dialect === 'postgres' ? beyond(tokens, verb) : { ok: true, verb };
}

function beyond(tokens: readonly Token[], verb: Verb): Scanned {
  const rule = postgresRule(tokens, verb);
  if (rule === undefined) return { ok: true, verb };
  if (rule.after === 'approval') return { ok: true, verb, lasting: rule.name };
  return {
    ok: false,
    message: `${rule.name} is not allowed: it ${rule.does}. docs/sql.md says what is, and what to do instead`,
  };
}

/** `SELECT … INTO` makes a table in PostgreSQL, and a temporary one would stand before the one with the keys. */
function isInto({ kind, text }: Token): boolean {
  return kind === 'word' && text.toUpperCase() === 'INTO';
}

function namesEffects({ kind, text }: Token): boolean {
  return (kind === 'word' || kind === 'quoted') && text.toLowerCase().includes(EFFECTS_TABLE);
}
