/** Plays a script against a waiting workflow: reads the packet, decides through the update, as a service would. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { Countersign, CountersignError, type DecideInput, type Packet, type Receipt } from '../client';
import { signed, type Now, type TestKey } from './keys';
import type { Step } from './steps';

export interface ScriptedReviewerOptions {
  /** Connected to the server the workflow runs on. A plain client must be made with our `dataConverter`. */
  readonly client: Client | Countersign;
  readonly reviewer: string;
  readonly script: readonly Step[];
  /** Signs what the script says, as this reviewer; the directory has its `entry`. @default nothing is signed */
  readonly key?: TestKey;
  /** By which it signs, such as `() => env.currentTimeMs()`. @default the later of this machine's clock and the workflow's last event */
  readonly now?: Now;
  /** Which gate is waited for, where a workflow asks more than once. @default any */
  readonly gate?: string;
  /** How long a gate may take to be ready for the next step, in milliseconds of real time. @default 10000 */
  readonly within?: number;
}

export interface ScriptedReviewer {
  /**
   * Waits until the gate is open, then takes the steps, each on the revision that is open by then. Resolves to one
   * receipt for each decision; a refusal is a receipt, too, also where the workflow has closed meanwhile.
   * @throws Error where the gate did not open in time, or is closed already; CountersignError MALFORMED_DECISION
   */
  review(workflowId: string): Promise<Receipt[]>;
}

/**
 * A reviewer for one's own tests: the real handlers judge what it says.
 *
 * ```ts
 * const ana = scriptedReviewer({ client, reviewer: 'ana', script: [defer('2 hours', env.sleep), approve()] });
 * const [receipt] = await ana.review('refund-1042');
 * ```
 */
export function scriptedReviewer(options: ScriptedReviewerOptions): ScriptedReviewer {
  const { script } = options;
  const client =
    options.client instanceof Countersign ? options.client : new Countersign({ client: options.client });
  return {
    async review(workflowId) {
      const receipts: Receipt[] = [];
      let packet = await opened(client, workflowId, options);
      for (const step of script) {
        if (step.does === 'stay silent') break;
        if (step.does === 'defer') {
          await step.sleep(step.duration);
          continue;
        }
        const { gate } = packet;
        const now = await packetWhere(client, workflowId, options, (it) => it.gate !== gate || settled(it));
        // Where the workflow asks the next question meanwhile, this script has nothing to say about that one.
        if (now.gate === gate) packet = now;
        const said = await saying(client, packet, step.decision, options);
        receipts.push(await decided(client, packet, said));
      }
      return receipts;
    },
  };
}

/** On what is open by now, of which it names all that is shown; signed, where there is a key. */
async function saying(
  client: Countersign,
  packet: Packet,
  decision: Omit<DecideInput, 'digest' | 'reviewer'>,
  { reviewer, key, now = later(client, packet) }: ScriptedReviewerOptions,
): Promise<DecideInput> {
  const { digest = '', shown } = packet;
  const read = shown === undefined ? {} : { shown };
  const said = { v: 1 as const, id: randomUUID(), ...read, ...decision, digest, reviewer };
  return key === undefined || !settled(packet) ? said : signed(packet, said, key, now);
}

/** The workflow may be ahead, where its server skips time. */
function later(client: Countersign, { workflowId }: Packet): Now {
  return async () => Math.max(Date.now(), await client.lastEventAt(workflowId));
}

/** People are asked, or never will be again about this. */
const settled = ({ status }: Packet) => status !== 'proposing' && status !== 'waiting';

async function opened(
  client: Countersign,
  workflowId: string,
  options: ScriptedReviewerOptions,
): Promise<Packet> {
  const { gate } = options;
  const packet = await packetWhere(
    client,
    workflowId,
    options,
    (it) => (gate === undefined || it.gate === gate) && settled(it),
  );
  const { status, outcome } = packet;
  if (status === 'open') return packet;
  throw new Error(
    `the gate ${packet.gate} of ${workflowId} is ${status} already${outcome === undefined ? '' : `, outcome ${outcome}`}: ` +
      'there is nothing to review',
  );
}

async function packetWhere(
  client: Countersign,
  workflowId: string,
  { gate, within = 10_000 }: ScriptedReviewerOptions,
  holds: (packet: Packet) => boolean,
): Promise<Packet> {
  let last = 'nothing answered';
  for (const end = Date.now() + within; Date.now() < end;) {
    try {
      const packet = await client.show(workflowId);
      if (holds(packet)) return packet;
      last = `its gate ${packet.gate} is ${packet.status}`;
    } catch (error) {
      // A workflow of one's own has no gate yet while it does something else.
      if (!(
        error instanceof CountersignError && ['NOT_FOUND', 'NO_WORKER', 'WORKFLOW_STUCK'].includes(error.code)
      ))
        throw error;
      last = error.message;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(
    `${workflowId} did not open ${gate === undefined ? 'a gate' : `the gate ${gate}`} within ${String(within / 1_000)} s: ${last}. ` +
      'Does it run, and a worker for it? Raise `within` where it takes longer.',
  );
}

/** A closed workflow cannot give a receipt: its refusal is made here, so that a script reads the same to its end. */
async function decided(client: Countersign, packet: Packet, decision: DecideInput): Promise<Receipt> {
  try {
    return await client.decide(packet.workflowId, decision);
  } catch (error) {
    if (!(error instanceof CountersignError) || error.code !== 'ALREADY_CLOSED') throw error;
    const { code, message } = error;
    return { id: '', status: 'refused', code, message, gate: packet.gate, revision: packet.revision };
  }
}
