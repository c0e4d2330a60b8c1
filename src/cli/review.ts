/**
 * One gate before one person: shown whole, page by page, then a key for what they say. Nothing is offered before the last
 * line was shown; what has changed meanwhile is refused by its digest and shown again.
 */
import { AppError } from '../app/errors';
import { CountersignError, type Countersign, type DecideInput, type Packet } from '../client';
import type { Verdict } from '../domain/policy';
import type { Deps } from './command';
import { send, sentence } from './conclude';
import { difference, draftOf } from './editor';
import { completed, words, type GivenOptions } from './given';
import { ENTER } from './keys';
import { Failure, troubleLine, visible } from './output';
import { paged } from './pages';
import { prompts, type KeyChoice } from './prompt';
import { render } from './render';
import { lastSeen, remember } from './seen';

export interface ReviewOptions extends GivenOptions {
  readonly reviewer: string;
  /** Also what they have signed already. */
  readonly signed?: true | undefined;
}

/** How it ended with one gate; `left` ends the walk. */
export type End =
  | { readonly did: 'decided'; readonly verdict: Verdict }
  | { readonly did: 'skipped' | 'left' | 'moved' | 'barred' | 'signed' };

/** @param refused called for each refusal @throws what the client throws about this gate */
export async function reviewed(
  deps: Deps,
  countersign: Countersign,
  workflowId: string,
  options: ReviewOptions,
  { place, refused }: { readonly place: string; readonly refused: () => void },
): Promise<End> {
  for (let note = `\n${place}\n`; ; note = '\nIt has changed since you read it; this is how it is now.\n') {
    const packet = await countersign.show(workflowId);
    const not = await standing(countersign, packet, options);
    if (not !== undefined) return { did: not };
    deps.streams.err(note);
    const read = await shown(deps, packet, options.reviewer);
    if (read !== 'all') return { did: read };
    const end = await answered(deps, countersign, packet, options, refused);
    if (end !== 'changed') return end;
  }
}

const BARRED = [
  'NOT_AN_APPROVER',
  'REQUESTER_CANNOT_DECIDE',
  'OWNER_CANNOT_DECIDE',
  'UNKNOWN_REVIEWER',
  'SIGNED_AT_ANOTHER_LEVEL',
];

/** Why this person is not asked: the gate itself is, by what it would say to them. */
async function standing(
  countersign: Countersign,
  packet: Packet,
  { reviewer, signed }: ReviewOptions,
): Promise<'moved' | 'signed' | 'barred' | undefined> {
  const { status, digest, signatures, rejections = [] } = packet;
  if (status !== 'open' || digest === undefined) return 'moved';
  const own = [...signatures, ...rejections].some((one) => one.reviewer === reviewer);
  const { code = '' } = await countersign.dryRun(packet.workflowId, { digest, reviewer, ...probe(packet) });
  if (BARRED.includes(code)) return 'barred';
  return signed !== true && (own || code === 'ALREADY_SIGNED') ? 'signed' : undefined;
}

/** What would tell whether they may decide; nothing is sent. */
function probe({ verdicts, phrase }: Packet): Pick<DecideInput, 'verdict' | 'phrase' | 'comment'> {
  if (verdicts.includes('approve'))
    return { verdict: 'approve', ...(phrase === undefined ? {} : { phrase }) };
  return { verdict: verdicts.includes('reject') ? 'reject' : 'comment', comment: 'may I?' };
}

async function shown(deps: Deps, packet: Packet, reviewer: string): Promise<'all' | 'skipped' | 'left'> {
  const { dataDir } = deps.defaults;
  const seen = lastSeen(dataDir, packet, reviewer);
  const read = await paged(
    deps,
    render(packet, { full: true, whole: false, colours: deps.streams.colours.err, seen }).text,
  );
  if (read === 'all') remember(dataDir, packet, reviewer);
  return read;
}

