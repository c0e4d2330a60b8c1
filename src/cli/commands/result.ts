/** `countersign result`: how it ended. */
import type { Countersign, Packet, Result } from '../../client';
import { command, examples, withClient, type Deps } from '../command';
import { visibleJson } from '../../domain/visible';
import { levelOf } from '../asked';
import { EXIT, Failure, jsonLine, local, visibleId, visibleLine } from '../output';

export const result = (deps: Deps) =>
  command('result', 'how it ended: outcome, result, decisions, audit head')
    .argument('<workflow id>')
    .option('--wait', 'stay until it has ended')
    .addHelpText('after', examples('countersign result proposal-1042 --wait --json'))
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const { status } = await countersign.status(workflowId);
        if (status === 'RUNNING' && !options.wait)
          throw new Failure(
            EXIT.refused,
            'STILL_OPEN',
            `${visibleId(workflowId)} has not ended yet; --wait stays until it has`,
          );
        if (status === 'RUNNING' && deps.streams.watched)
          deps.streams.err(await waiting(countersign, workflowId));
        const ended = await countersign.result(workflowId);
        if (options.json) {
          deps.streams.out(jsonLine(ended));
          return;
        }
        deps.streams.out(`${told(ended).join('\n')}\n`);
      }),
    );

function told({ outcome, reason, result: value, decisions, escalations, audit }: Result): string[] {
  return [
    `outcome  ${visibleId(outcome)}`,
    ...(reason === undefined ? [] : [`reason   ${visibleLine(reason)}`]),
    ...(value === undefined ? [] : [`result   ${visibleJson(value)}`]),
    ...byLevel(decisions, escalations),
    `audit    ${String(audit.entries)} entries, head ${visibleId(audit.head)}`,
  ];
}

/** What was decided at each level, in the order they were asked, and why it was passed up. */
function byLevel(decisions: Result['decisions'], escalations: Result['escalations']): string[] {
  const levels = new Set([...decisions.map(({ level }) => level), ...escalations.map(({ from }) => from)]);
  const last = escalations.at(-1)?.to;
  if (last !== undefined) levels.add(last);
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

/** Whom or what it waits for, in a line; without a worker only that it waits. */
export async function waiting(countersign: Countersign, workflowId: string): Promise<string> {
  const packet = await countersign.show(workflowId).catch(() => undefined);
  const what = packet === undefined ? 'its end' : whatFor(packet);
  return `${visibleId(workflowId)} waits for ${what}. Ctrl-C stops this command alone.\n`;
}

function whatFor(packet: Packet): string {
  const { status, deadline, waitingFor, waitingOn } = packet;
  if (waitingOn !== undefined) return `the level that ${visibleId(waitingOn)} asks`;
  if (status !== 'open')
    return waitingFor === undefined ? `its end; it is ${visibleId(status)}` : visibleLine(waitingFor);
  const { people = [], roles = [] } = levelOf(packet)?.approvers ?? {};
  const whom = [
    ...people.map((one) => (one === '*' ? 'anybody' : visibleId(one))),
    ...roles.map((role) => `role ${visibleId(role)}`),
  ];
  return `a decision by ${whom.join(', ')}, until ${local(deadline)}`;
}
