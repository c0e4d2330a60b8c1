/** What every query of Temporal's visibility needs. */

/** As a value in a query. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
