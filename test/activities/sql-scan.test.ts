/** The guard in front of every statement. What it lets through is tried on real databases in sql.test.ts. */
import fc from 'fast-check';
import type { Dialect } from '../../src/actions/configured';
import { scan } from '../../src/actions/sql-scan';

const BOTH: readonly Dialect[] = ['sqlite', 'postgres'];

interface Row {
  said: string;
  statement: string;
  in?: readonly Dialect[];
  /** The verb, or a part of the refusal. */
  gives: string;
}

const accepted: Row[] = [
  { said: 'a plain select', statement: 'SELECT 1', gives: 'SELECT' },
  { said: 'the verb is found in any case', statement: 'dElEtE from t', gives: 'DELETE' },
  { said: 'one semicolon at the end is harmless', statement: 'DELETE FROM t;', gives: 'DELETE' },
  {
    said: 'a comment after the semicolon is harmless',
    statement: 'DELETE FROM t; -- gone\n /* all */ ',
    gives: 'DELETE',
  },
  {
    said: 'comments before the verb are passed over',
    statement: '-- COMMIT;\n/* ; */ UPDATE t SET a = 1',
    gives: 'UPDATE',
  },
  { said: 'a semicolon in a string is text', statement: "INSERT INTO t VALUES ('a;b')", gives: 'INSERT' },
  {
    said: 'a doubled quote stays in the string',
    statement: "INSERT INTO t VALUES ('it''s; COMMIT')",
    gives: 'INSERT',
  },
  { said: 'a semicolon in a quoted name is a name', statement: 'SELECT ";" FROM t', gives: 'SELECT' },
  { said: 'a trailing backslash escapes nothing', statement: "SELECT 'C:\\'", gives: 'SELECT' },
  {
    said: 'back ticks and brackets quote in SQLite',
    statement: 'SELECT `;`, [;] FROM t',
    in: ['sqlite'],
    gives: 'SELECT',
  },
  {
    said: 'dollar quotes hide a semicolon',
    statement: 'SELECT $$; COMMIT$$, $a$;$$;$a$',
    in: ['postgres'],
    gives: 'SELECT',
  },
  {
    said: 'an E string takes a backslashed quote',
    statement: "SELECT E'\\'; COMMIT'",
    in: ['postgres'],
    gives: 'SELECT',
  },
  {
    said: 'nested comments end together',
    statement: '/* /* */ ; COMMIT */ SELECT 1',
    in: ['postgres'],
    gives: 'SELECT',
  },
  {
    said: 'a number names a placeholder in SQLite',
    statement: 'SELECT ?1, ?2',
    in: ['sqlite'],
    gives: 'SELECT',
  },
  {
    said: 'a column u is no escape',
    statement: 'SELECT u & 1, u&v FROM t',
    in: ['postgres'],
    gives: 'SELECT',
  },
  { said: 'a placeholder is no dollar quote', statement: 'SELECT $1, $2', in: ['postgres'], gives: 'SELECT' },
  { said: 'the keys may be looked at', statement: 'SELECT * FROM countersign_effects', gives: 'SELECT' },
];

