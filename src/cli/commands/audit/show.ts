/** `countersign audit show`: the record of one workflow, as it stands in the store, with whether its chain holds. */
import { AppError } from '../../../app/errors';
import { checkChain } from '../../../domain/chain';
import type { Root } from '../../../domain/digest';
import { parsed } from '../../../domain/entry';
import { commandOn } from '../../../domain/paste';
import type { AuditRecord, AuditStore } from '../../../store/audit-store';
import { command, examples, type Deps } from '../../command';
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
    .action(async (workflowId, options) => {
      const store = await deps.store();
      try {
        const entries = await store.entries(workflowId);
        if (entries.length === 0)
          throw new AppError(
            'NOT_FOUND',
            `the store holds no entries of ${workflowId}; ${await elsewhere(store, workflowId)}`,
          );
        const runs = [...new Set(entries.map((entry) => entry.firstRunId))].map((run) =>
          entries.filter((entry) => entry.firstRunId === run),
        );
        const verdicts = runs.flatMap((run) => run.slice(0, 1).map((root) => checkChain(root, run, [])));
        const trouble = verdicts.flatMap(({ faults }) => faults)[0]?.message;
        const branches = verdicts.reduce((sum, verdict) => sum + verdict.branches, 0);
        if (options.json)
          deps.streams.out(
            jsonLine({
              workflowId,
              holds: trouble === undefined,
              ...(trouble === undefined ? {} : { trouble }),
              ...(branches === 0 ? {} : { branches }),
              entries: entries.map((entry) => ({ ...entry, text: said(entry.text) })),
            }),
          );
        else for (const entry of entries) deps.streams.out(`${line(entry)}\n`);
        if (trouble !== undefined) throw new AppError('AUDIT_BROKEN', trouble);
        if (!options.json)
          deps.streams.out(
            `the chain holds: ${String(entries.length - branches)} entries${beside(branches)}\n`,
          );
      } finally {
        await store.close();
      }
    });

/** Of a workflow that was terminated only reconciliation tells, in its own chain. */
async function elsewhere(store: AuditStore, workflowId: string): Promise<string> {
  for await (const chain of store.chains())
    for (const { workflowId: by, seq, meta, text } of chain) {
      if (meta.type !== 'found-ended') continue;
      const { of, status } = parsed(text);
      if ((of as Partial<Root> | null | undefined)?.workflowId === workflowId)
        return `Temporal ended it without a word of its own (${String(status)}), as entry ${String(seq)} of ${by} tells: \`${commandOn('audit show', by)}\``;
    }
  return 'they are stored before the effect and at the end, and of one that was terminated `countersign reconcile` records it in its own chain';
}

/** Numbers that stand there twice. */
function beside(branches: number): string {
  if (branches === 0) return '';
  return (
    `; ${String(branches)} more branch off, left by an attempt that was cut off or a run before a reset; ` +
    'which branch counts, the head in the result says'
  );
}

/** What is no JSON, as it is; null where it was erased. */
function said(text: string | undefined): unknown {
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
