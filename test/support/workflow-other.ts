/** Another workflow under the same name, as a careless change would make it: a timer where there was none. */
import { sleep } from '@temporalio/workflow';
import { proposeAndExecute as real } from '../../src/workflows';

export async function proposeAndExecute(argument: unknown): Promise<unknown> {
  await sleep('1 second');
  return real(argument);
}
