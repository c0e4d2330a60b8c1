/** What a decision at the command line is about: the gate, found, shown in full, and agreed to. */
import { AppError } from '../app/errors';
import { CountersignError, type Countersign, type Packet } from '../client';
import type { Verdict } from '../domain/policy';
import { askedBelow } from '../domain/packet';
import { commandOn } from '../domain/paste';
import { refusal } from '../domain/refusal';
import type { Common, Deps } from './command';
import { Failure, missingFlag, visible, visibleId } from './output';
import { prompts } from './prompt';
import { render } from './render';
import { lastSeen, remember } from './seen';
import type { SigningOptions } from './sign';

export interface DecideOptions extends Common, SigningOptions {
  readonly digest?: string | undefined;
  readonly shown?: string | undefined;
  readonly reviewer?: string | undefined;
  readonly comment?: string | undefined;
  readonly id?: string | undefined;
  readonly dryRun?: true | undefined;
  readonly full?: true | undefined;
  readonly follow?: true | undefined;
  readonly timeout: number;
}

/** Whether nobody is to be asked. */
export function silent({ streams }: Pick<Deps, 'streams'>, { json }: Pick<Common, 'json'>): boolean {
  return !streams.inTerminal || json === true;
}

/** Where the decision goes. Without a packet the gate could not be read, and what was read before is decided on. */
export interface Place {
  readonly workflowId: string;
  readonly packet: Packet | undefined;
}

/**
 * The gate that takes the decision: where the workflow waits for a level, that level's own, if it is followed there.
 * @throws Failure ASK_CHILD naming it, UNAUTHENTICATED where it takes nothing unsigned
 */
export async function place(
  deps: Deps,
  countersign: Countersign,
  workflowId: string,
  options: DecideOptions,
  verdict: Verdict,
): Promise<Place> {
  const packet = await readable(countersign, workflowId, options);
  if (packet?.status === 'waiting' && packet.waitingOn !== undefined) {
    await follow(deps, packet, packet.waitingOn, options, verdict);
    return place(deps, countersign, packet.waitingOn, options, verdict);
  }
  if (packet !== undefined && packet.authentication !== 'open' && packet.status !== 'closed')
    keyed(packet, options, verdict);
  return { workflowId, packet };
}

async function readable(
  countersign: Countersign,
  workflowId: string,
  { digest, key }: DecideOptions,
): Promise<Packet | undefined> {
  try {
    return await countersign.show(workflowId);
  } catch (error) {
    // Known whole: it can be sent while no worker answers, and before the gate is open.
    if (digest?.length === 64 && key === undefined && error instanceof CountersignError) return undefined;
    throw error;
  }
}

/** @throws Failure where it is not to be followed */
async function follow(
  deps: Deps,
  packet: Packet,
  child: string,
  options: DecideOptions,
  verdict: Verdict,
): Promise<void> {
  if (options.follow === true) return;
  const { code, message } = refusal('ASK_CHILD', { child, asked: askedBelow(packet) });
  if (silent(deps, options))
    throw new AppError(code, `${message}: \`${commandOn(verdict, child)}\`, or --follow`);
  deps.streams.err(`${visible(message)}\n`);
  if (!(await prompts(deps).confirm(`Go on with ${visibleId(child)}?`, 'go on with it')))
    throw new Failure('NOT_SENT', 'nothing was sent');
}

/** A dry run may be unsigned: it says what would become of it. @throws Failure UNAUTHENTICATED */
function keyed(
  { workflowId, authentication }: Packet,
  { key, dryRun }: DecideOptions,
  verdict: Verdict,
): void {
  if (key !== undefined || dryRun === true) return;
  const how = authentication === 'vouched' ? 'vouched for by a front door, or signed' : 'signed';
  throw new AppError(
    'UNAUTHENTICATED',
    `decisions on ${workflowId} are ${how}: give your key with --key, or sign elsewhere with ` +
      `\`${commandOn('sign', workflowId, `--verdict ${verdict}`)}\`; nothing was sent`,
  );
}

/** Characters of a digest that may stand for all of it. */
const PREFIX = 12;

/** What the decision is about. */
export interface Question {
  readonly digest: string;
  /** The hash of all that was read with it, where that is known. */
  readonly shown?: string | undefined;
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
  const { digest: named, shown: seen } = options;
  const flagged = (digest: string): Question => ({ digest, shown: seen, agree: () => Promise.resolve() });
  if (named?.length === 64) return flagged(named);
  const packet = await read();
  const { digest } = packet;
  if (named !== undefined) {
    if (named.length < PREFIX || !/^[0-9a-f]+$/.test(named))
      throw new AppError(
        'INVALID_INPUT',
        `--digest takes the digest that you read, or at least its first ${String(PREFIX)} characters`,
      );
    // A short form of another digest stays what it is: the gate refuses it as stale.
    return flagged(digest?.startsWith(named) === true ? digest : named.padEnd(64, '0'));
  }
  if (digest === undefined)
    throw new AppError('GATE_CLOSED', `nothing is open to decide yet: ${packet.status}`);
  if (silent(deps, options))
    throw missingFlag(
      '--digest',
      `the digest of what you read, from \`${commandOn('show', packet.workflowId)}\``,
    );
  await shown(deps, packet, options, verdict);
  offered(packet, verdict);
  return {
    digest,
    shown: seen ?? packet.shown,
    async agree() {
      const asked = `${verdict} revision ${String(packet.revision)}?`;
      if (!(await prompts(deps).confirm(asked, verdict))) throw new Failure('NOT_SENT', 'nothing was sent');
    },
  };
}

/** Shows the gate; what was hidden is shown, too, before anything but a comment. */
async function shown(deps: Deps, packet: Packet, options: DecideOptions, verdict: Verdict): Promise<void> {
  const colours = deps.streams.colours.err;
  const { dataDir, user } = deps.defaults;
  const reviewer = options.reviewer ?? user;
  const seen = lastSeen(dataDir, packet, reviewer);
  const { text, hidden } = render(packet, { full: options.full === true, colours, seen });
  deps.streams.err(text);
  if (hidden > 0) {
    if (verdict === 'comment') return;
    const all = await prompts(deps).select(`${String(hidden)} lines are hidden.`, [
      { value: true, label: 'show all of it' },
      { value: false, label: 'send nothing' },
    ]);
    if (all !== true)
      throw new Failure(
        'NOT_ALL_SHOWN',
        `${String(hidden)} lines were hidden; ${verdict} with --full, which shows all of it`,
      );
    deps.streams.err(render(packet, { full: true, whole: false, colours, seen }).text);
  }
  remember(dataDir, packet, reviewer);
}

/** At the terminal nobody is asked for what the gate would refuse. @throws Failure */
export function offered({ failure, verdicts }: Packet, verdict: Verdict): void {
  if (verdicts.includes(verdict)) return;
  const may = verdicts.length > 0 ? `you may ${verdicts.join(', ')}` : 'nothing may be said now';
  if (failure !== undefined && (verdict === 'approve' || verdict === 'edit'))
    throw new AppError(
      'NOTHING_PROPOSED',
      `there is nothing to ${verdict}: the agent could not propose; ${may}`,
    );
  throw new AppError('VERDICT_NOT_OFFERED', `the gate does not offer ${verdict}; ${may}`);
}
