/**
 * Command lines that are advised: they can be pasted as they stand, whatever the workflow is called, and run that one command.
 * Whoever may start a workflow names it, and whoever pastes has a key, so no such line is written anywhere but here.
 */
import { utf8ToBytes } from '@noble/hashes/utils';

/** As one word of a POSIX shell, whatever is in it. */
export const inQuotes = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * In quotes where a shell would read something else; spelt out where it cannot be shown as it is or would be copied otherwise:
 * a browser copies two spaces as one, and backticks stand around a command in a sentence.
 */
export function quotedForShell(text: string): string {
  if (/^[\w@%+:,./][\w@%+=:,./-]*$/.test(text)) return text;
  return /[^\x20-\x7e]|`| {2}/.test(text) && !DROPPED.test(text) ? spelt(text) : inQuotes(text);
}

/** What a shell drops of what a command prints, so that it cannot be spelt out: shown by its code, it names no workflow. */
const DROPPED = /\0|\n$/;

/** Printable ASCII alone: everything else, and what means something to `printf`, as octal numbers. */
function spelt(text: string): string {
  const octal = (part: string) =>
    [...utf8ToBytes(part)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `"$(printf '${text.replace(/^-|[^\w@+=:,./-]+/g, octal)}')"`;
}

/** Flags stand before an id that looks like one. */
export function commandOn(command: string, workflowId: string, flags = ''): string {
  const id = quotedForShell(workflowId);
  const more = flags === '' ? '' : ` ${flags}`;
  return workflowId.startsWith('-')
    ? `countersign ${command}${more} -- ${id}`
    : `countersign ${command} ${id}${more}`;
}

/** The same of the stock CLI, where the id is a flag's value. */
export function temporalOn(command: string, workflowId: string): string {
  return `temporal workflow ${command} --workflow-id=${quotedForShell(workflowId)}`;
}
