/** A worker that restarts builds its workflows anew from their histories: deadlines and hashes must be the same. */
import { startWorkflowEnv, types, SHIP, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;

beforeAll(async () => {
  env = await startWorkflowEnv();
});
afterAll(() => env.stop());

test('the deadline that people were shown is the one that holds after a restart', async () => {
  const shown = [];
  for (let count = 0; count < 8; count += 1) shown.push(await env.opened());
  await env.stopWorker();
  await env.startWorker();
  for (const packet of shown) expect(await env.countersign.show(packet.workflowId)).toEqual(packet);
});

test('a restart in the middle of the effect leaves one chain in the store, and it holds', async () => {
  const packets = [];
  for (let count = 0; count < 4; count += 1)
    packets.push(await env.opened({ proposal: { ...SHIP, action: 'slow', args: {} } }));
  for (const { workflowId, digest } of packets)
    await env.countersign.send(workflowId, { digest: digest!, verdict: 'approve', reviewer: 'ana' });
  for (const { workflowId } of packets) await env.until(workflowId, ({ status }) => status === 'executing');
  const restarted = env.stopWorker().then(() => env.startWorker());
  env.actions.release();
  await restarted;
  for (const { workflowId } of packets) {
    expect((await env.countersign.result(workflowId)).outcome).toBe('executed');
    const told = types(await env.audit(workflowId)); // which verifies the chain against the workflow's head
    expect(told).toEqual(['proposed', 'opened', 'decided', 'approved', 'executed', 'closed']);
  }
});
