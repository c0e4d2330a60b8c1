/** `countersign result`: how it ended. */
import { AppError } from '../../app/errors';
import { byLevel, outcome, type AtLevel, type Ended, type GateResult } from '../../app/outcome';
import type { PlanResult, Result } from '../../client';
import type { FeedbackResult } from '../../domain/feedback';
import { visibleJson } from '../../domain/visible';
import { command, examples, positive, withClient, type Deps } from '../command';
import { jsonLine, visible, visibleId, visibleLine } from '../output';
import { progressOn } from '../waiting';

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
      withClient(deps, options, async (gates) => {
        const within = timeout === undefined ? undefined : timeout * 1_000;
        const waits = () => progressOn(deps, workflowId);
        const how = await outcome({ gates }, { workflowId, wait, within, waits });
        if (how.status === 'open')
          throw new AppError('STILL_OPEN', `${workflowId} has not ended yet; --wait stays until it has`);
        deps.streams.out(
          options.json ? jsonLine(how.result ?? null) : `${outcomeLines(how.ended).join('\n')}\n`,
        );
      }),
    );

function outcomeLines(ended: Ended): string[] {
  switch (ended.of) {
    case 'gate':
      return gateLines(ended.value);
    case 'feedback':
      return feedbackLines(ended.value);
    case 'other':
      if (typeof ended.value === 'string') return [`result   ${visible(ended.value)}`];
      return [`result   ${visibleJson(ended.value ?? null)}`];
  }
}

function feedbackLines({ feedback, refused, undelivered = [] }: FeedbackResult): string[] {
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

function gateLines(ended: GateResult): string[] {
  const { outcome: how, reason, result: value, audit } = ended;
  return [
    `outcome  ${visibleId(how)}`,
    ...(reason === undefined ? [] : [`reason   ${visibleLine(reason)}`]),
    ...(value === undefined ? [] : [`result   ${visibleJson(value)}`]),
    ...(ended.steps ?? []).map(step),
    ...(ended.changes ?? []).map(
      ({ revision, by }) => `changed  revision ${String(revision)}, by ${visibleLine(by)}`,
    ),
    ...byLevel(ended).flatMap(atLevel),
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

function atLevel({ level, decisions, escalations }: AtLevel): string[] {
  return [
    `level    ${visibleId(level)}`,
    ...decisions.map(decisionLine),
    ...escalations.map(
      ({ to, reason, at }) => `  ${visibleId(at)}  passed up to ${visibleId(to)}: ${visibleLine(reason)}`,
    ),
  ];
}

function decisionLine({ at, reviewer, verdict, to, until, comment }: Result['decisions'][number]): string {
  const more = [
    ...(to === undefined ? [] : [` to ${visibleId(to)}`]),
    ...(until === undefined ? [] : [` until ${visibleId(until)}`]),
    ...(comment === undefined ? [] : [` (${visibleLine(comment)})`]),
  ].join('');
  return `  ${visibleId(at)}  ${visibleId(reviewer)}: ${visibleId(verdict)}${more}`;
}
