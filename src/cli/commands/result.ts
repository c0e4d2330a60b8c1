/** `countersign result`: how it ended. */
import { command, withClient, type Deps } from '../command';
import { EXIT, Failure, jsonLine, visible, visibleId } from '../output';
import { visibleJson } from '../../domain/visible';

export const result = (deps: Deps) =>
  command('result', 'how it ended: outcome, result, decisions, audit head')
    .argument('<workflow id>')
    .option('--wait', 'stay until it has ended')
    .addHelpText('after', '\nExamples:\n  $ countersign result proposal-1042 --wait --json')
    .action((workflowId, options) =>
      withClient(deps, options, async (countersign) => {
        const { status } = await countersign.status(workflowId);
        if (status === 'RUNNING' && !options.wait)
          throw new Failure(
            EXIT.refused,
            'STILL_OPEN',
            `${visibleId(workflowId)} has not ended yet; --wait stays until it has`,
          );
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
