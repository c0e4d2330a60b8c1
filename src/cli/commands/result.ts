/** `countersign result`: how it ended. */
import { AppError } from '../../app/errors';
import type { PlanResult, Result, ReviewedResult } from '../../client';
import { FeedbackResult } from '../../domain/feedback';
import { visibleJson } from '../../domain/visible';
import { command, examples, positive, withClient, type Deps } from '../command';
import { jsonLine, visible, visibleId, visibleLine } from '../output';
import { watched } from '../waiting';

export const result = (deps: Deps) =>
  command('result', 'how it ended: outcome, result, steps, decisions, audit head')
    .argument('<workflow id>')
    .option('--wait', 'stay until it has ended, and say on stderr what it waits for')
    .option('--timeout <seconds>', 'stay so long at most; exit 1 where it has not ended by then', positive)
    .addHelpText(
      'after',
      examples(
        'countersign result proposal-1042',
        'countersign result proposal-1042 --wait --json',
        'countersign result release-4-2 --timeout 600',
      ),
    )
    .action((workflowId, { timeout, wait = timeout !== undefined, ...options }) =>
      withClient(deps, options, async (countersign) => {
        const { status } = await countersign.status(workflowId);
        if (status === 'RUNNING' && !wait)
          throw new AppError('STILL_OPEN', `${workflowId} has not ended yet; --wait stays until it has`);
        // Of whichever type, also one of somebody's own.
        const end = (): Promise<unknown> =>
          countersign.result(workflowId, {
            within: timeout === undefined ? undefined : timeout * 1_000,
          });
        const ended = status === 'RUNNING' ? await watched(deps, countersign, workflowId, end) : await end();
        deps.streams.out(options.json ? jsonLine(ended ?? null) : `${told(ended).join('\n')}\n`);
      }),
    );

type Ended = Result & Partial<Pick<PlanResult, 'steps'> & Pick<ReviewedResult, 'changes'>>;

/** What has a gate ends in one way; anything else is shown for what it is. */
function told(ended: unknown): string[] {
  if (isOfGate(ended)) return toldOfGate(ended);
  const collected = FeedbackResult.safeParse(ended);
  if (collected.success) return toldOfFeedback(collected.data);
  if (typeof ended === 'string') return [`result   ${visible(ended)}`];
  return [`result   ${visibleJson(ended ?? null)}`];
}

function isOfGate(ended: unknown): ended is Ended {
  const { outcome, decisions, escalations, audit } = (ended ?? {}) as Partial<Ended>;
  return (
    typeof outcome === 'string' &&
    Array.isArray(decisions) &&
    Array.isArray(escalations) &&
    typeof audit?.head === 'string'
  );
}

function toldOfFeedback({ feedback, refused, undelivered = [] }: FeedbackResult): string[] {
  return [
    ...feedback.map(
      ({ reviewer, key, score, comment, correction }) =>
        `feedback ${visibleId(reviewer)}: ${visibleId(key)} ${String(score)}` +
        (comment === undefined ? '' : ` (${visibleLine(comment)})`) +
        (correction === undefined ? '' : `, should have been ${visibleJson(correction, 0)}`),
    ),
    ...(feedback.length === 0 ? ['feedback none'] : []),
    ...(refused === 0 ? [] : [`refused  ${String(refused)}`]),
    ...undelivered.map(
      ({ to, why, ids }) => `missing  ${String(ids.length)} not brought to ${to}: ${visibleLine(why)}`,
    ),
  ];
}

function toldOfGate(ended: Ended): string[] {
  const { outcome, reason, result: value, decisions, escalations, audit } = ended;
  return [
    `outcome  ${visibleId(outcome)}`,
    ...(reason === undefined ? [] : [`reason   ${visibleLine(reason)}`]),
    ...(value === undefined ? [] : [`result   ${visibleJson(value)}`]),
    ...(ended.steps ?? []).map(step),
    ...(ended.changes ?? []).map(
      ({ revision, by }) => `changed  revision ${String(revision)}, by ${visibleLine(by)}`,
    ),
    ...byLevel(decisions, escalations),
    `audit    ${String(audit.entries)} entries, head ${visibleId(audit.head)}`,
  ];
}

function step({ name, workflowId, outcome, reason, undo }: PlanResult['steps'][number]): string {
  const why = reason === undefined ? '' : ` (${visibleLine(reason)})`;
  const back =
    undo === undefined
      ? ''
      : `; taking it back: ${visibleId(undo.outcome)}${undo.reason === undefined ? '' : ` (${visibleLine(undo.reason)})`}`;
  return `step     ${visibleId(name)}: ${visibleId(outcome)}${why}${back}, in ${visibleId(workflowId)}`;
}

/** What was decided at each level, in the order they were asked, and why it was passed up. */
function byLevel(decisions: Result['decisions'], escalations: Result['escalations']): string[] {
  const levels = new Set([
    ...escalations.flatMap(({ from, to }) => [from, to]),
    ...decisions.map(({ level }) => level),
  ]);
  return [...levels].flatMap((level) => [
    `level    ${visibleId(level)}`,
    ...decisions.filter((one) => one.level === level).map(said),
    ...escalations
      .filter(({ from }) => from === level)
      .map(
        ({ to, reason, at }) => `  ${visibleId(at)}  passed up to ${visibleId(to)}: ${visibleLine(reason)}`,
      ),
  ]);
}

function said({ at, reviewer, verdict, to, until, comment }: Result['decisions'][number]): string {
  const more = [
    ...(to === undefined ? [] : [` to ${visibleId(to)}`]),
    ...(until === undefined ? [] : [` until ${visibleId(until)}`]),
    ...(comment === undefined ? [] : [` (${visibleLine(comment)})`]),
  ].join('');
  return `  ${visibleId(at)}  ${visibleId(reviewer)}: ${visibleId(verdict)}${more}`;
}
