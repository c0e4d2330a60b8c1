/**
 * What a statement is, before it is sent anywhere. The preview runs before anybody has approved, in a transaction that
 * is rolled back: a second statement, or one that ends the transaction, would be an effect nobody allowed.
 */

const ALLOWED = [
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
];
const PREVIEWED = ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE', 'WITH'];

/** Comments, strings, quoted names and dollar quotes, which hide a semicolon; each ends, or the statement is refused. */
const OPAQUE =
  /--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\$([A-Za-z_][A-Za-z_0-9]*|)\$[\s\S]*?\$\1\$/y;

/** Why a statement may not be sent; undefined where it may. */
export function refused(statement: string): string | undefined {
  const bare = withoutOpaque(statement);
  if (bare === undefined)
    return 'has a string, a name or a comment that does not end, or a backslash in a string';
  if (/;\s*\S/.test(bare)) return 'is more than one statement; propose them one by one';
  const verb = verbOf(bare);
  if (!ALLOWED.includes(verb)) return `begins with ${verb || 'nothing'}; allowed are ${ALLOWED.join(', ')}`;
  return undefined;
}

export function previewed(statement: string): boolean {
  return PREVIEWED.includes(verbOf(withoutOpaque(statement) ?? ''));
}

function verbOf(bare: string): string {
  return (/^\s*([A-Za-z]+)/.exec(bare)?.[1] ?? '').toUpperCase();
}

/**
 * The statement with a blank for every opaque part; undefined where one does not end. A backslash in a string is not
 * taken: whether it escapes the quote depends on the server's settings, and so would where the string ends.
 */
function withoutOpaque(statement: string): string | undefined {
  let bare = '';
  for (let at = 0; at < statement.length;) {
    if (statement.startsWith('/*', at)) {
      const end = commentEnd(statement, at);
      if (end === undefined) return undefined;
      at = end;
      bare += ' ';
      continue;
    }
    OPAQUE.lastIndex = at;
    const found = OPAQUE.exec(statement)?.[0];
    if (found !== undefined) {
      if (found.startsWith("'") && found.includes('\\')) return undefined;
      at += found.length;
      bare += ' x '; // not nothing: `1;'x'` is two statements
      if (found.startsWith('--')) bare = bare.slice(0, -3) + ' ';
      continue;
    }
    const character = statement.charAt(at);
    if (/['"`]/.test(character)) return undefined;
    bare += character;
    at += 1;
  }
  return bare;
}

/** PostgreSQL's comments nest and SQLite's do not: one that holds another is refused rather than read two ways. */
function commentEnd(statement: string, start: number): number | undefined {
  const end = statement.indexOf('*/', start + 2);
  if (end < 0 || statement.slice(start + 2, end).includes('/*')) return undefined;
  return end + 2;
}
