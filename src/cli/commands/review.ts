/** `countersign review`: a person walks through what waits on them, one by one; one recorded decision for each. */
import { waiting } from '../../app/inbox';
import { CountersignError } from '../../client';
import {
  command,
  counting,
  examples,
  positive,
  silent,
  withPorts,
  type Deps,
  type ReviewerPorts,
} from '../command';
import { Failure, troubleLine, visibleId } from '../output';
import { reviewed, type End, type ReviewOptions } from '../review';

export const review = (deps: Deps) =>
  command('review', 'walk through what waits on you, one by one, by single keys')
    .option('--reviewer <name>', 'who decides; the name itself, not an alias', deps.defaults.user)
    .option('--signed', 'also what you have signed already, to take it back')
    .option('--key <file>', 'your private key: signs each decision, where the gate asks for that')
    .option('--key-id <id>', 'what the directory calls your key; else as its file says')
    .option('--deployment <name>', 'the deployment that you sign for, and no other')
    .option('--limit <n>', 'at most so many', counting, 100)
    .option('--timeout <seconds>', 'how long to wait for each receipt', positive, 10)
    .addHelpText(
      'after',
      `\nEach gate is shown to its last line before anything can be said of it.\n${examples(
        'countersign review --reviewer ana',
        'COUNTERSIGN_PROMPTS=plain countersign review --reviewer ana',
      )}`,
    )
    .action(async (options) => {
      if (silent(deps, options))
        throw new Failure(
          'NO_TERMINAL',
          'review asks a person at a terminal, and there is none; list what waits with `countersign inbox --json`, ' +
            'read it with `countersign show`, and decide with `countersign approve <workflow id> --digest …`',
        );
      await withPorts(deps, options, async (ports) => {
        deps.streams.out(await walk(deps, ports, options));
      });
    });

/** What is there to be counted at the end. */
type Counted = End['did'] | 'refused' | 'failed' | 'unread';

/** Goes through all of them, whatever becomes of each; what there is to say in the end. */
async function walk(
  deps: Deps,
  ports: ReviewerPorts,
  options: ReviewOptions & { readonly limit: number },
): Promise<string> {
  const { items } = await waiting(ports, { reviewer: options.reviewer, limit: options.limit });
  const ids = items.map(({ workflowId }) => workflowId);
  if (ids.length === 0) return `Nothing waits on ${visibleId(options.reviewer)}.\n`;
  const counts: Partial<Record<Counted, number>> = {};
  const verdicts: Partial<Record<string, number>> = {};
  const count = (what: Counted, more = 1) => (counts[what] = (counts[what] ?? 0) + more);
  for (const [index, id] of ids.entries()) {
    const place = `${String(index + 1)} of ${String(ids.length)}`;
    const end = await ended(deps, () =>
      reviewed(deps, ports, id, options, { place, refused: () => count('refused') }),
    );
    count(end.did);
    if (end.did === 'decided') verdicts[end.verdict] = (verdicts[end.verdict] ?? 0) + 1;
    if (end.did !== 'left') continue;
    count('unread', ids.length - index);
    break;
  }
  return summary(counts, verdicts);
}

/** Trouble with one gate is said, and the next one comes; without a server there is none. */
async function ended(deps: Deps, one: () => Promise<End>): Promise<End | { readonly did: 'failed' }> {
  try {
    return await one();
  } catch (error) {
    if (!(error instanceof CountersignError) || error.code === 'MALFORMED_DECISION') throw error;
    deps.streams.err(troubleLine(error));
    return { did: 'failed' };
  }
}

const SENTENCES: readonly (readonly [Counted, (count: number) => string])[] = [
  ['skipped', (n) => `${String(n)} skipped`],
  ['refused', (n) => `${String(n)} refused by the gate`],
  ['moved', (n) => `${String(n)} decided by others meanwhile, or moved on`],
  ['failed', (n) => `${String(n)} could not be read or decided`],
  ['unread', (n) => `${String(n)} left unread`],
  ['signed', (n) => `${String(n)} not shown: you have signed already`],
  ['barred', (n) => `${String(n)} not shown: you may not decide there`],
];

function summary(
  counts: Partial<Record<Counted, number>>,
  verdicts: Partial<Record<string, number>>,
): string {
  const each = Object.entries(verdicts).map(([verdict, n]) => `${String(n)} ${verdict}`);
  const lines = [
    `${String(counts.decided ?? 0)} decided${each.length === 0 ? '' : `: ${each.join(', ')}`}`,
    ...SENTENCES.flatMap(([what, said]) => {
      const n = counts[what] ?? 0;
      return n === 0 ? [] : [said(n)];
    }),
  ];
  return `\n${lines.join('\n')}\n`;
}