const second = 'only one statement';
const verb = 'a statement must begin with';
const open = 'never closed';
const refused: Row[] = [
  ...'BEGIN COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE START SET RESET COPY CALL DO ATTACH DETACH PRAGMA VACUUM PREPARE EXECUTE DISCARD LOCK NOTIFY LISTEN EXPLAIN ANALYZE REINDEX GRANT IMPORT LOAD VALUES TABLE'
    .split(' ')
    .map((word) => ({ said: `${word} is not on the list`, statement: `${word} x`, gives: verb })),
  { said: 'nothing at all', statement: ' -- COMMIT', gives: 'there is no statement' },
  { said: 'a verb must stand alone', statement: 'SELECTED 1', gives: verb },
  { said: 'a parenthesis is no verb', statement: '(DELETE FROM t)', gives: verb },
  { said: 'an empty statement hides the next', statement: ';COMMIT', gives: verb },
  { said: 'a byte order mark is no verb', statement: '\ufeffCOMMIT', gives: verb },
  { said: 'a quoted verb is no verb', statement: '"SELECT" 1', gives: verb },
  { said: 'two statements', statement: 'DELETE FROM t; COMMIT', gives: second },
  { said: 'two semicolons', statement: 'DELETE FROM t;;', gives: second },
  { said: 'the second one behind comments', statement: 'SELECT 1 /*;*/ ; --\n COMMIT', gives: second },
  { said: 'a comment cannot be opened in a string', statement: "SELECT '/*'; COMMIT; --*/", gives: second },
  { said: 'a string cannot be opened in a comment', statement: "SELECT 1 /*'*/; COMMIT; --'", gives: second },
  { said: 'a string ends at a backslash', statement: "SELECT '\\'; COMMIT; --'", gives: second },
  {
    said: 'SQLite ends a nested comment at once',
    statement: 'SELECT 1 /* /* */ ; COMMIT; --*/',
    in: ['sqlite'],
    gives: second,
  },
  {
    said: 'SQLite ends a comment before the verb',
    statement: '/* /* */ COMMIT; -- */ SELECT 1',
    in: ['sqlite'],
    gives: verb,
  },
  {
    said: 'PostgreSQL ends a line at a carriage return',
    statement: 'SELECT 1; -- x\rCOMMIT',
    in: ['postgres'],
    gives: second,
  },
  { said: 'and before the verb', statement: '-- x\rCOMMIT', in: ['postgres'], gives: verb },
  {
    said: 'SQLite has no dollar quotes',
    statement: 'SELECT $$; COMMIT; --$$',
    in: ['sqlite'],
    gives: 'named parameter',
  },
  { said: 'SQLite has no E strings', statement: "SELECT E'\\'; COMMIT; --'", in: ['sqlite'], gives: second },
  {
    said: 'PostgreSQL has no back ticks',
    statement: 'SELECT `; COMMIT; --`',
    in: ['postgres'],
    gives: second,
  },
  { said: 'nor brackets', statement: 'SELECT [; COMMIT; --]', in: ['postgres'], gives: second },
  {
    said: 'a dollar in a name opens nothing',
    statement: 'SELECT a$$; COMMIT; --$$',
    in: ['postgres'],
    gives: second,
  },
  {
    said: 'dollar tags differ in case',
    statement: 'SELECT $a$;$A$; COMMIT; --$a',
    in: ['postgres'],
    gives: open,
  },
  {
    said: 'an E string that goes on keeps escaping',
    statement: "SELECT E'a'\n'\\'; COMMIT; --'",
    in: ['postgres'],
    gives: 'side by side',
  },
  {
    said: 'a parameter with parentheses swallows quotes',
    statement: "SELECT $a(')  ; COMMIT; --'",
    in: ['sqlite'],
    gives: 'what stands at position 8 is a named parameter',
  },
  {
    said: 'a named parameter has no place among values in order',
    statement: 'UPDATE t SET a = :a',
    in: ['sqlite'],
    gives: 'write ? and give the values in order',
  },
  {
    said: 'letters that are escaped spell no name',
    statement: 'SELECT U&"pg_read_f\\0069le"(\'x\')',
    in: ['postgres'],
    gives: 'begins a name or text with Unicode escapes',
  },
  {
    said: 'nor does a text of such letters',
    statement: "SELECT u&'\\0041'",
    in: ['postgres'],
    gives: 'begins a name or text with Unicode escapes',
  },
  {
    said: 'the keys may not be copied to a table that would stand before them',
    statement: 'SELECT * INTO TEMP countersign_effects FROM public.countersign_effects',
    gives: 'only a SELECT may name it',
  },
  { said: 'an open string', statement: "SELECT 'a''", gives: open },
  { said: 'an open name', statement: 'SELECT "a', gives: open },
  { said: 'an open comment', statement: 'SELECT 1 /* COMMIT', gives: open },
  {
    said: 'a NUL, behind which a database reads nothing',
    statement: 'SELECT 1\u0000; COMMIT',
    gives: 'control character',
  },
  {
    said: 'the keys may not be deleted',
    statement: 'DELETE FROM Countersign_Effects',
    gives: 'only a SELECT may name it',
  },
  {
    said: 'nor under a quoted name',
    statement: 'DROP TABLE "countersign_effects"',
    gives: 'only a SELECT may name it',
  },
  {
    said: 'nor in a CTE',
    statement: 'WITH d AS (DELETE FROM countersign_effects) SELECT 1',
    gives: 'only a SELECT may name it',
  },
];

const each = (rows: readonly Row[]): (Row & { dialect: Dialect })[] =>
  rows.flatMap((row) => (row.in ?? BOTH).map((dialect) => ({ ...row, dialect })));

test.each(each(accepted))('accepted ($dialect): $said', ({ statement, dialect, gives }) => {
  expect(scan(statement, dialect)).toEqual({ ok: true, verb: gives });
});

test.each(each(refused))('refused ($dialect): $said', ({ statement, dialect, gives }) => {
  expect(scan(statement, dialect)).toEqual({ ok: false, message: expect.stringContaining(gives) as string });
});

/** Pieces that end, open or hide something somewhere. */
const pieces = [
  "'",
  '"',
  '`',
  '[',
  ']',
  '/*',
  '*/',
  '--',
  '\n',
  '\r',
  ';',
  '$$',
  '$a$',
  '\\',
  "E'",
  ' ',
  'x',
  '(',
  ')',
  '$a(',
];

test('whatever surrounds it, a second statement at the top level is never let through', () => {
  // A whole statement is closed by its own semicolon: whatever is put behind it can only be refused.
  const whole = fc.constantFrom(
    'SELECT 1',
    "SELECT 'a'",
    'DELETE FROM t /* x */',
    'UPDATE t SET a = 1 -- y\n',
  );
  fc.assert(
    fc.property(
      whole,
      fc.array(fc.constantFrom(...pieces)),
      fc.constantFrom(...BOTH),
      (first, rest, dialect) => {
        const found = scan(`${first};COMMIT${rest.join('')}`, dialect);
        expect(found.ok).toBe(false);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('any text at all gets an answer, in time that grows with its length', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())),
      fc.constantFrom(...BOTH),
      (parts, dialect) => {
        const text = `SELECT ${parts.join('')}`;
        const found = scan(text, dialect);
        expect(found.ok ? found.verb : found.message.length > 0).toBe(found.ok ? 'SELECT' : true);
      },
    ),
    { numRuns: 2_000 },
  );
  // Of this process: a busy machine makes it wait, not work.
  const began = process.cpuUsage();
  for (const piece of pieces) scan(`SELECT ${piece.repeat(50_000 / piece.length)}`, 'postgres');
  for (const piece of pieces) scan(`SELECT ${piece.repeat(50_000 / piece.length)}`, 'sqlite');
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1_000).toBeLessThan(2_000);
});
