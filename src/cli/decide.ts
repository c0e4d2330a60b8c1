/** How every decision is made at the command line: read, agreed to, sent as a signal, confirmed by its receipt. */
import { randomUUID } from 'node:crypto';
import type { Countersign, DecideInput, Packet, Receipt } from '../client';
import type { Verdict } from '../domain/policy';
import type { Common, Deps } from './command';
import { EXIT, Failure, jsonLine, missingFlag, visible, visibleId } from './output';
import { prompts } from './prompt';
import { render } from './render';

export interface DecideOptions extends Common {
  readonly digest?: string | undefined;
  readonly reviewer?: string | undefined;
  readonly comment?: string | undefined;
  readonly id?: string | undefined;
  readonly dryRun?: true | undefined;
  readonly full?: true | undefined;
  readonly timeout: number;
}

/** Characters of a digest that may stand for all of it. */
const PREFIX = 12;

/** What the decision is about. */
export interface Question {
  readonly digest: string;
  /** The last question before it is sent, where the gate was shown; nothing where a flag named it. @throws Failure */
  readonly agree: () => Promise<void>;
}

/** The gate that is decided on: named by flag, or shown at the terminal, in full. */
export async function question(
  deps: Deps,
  read: () => Promise<Packet>,
  options: DecideOptions,
  verdict: Verdict,
): Promise<Question> {
  const { digest: named } = options;
  if (named?.length === 64) return flagged(named); // known whole: it can be sent while no worker answers
  const packet = await read();
  const { digest } = packet;
  if (named !== undefined) {
    if (named.length < PREFIX || !/^[0-9a-f]+$/.test(named))
      throw new Failure(
        EXIT.usage,
        'INVALID_INPUT',
        `--digest takes the digest that you read, or at least its first ${String(PREFIX)} characters`,
      );
    // A short form of another digest stays what it is: the gate refuses it as stale.
    return flagged(digest?.startsWith(named) === true ? digest : named.padEnd(64, '0'));
  }
  if (digest === undefined)
    throw new Failure(EXIT.refused, 'GATE_CLOSED', `nothing is open to decide yet: ${packet.status}`);
  if (!deps.streams.inTerminal || options.json)
    throw missingFlag(
      '--digest',
      `the digest of what you read, from \`countersign show ${visibleId(packet.workflowId)}\``,
    );
  await shown(deps, packet, options, verdict);
  offered(packet, verdict);
  return {
    digest,
    async agree() {
      const asked = `${verdict} revision ${String(packet.revision)}?`;
      if (!(await prompts(deps).confirm(asked, verdict)))
        throw new Failure(EXIT.refused, 'NOT_SENT', 'nothing was sent');
    },
  };
}

const flagged = (digest: string): Question => ({ digest, agree: () => Promise.resolve() });

/** Shows the gate; what was hidden is shown, too, before anything but a comment. */
async function shown(deps: Deps, packet: Packet, options: DecideOptions, verdict: Verdict): Promise<void> {
  const colours = deps.streams.colours.err;
  const { text, hidden } = render(packet, { full: options.full === true, colours });
  deps.streams.err(text);
  if (hidden === 0 || verdict === 'comment') return;
  const all = await prompts(deps).select(`${String(hidden)} lines are hidden.`, [
    { value: true, label: 'show all of it' },
    { value: false, label: 'send nothing' },
  ]);
  if (all !== true)
    throw new Failure(
      EXIT.refused,
      'NOT_ALL_SHOWN',
      `${String(hidden)} lines were hidden; ${verdict} with --full, which shows all of it`,
    );
  deps.streams.err(render(packet, { full: true, colours }).text);
}

/** At the terminal nobody is asked for what the gate would refuse. @throws Failure */
export function offered({ failure, verdicts }: Packet, verdict: Verdict): void {
  if (verdicts.includes(verdict)) return;
  const may = verdicts.length > 0 ? `you may ${verdicts.join(', ')}` : 'nothing may be said now';
  if (failure !== undefined && (verdict === 'approve' || verdict === 'edit'))
    throw new Failure(
      EXIT.refused,
      'NOTHING_PROPOSED',
      `there is nothing to ${verdict}: the agent could not propose; ${may}`,
    );
  throw new Failure(EXIT.refused, 'VERDICT_NOT_OFFERED', `the gate does not offer ${verdict}; ${may}`);
}

/** Sends, waits for the receipt, says what became of it. False where it was refused, or not sent. */
export async function conclude(
  deps: Deps,
  countersign: Countersign,
  workflowId: string,
  decision: DecideInput,
  options: DecideOptions,
): Promise<boolean> {
  if (options.dryRun)
    return report(deps, workflowId, await countersign.dryRun(workflowId, decision), options, true) && false;
  if (options.id !== undefined) await unused(countersign, workflowId, decision, options.id);
  const sent = await countersign.send(workflowId, { ...decision, id: options.id ?? randomUUID() });
  const receipt = await countersign.confirmed(workflowId, sent.id, options.timeout * 1000);
  if (receipt !== undefined) return report(deps, workflowId, receipt, options);
  const delivered = {
    id: sent.id,
    status: 'delivered',
    message: 'delivered, not yet confirmed: no worker has answered',
    workflowId,
  };
  if (options.json) deps.streams.out(jsonLine(delivered));
  else deps.streams.out(`${delivered.message}; its receipt will be that of ${visibleId(sent.id)}\n`);
  return true;
}

/** A reused id must not be told the first decision's receipt as its own. */
async function unused(
  countersign: Countersign,
  workflowId: string,
  decision: DecideInput,
  id: string,
): Promise<void> {
  const { status } = await countersign.receipt(workflowId, id).catch(() => ({ status: 'unknown' }));
  if (status === 'unknown') return;
  const again = await countersign.dryRun(workflowId, { ...decision, id });
  if (again.code === 'ID_REUSED')
    throw new Failure(EXIT.refused, 'ID_REUSED', again.message ?? 'the id was used before');
}

function report(
  deps: Deps,
  workflowId: string,
  receipt: Receipt,
  options: DecideOptions,
  dry = false,
): boolean {
  const { status, code, message, revision } = receipt;
  if (options.json) deps.streams.out(jsonLine({ ...receipt, workflowId, ...(dry ? { dryRun: true } : {}) }));
  else if (status === 'refused')
    deps.streams.out(`${dry ? 'would be refused' : 'refused'}: ${code ?? ''}: ${visible(message ?? '')}\n`);
  else
    deps.streams.out(
      `${dry ? 'would be admitted' : status} on revision ${String(revision)} of ${visibleId(workflowId)}\n`,
    );
  if (status === 'refused') deps.ended(EXIT.refused);
  return status !== 'refused';
}
