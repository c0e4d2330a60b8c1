/** The ways a proposal goes, ours and by hand, each cut into the same steps: park it, decide on it, know how it ended. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Countersign, Packet } from '../../src/client';
import { ARGS, type Bench } from './bench';
import { approveSignal, approveUpdate, stateQuery } from './workflows';

export interface Parked {
  readonly workflowId: string;
  /** Where the effect notes when it ran. */
  readonly key: string;
  /** Resolves once it waits for its decision: a person has read the gate before they decide. */
  ready(): Promise<void>;
  /** Sends the decision; where it answers with the outcome, that is all there is to wait for. */
  send(): Promise<void>;
  /** Resolves once the receipt is there. */
  receipt(): Promise<void>;
  /** Resolves once it is known how it ended. */
  outcome(): Promise<void>;
}

export interface Way {
  readonly name: string;
  readonly what: string;
  park(bench: Bench): Promise<Parked>;
}

const POLICY = {
  confirmation: 'CONFIRM' as const,
  levels: [{ name: 'HUMAN', approvers: { people: ['*'] }, respondWithin: '1 day' as const }],
};

export const WAYS = {
  floor: byHand('floor', 'by hand: given, signal, effect as an activity', (key) => ({
    args: { ...ARGS, at: key },
  })),
  ours: gate('ours', 'ours: given, signal, effect as an activity', 'ship', 'given', false),
  floorAgent: byHand('floor, agent', 'by hand: agent, signal, effect as an activity', (key) => ({
    task: key,
  })),
  oursAgent: gate('ours, agent', 'ours: agent, signal, effect as an activity', 'ship', 'agent', false),
  floorAtOnce: atOnceByHand(),
  oursAtOnce: gate(
    'ours, at once',
    'ours: given, update with outcome, short effect',
    'shipAtOnce',
    'given',
    true,
  ),
  oursEager: gate(
    'ours, at once, eager',
    'ours: the same, started eagerly on the worker’s connection',
    'shipAtOnce',
    'given',
    true,
    (bench) => bench.eager,
  ),
} satisfies Record<string, Way>;

function byHand(name: string, what: string, given: (key: string) => object): Way {
  return {
    name,
    what,
    async park({ client, floorQueue: taskQueue }) {
      const key = randomUUID();
      const workflowId = `floor-${key}`;
      const handle = await client.workflow.start('floor', { taskQueue, workflowId, args: [given(key), key] });
      return {
        workflowId,
        key,
        async ready() {
          while ((await handle.query(stateQuery)) === 'proposing') await pause(20);
        },
        async send() {
          await handle.signal(approveSignal, 'ana');
        },
        async receipt() {
          while ((await handle.query(stateQuery)) !== 'approved') await pause(5);
        },
        async outcome() {
          await handle.result();
        },
      };
    },
  };
}

function atOnceByHand(): Way {
  return {
    name: 'floor, at once',
    what: 'by hand: given, update with outcome, effect as a local activity',
    async park({ client, floorQueue: taskQueue }) {
      const key = randomUUID();
      const workflowId = `floor-at-once-${key}`;
      const args = [{ args: { ...ARGS, at: key } }, key];
      const handle = await client.workflow.start('floorAtOnce', { taskQueue, workflowId, args });
      const update = async () => {
        await handle.executeUpdate(approveUpdate, { args: ['ana'] });
      };
      return {
        workflowId,
        key,
        ready: () => started(handle),
        send: update,
        receipt: async () => undefined,
        outcome: async () => undefined,
      };
    },
  };
}

function gate(
  name: string,
  what: string,
  action: string,
  from: 'given' | 'agent',
  waits: boolean,
  by: (bench: Bench) => Countersign = (bench) => bench.countersign,
): Way {
  return {
    name,
    what,
    async park(bench) {
      const countersign = by(bench);
      const key = randomUUID();
      const workflowId = `ours-${key}`;
      const args = { ...ARGS, at: key };
      const claim = { title: 'Ship order A-7', rationale: 'It is paid.', confidence: 0.9, sensitive: false };
      const proposal = { action, args, ...claim };
      const input =
        from === 'given' ? { task: 'ship it', proposal } : { task: `propose: ${JSON.stringify(proposal)}` };
      await countersign.propose({ ...input, requester: 'rita', policy: POLICY }, workflowId);
      let digest = '';
      let id = '';
      const decision = () => ({ digest, verdict: 'approve' as const, reviewer: 'ana' });
      return {
        workflowId,
        key,
        async ready() {
          digest = (await opened(countersign, workflowId)).digest ?? '';
        },
        async send() {
          if (waits) await countersign.decideForOutcome(workflowId, decision());
          else id = (await countersign.send(workflowId, decision())).id;
        },
        async receipt() {
          while (!waits && (await countersign.receipt(workflowId, id)).status !== 'admitted') await pause(5);
        },
        async outcome() {
          if (!waits) await countersign.result(workflowId);
        },
      };
    },
  };
}

/** It has a timer: its first task is done. */
async function started(handle: WorkflowHandle): Promise<void> {
  while ((await handle.describe()).historyLength < 5) await pause(5);
}

async function opened(countersign: Countersign, workflowId: string): Promise<Packet> {
  for (;;) {
    const packet = await countersign.show(workflowId);
    if (packet.status !== 'proposing') return packet;
    await pause(20);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
