/** Command lines that are advised: they can be pasted as they stand, whatever the workflow is called. Not yet made visible. */

/** As one word of a POSIX shell, whatever is in it. */
export const inQuotes = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** In quotes where a shell would read something else. */
export function quotedForShell(text: string): string {
  return /^[\w@%+=:,.][\w@%+=:,./-]*$/.test(text) ? text : inQuotes(text);
}

/** Flags stand before an id that looks like one. */
export function commandOn(command: string, workflowId: string, flags = ''): string {
  const id = quotedForShell(workflowId);
  const more = flags === '' ? '' : ` ${flags}`;
  return workflowId.startsWith('-')
    ? `countersign ${command}${more} -- ${id}`
    : `countersign ${command} ${id}${more}`;
}
