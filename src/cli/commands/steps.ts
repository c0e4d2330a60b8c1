/** `countersign steps`: every step of a plan, how it stands, and where the one under way is decided. */
import { plan, type PlanSeen } from '../../app/plan';
import type { PlanSteps } from '../../client';
import { planBlock, planHeading } from '../../domain/packet/plan-text';
import { plainText } from '../../domain/packet/sentence';
import { commandOn } from '../../domain/paste';
import { command, examples, withClient, type Deps } from '../command';
import { jsonLine, visible, visibleId } from '../output';
import { factLines } from '../render';
import { short, tabled } from '../table';

export const steps = (deps: Deps) =>
  command('steps', 'a plan, step by step: how each stands, who decides now and where, what was taken back')
    .argument('<workflow id>')
    .addHelpText(
      'after',
      `\nThe id is the plan's, or that of one of its steps.\n${examples(
        'countersign steps release-4-2',
        'countersign steps release-4-2/deploy',
        'countersign steps release-4-2 --json | jq -r .current.workflowId',
      )}`,
    )
    .action((workflowId, options) =>
      withClient(deps, options, async (gates) => {
        const seen = await plan({ gates }, workflowId);
        deps.streams.out(options.json ? jsonLine(seen.plan) : planText(deps, seen));
      }),
    );

const HEAD = ['step', 'name', 'what', 'how it stands', 'workflow'];

function planText(deps: Deps, { plan: found, at, cutShort }: PlanSeen): string {
  const lines = planBlock(at)?.steps ?? [];
  const rows = found.steps.map((step, index) => [
    String(step.number),
    visibleId(step.name),
    short(plainText(lines[index]?.about ?? [])),
    short(index === cutShort ? 'under way when the plan ended' : plainText(lines[index]?.stands ?? [])),
    [step.workflowId, ...(step.undoWorkflowId === undefined ? [] : [step.undoWorkflowId])]
      .map(visibleId)
      .join('\n'),
  ]);
  const bold = deps.streams.colours.out.bold(visibleId(found.workflowId));
  return [
    `${bold}  ${visibleId(found.status)}: ${planHeading(at)}`,
    ...(found.closedBy === undefined || found.reason === undefined
      ? []
      : [`reason ${visible(found.reason)}`]),
    tabled(deps, HEAD, rows),
    ...now(found),
    '',
  ].join('\n');
}

/** Who decides now, and where. */
function now({ current }: PlanSteps): string[] {
  if (current === undefined) return [];
  const id = visibleId(current.workflowId);
  if (current.status !== 'open')
    return ['', `${id} is ${visibleId(current.status)}; nothing is open to decide`];
  return [
    '',
    `decide on   ${id} (${visibleId(commandOn('show', current.workflowId))})`,
    ...factLines(current, ['asked', 'missing', 'until']),
  ];
}
