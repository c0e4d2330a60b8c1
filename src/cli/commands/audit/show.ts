/** `countersign audit show`: the record of one workflow, as it stands in the store, with whether its chain holds. */
import { entriesOf } from '../../../app/audit/entries';
import { AppError } from '../../../app/errors';
import type { AuditRecord } from '../../../app/ports';
import { parsed } from '../../../domain/entry';
import { command, examples, withRecord, type Deps } from '../../command';
import { jsonLine, visible } from '../../output';

export const showEntries = (deps: Deps) =>
  command('show', 'the entries of one workflow, and whether their chain holds')
    .argument('<workflow id>')
    .addHelpText(
      'after',
      `\nEntries are stored before the effect and at the end.\n${examples(
        'countersign audit show proposal-1042',
        "countersign audit show proposal-1042 --json | jq '.entries[].meta.type'",
      )}`,
    )
    .action((workflowId, options) =>
      withRecord(deps, async (record) => {
        const { entries, trouble, branches } = await entriesOf({ record }, workflowId);
        if (options.json)
          deps.streams.out(
            jsonLine({
              workflowId,
              holds: trouble === undefined,
              ...(trouble === undefined ? {} : { trouble }),
              ...(branches === 0 ? {} : { branches }),
              entries: entries.map((entry) => ({ ...entry, text: jsonOrText(entry.text) })),
            }),
          );
        else for (const entry of entries) deps.streams.out(`${line(entry)}\n`);
        if (trouble !== undefined) throw new AppError('AUDIT_BROKEN', trouble);
        if (!options.json)
          deps.streams.out(
            `the chain holds: ${String(entries.length - branches)} entries${beside(branches)}\n`,
          );
      }),
    );

/** Numbers that stand there twice. */
function beside(branches: number): string {
  if (branches === 0) return '';
  return (
    `; ${String(branches)} more branch off, left by an attempt that was cut off or a run before a reset; ` +
    'which branch counts, the head in the result says'
  );
}

/** What is no JSON, as it is; null where it was erased. */
function jsonOrText(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Where an entry stands, shown in columns of its own, and what only its hash needs. */
const PLACE = ['v', 'salt', 'workflowId', 'firstRunId', 'seq', 'at', 'type'];

function line({ seq, hash, meta, text }: AuditRecord): string {
  const { at, type } = meta;
  const facts = Object.fromEntries(Object.entries(parsed(text)).filter(([key]) => !PLACE.includes(key)));
  const what = text === undefined ? 'its text is erased' : JSON.stringify(facts);
  return `${String(seq).padStart(3)}  ${visible(at || '-')}  ${visible(type || 'no entry').padEnd(12)}  ${visible(what)}  ${hash.slice(0, 12)}`;
}
