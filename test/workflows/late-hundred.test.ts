/** A worker that was down past two hundred deadlines: what the server had in time is honoured, what it had not is refused. */
import type { DecideInput, Packet } from '../../src/client';
import { counted, share, WHOLE } from '../support/share';
import { past, refusals, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

const EACH = share(100, 10);
/** Time enough to open and to decide on all of them. */
const WITHIN = WHOLE ? '45 seconds' : '20 seconds';
let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

const approval = (packet: Packet): DecideInput => ({
  id: 'ana-approves',
  digest: packet.digest!,
  verdict: 'approve',
  reviewer: 'ana',
});

async function inTens<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < items.length; from += 10)
    done.push(...(await Promise.all(items.slice(from, from + 10).map(work))));
  return done;
}

test(`${String(EACH)} honest decisions read late are honoured, ${String(EACH)} late ones are refused`, async () => {
  const opened = await inTens(Array(2 * EACH).fill(0), () => env.opened({ policy: within(WITHIN) }));
  const [honest, late] = [opened.slice(0, EACH), opened.slice(EACH)];
  await env.stopWorker();
  await inTens(honest, (packet) => env.countersign.send(packet.workflowId, approval(packet)));
  for (const { deadline } of honest) expect(Date.now()).toBeLessThan(Date.parse(deadline!)); // or it proves nothing
  for (const { deadline } of opened) await past(deadline!);
  await inTens(late, (packet) => env.countersign.send(packet.workflowId, approval(packet)));
  await env.startWorker();

  const honoured = await inTens(honest, ({ workflowId }) => env.countersign.result(workflowId));
  expect(honoured.filter(({ outcome }) => outcome === 'executed')).toHaveLength(EACH);
  for (const [index, { decisions }] of honoured.entries())
    expect(Date.parse(decisions[0]!.at)).toBeLessThan(Date.parse(honest[index]!.deadline!));

  const refused = await inTens(late, ({ workflowId }) => env.countersign.result(workflowId));
  expect(
    refused.filter(({ outcome, decisions }) => outcome === 'expired' && decisions.length === 0),
  ).toHaveLength(EACH);
  for (const { workflowId } of late)
    expect(refusals(await env.audit(workflowId))).toEqual(['DEADLINE_PASSED']);
  expect(await env.actions.effects()).toHaveLength(EACH);
  for (const { workflowId } of opened) expect(await env.failedTasks(workflowId)).toEqual([]);
  counted('late-decisions', { honoured: honoured.length, refused: refused.length });
}, 300_000);
