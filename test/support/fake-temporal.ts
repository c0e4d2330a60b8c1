/** Temporal as far as the typed client needs it, in this process: gates that the domain itself opens, judges and moves on. */
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import { Countersign } from '../../src/client';
import { admit } from '../../src/domain/gate/admit';
import { parseDecision, type Receipt } from '../../src/domain/gate/decision';
import { decide, openGate, receiptFor, refuse, type Gate } from '../../src/domain/gate';
import { openLevel } from '../../src/domain/gate/levels';
import { packetOf, type Result } from '../../src/domain/packet';
import type { Policy } from '../../src/domain/policy';
import { assessed, found, OPENED, PLACE, policy, proposal } from '../domain/given';

export interface FakeTemporal {
  readonly countersign: Countersign;
  readonly gates: Map<string, Gate>;
  readonly started: { type: string; argument: unknown; workflowId: string }[];
  readonly results: Map<string, unknown>;
  /** Somebody has terminated them, for this reason. */
  readonly terminated: Map<string, string>;
  /** What its clock says, in milliseconds since 1970. */
  now: number;
  /** Called with each signal before it is judged: what others do meanwhile. */
  meanwhile: (workflowId: string) => void;
  /** A gate on a refund, or on what is given. */
  open(workflowId: string, more?: Partial<Parameters<typeof openGate>[0]>): Gate;
  /** Somebody decides by other means. */
  say(workflowId: string, reviewer: string, verdict: string, more?: object): Receipt;
}

export const UNDER: Policy = policy({ approvers: { people: ['ana', 'bo'] } });

export function fakeTemporal(): FakeTemporal {
  const gates = new Map<string, Gate>();
  const results = new Map<string, unknown>();
  const terminated = new Map<string, string>();
  const statusOf = (workflowId: string) =>
    terminated.has(workflowId) ? 'TERMINATED' : results.has(workflowId) ? 'COMPLETED' : 'RUNNING';
  const started: FakeTemporal['started'] = [];
  let said = 0;
  const gateOf = (workflowId: string): Gate => {
    const gate = gates.get(workflowId);
    if (gate === undefined) throw new Error(`the test has no gate ${workflowId}`);
    return gate;
  };
  const judge = (gate: Gate, payload: unknown): { gate: Gate; receipt: Receipt } => {
    const parsed = parseDecision(payload);
    if (!parsed.ok) throw new Error(`the client sent what is no decision: ${parsed.problem}`);
    const { decision } = parsed;
    const refused = admit(gate, decision, fake.now + 1);
    const next =
      refused === undefined
        ? decide(gate, decision, fake.now + 1, found(gate, decision))
        : refuse(gate, decision, refused);
    return { gate: next, receipt: receiptFor(next, decision.id) };
  };
  const signal = (workflowId: string, payload: unknown): Receipt => {
    const { gate, receipt } = judge(gateOf(workflowId), payload);
    gates.set(workflowId, gate);
    if (gate.status === 'waiting') gates.set(gate.waitingOn, openLevel(gate, fake.now + 2));
    return receipt;
  };
  const query = (workflowId: string, name: string, argument: unknown): unknown => {
    const gate = gateOf(workflowId);
    if (name === 'gate') return packetOf(gate);
    return name === 'receipt' ? receiptFor(gate, String(argument)) : judge(gate, argument).receipt;
  };
  const handle = (workflowId: string) => ({
    query: async (definition: { name: string }, argument?: unknown) =>
      query(workflowId, definition.name, argument),
    signal: async (_: unknown, payload: unknown) => {
      fake.meanwhile(workflowId);
      signal(workflowId, payload);
    },
    async result() {
      const reason = terminated.get(workflowId);
      if (reason !== undefined)
        throw new WorkflowFailedError(reason, new TerminatedFailure(reason), 'NON_RETRYABLE_FAILURE');
      return results.get(workflowId);
    },
    describe: async () => ({ status: { name: statusOf(workflowId) }, raw: {} }),
  });
  const client = {
    withDeadline: async (_: number, work: () => unknown) => work(),
    workflow: {
      getHandle: handle,
      async start(type: string, { workflowId, args }: { workflowId: string; args: unknown[] }) {
        started.push({ type, workflowId, argument: args[0] });
        return { firstExecutionRunId: 'run-1' };
      },
      async *list({ query: asked }: { query: string }) {
        const [, whose = ''] = /CountersignApprovers = '([^']*)'/.exec(asked) ?? [];
        for (const [workflowId, gate] of gates) {
          const names = gate.status === 'open' ? (gate.level.approvers.people ?? []) : [];
          if (gate.status !== 'open' || (whose !== '' && !names.includes(whose) && !names.includes('*')))
            continue;
          yield {
            workflowId,
            runId: 'run-1',
            startTime: new Date(OPENED),
            typedSearchAttributes: {
              getAll: () => [
                { key: { name: 'CountersignApprovers' }, value: names },
                { key: { name: 'CountersignDueAt' }, value: new Date(gate.deadline) },
              ],
            },
          };
        }
      },
    },
  };
  const fake: FakeTemporal = {
    countersign: new Countersign({ client: client as unknown as Client }),
    gates,
    started,
    results,
    terminated,
    now: OPENED,
    meanwhile: () => undefined,
    open(workflowId, more = {}) {
      const opened = openGate(
        {
          root: { workflowId, firstRunId: 'run-1' },
          ...PLACE,
          gate: 'main',
          requester: 'req',
          proposal: proposal(),
          policy: UNDER,
          by: 'req',
          ...more,
          assessment: more.assessment ?? assessed((more.proposal ?? proposal()).args),
        },
        fake.now,
      );
      gates.set(workflowId, opened);
      return opened;
    },
    say(workflowId, reviewer, verdict, more = {}) {
      const { digest } = gateOf(workflowId);
      return signal(workflowId, { v: 1, id: `other-${String(++said)}`, digest, reviewer, verdict, ...more });
    },
  };
  return fake;
}

/** How a workflow with a gate ended, as its result is. */
export function resultOf(more: Partial<Result> = {}): Result {
  return {
    v: 1,
    outcome: 'approved',
    decisions: [],
    escalations: [],
    audit: { entries: 7, head: 'a'.repeat(64) },
    ...more,
  };
}
