/** The two questions that gauges are made of, over a worker's own connection. */
import type { NativeConnection } from '@temporalio/worker';
import type { Visibility } from './gauges';

/** Milliseconds that an answer may take. */
const WITHIN = 10_000;

export function visibilityOf(connection: NativeConnection, namespace: string): Visibility {
  const service = connection.workflowService;
  const soon = <T>(ask: () => Promise<T>) => connection.withDeadline(Date.now() + WITHIN, ask);
  return {
    count: (query) =>
      soon(async () => Number((await service.countWorkflowExecutions({ namespace, query })).count)),
    starts: (query, most) =>
      soon(async () => {
        const asked = { namespace, query, pageSize: most };
        const { executions } = await service.listWorkflowExecutions(asked);
        return executions.flatMap(({ startTime }) =>
          startTime?.seconds == null ? [] : [new Date(Number(startTime.seconds) * 1000)],
        );
      }),
  };
}
