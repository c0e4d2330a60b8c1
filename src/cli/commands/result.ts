/** `countersign result`: how it ended. */
import type { Countersign } from '../../client';
import { command, examples, withClient, type Deps } from '../command';
import { EXIT, Failure, jsonLine, local, visible, visibleId } from '../output';
import { visibleJson } from '../../domain/visible';

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
        const lines = [
          `outcome  ${ended.outcome}`,
          ...(ended.reason === undefined ? [] : [`reason   ${visible(ended.reason)}`]),
          ...(ended.result === undefined ? [] : [`result   ${visibleJson(ended.result)}`]),
          ...ended.decisions.map(
            (one) =>
              `${one.at}  ${visibleId(one.reviewer)}: ${one.verdict}${one.comment === undefined ? '' : ` (${visible(one.comment)})`}`,
          ),
          `audit    ${String(ended.audit.entries)} entries, head ${ended.audit.head}`,
        ];
        deps.streams.out(`${lines.join('\n')}\n`);
      }),
    );

/** Whom or what it waits for, in a line; without a worker only that it waits. */
async function waiting(countersign: Countersign, workflowId: string): Promise<string> {
  const { status, deadline, policy, waitingFor } = await countersign
    .show(workflowId)
    .catch(() => ({ status: undefined, deadline: undefined, policy: undefined, waitingFor: undefined }));
  const people = policy?.levels[0]?.approvers.people?.map((one) =>
    one === '*' ? 'anybody' : visibleId(one),
  );
  const what =
    status === 'open'
      ? `a decision by ${people?.join(', ') ?? 'anybody'}, until ${local(deadline)}`
      : waitingFor === undefined
        ? `its end${status === undefined ? '' : `; it is ${status}`}`
        : visible(waitingFor);
  return `${visibleId(workflowId)} waits for ${what}. Ctrl-C stops this command alone.\n`;
}