const KEYS: readonly (KeyChoice<Verdict> & { readonly own?: true })[] = [
  { key: 'a', value: 'approve', label: 'approve' },
  { key: 'e', value: 'edit', label: 'edit' },
  { key: 'r', value: 'reject', label: 'reject' },
  { key: 's', value: 'revise', label: 'send back' },
  { key: 'n', value: 'respond', label: 'answer instead' },
  { key: 'u', value: 'escalate', label: 'pass up' },
  { key: 'd', value: 'delegate', label: 'delegate' },
  { key: 'w', value: 'withdraw', label: 'withdraw what you signed' },
  { key: 'x', value: 'extend', label: 'extend' },
  { key: 'c', value: 'comment', label: 'comment' },
];

function choices(packet: Packet, reviewer: string): KeyChoice<Verdict | 'skip' | 'quit'>[] {
  const { verdicts, signatures, rejections = [] } = packet;
  const own = [...signatures, ...rejections].some((one) => one.reviewer === reviewer);
  return [
    ...KEYS.filter(({ value }) => verdicts.includes(value) && (value !== 'withdraw' || own)),
    { key: ENTER, value: 'skip', label: 'skip' },
    { key: 'q', value: 'quit', label: 'quit' },
  ];
}

/** What must be read again before anything else is said of it. */
const CHANGED = ['STALE_REVISION', 'BEING_REVISED', 'ASK_CHILD', 'GATE_CLOSED', 'DEADLINE_PASSED'];

async function answered(
  deps: Deps,
  countersign: Countersign,
  packet: Packet,
  options: ReviewOptions,
  refused: () => void,
): Promise<End | 'changed'> {
  for (;;) {
    const chosen = await prompts(deps).key('What do you say?', choices(packet, options.reviewer));
    if (chosen === undefined || chosen === 'quit') return { did: 'left' };
    if (chosen === 'skip') return { did: 'skipped' };
    try {
      const receipt = await decided(deps, countersign, packet, chosen, options);
      if (receipt?.status !== 'refused') return { did: 'decided', verdict: chosen };
      refused();
      if (CHANGED.includes(receipt.code ?? '')) return 'changed';
    } catch (error) {
      // Nothing was sent, or it is over meanwhile: neither is the end of the walk.
      if (error instanceof CountersignError && error.code === 'ALREADY_CLOSED') {
        deps.streams.err(`${visible(error.message)}\n`);
        return { did: 'moved' };
      }
      if (!(error instanceof AppError || error instanceof Failure)) throw error;
      deps.streams.err(troubleLine(error));
    }
  }
}

async function decided(
  deps: Deps,
  countersign: Countersign,
  packet: Packet,
  verdict: Verdict,
  options: ReviewOptions,
) {
  const { workflowId, digest = '', shown: read, proposal } = packet;
  const draft = verdict === 'edit' ? draftOf(deps, packet) : undefined;
  let went = false;
  try {
    const args = draft?.read();
    if (draft !== undefined) deps.streams.err(difference(proposal?.args ?? {}, args));
    const answer = verdict === 'respond' ? { answer: await words(deps) } : {};
    const { given, typed } = await completed(deps, packet, verdict, options);
    if ((verdict === 'approve' || verdict === 'edit') && !typed) await sure(deps, packet, verdict);
    const edited = draft === undefined ? {} : { args };
    const named = read === undefined ? {} : { shown: read };
    const said = { digest, ...named, verdict, reviewer: options.reviewer, ...given, ...answer, ...edited };
    const at = { workflowId, packet };
    const { receipt } = await send(deps, countersign, at, said as DecideInput, options);
    deps.streams.out(
      `${receipt === undefined ? 'delivered, not yet confirmed: no worker has answered' : sentence(workflowId, receipt)}\n`,
    );
    went = receipt?.status !== 'refused';
    return receipt;
  } finally {
    if (went) draft?.remove();
    else draft?.keep();
  }
}

/** Another key than the one that chose it, so that a key that is held down signs nothing. */
async function sure(deps: Deps, { revision }: Packet, verdict: Verdict): Promise<void> {
  const yes = await prompts(deps).key(`${verdict} revision ${String(revision)}?`, [
    { key: 'y', value: true, label: `yes, ${verdict}` },
    { key: 'n', value: false, label: 'no' },
  ]);
  if (yes !== true) throw new Failure('NOT_SENT', 'nothing was sent');
}
