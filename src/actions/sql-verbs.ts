/** What a statement may begin with. */
export const VERBS = [
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
