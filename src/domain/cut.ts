/** Text that is cut is still text: half of a surrogate pair has no canonical form, and no digest of it could be computed again. */

/** The beginning, of so many UTF-16 units at most. */
export function cut(text: string, most: number): string {
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
