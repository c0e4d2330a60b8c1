/**
 * One gate before one person: shown whole, page by page, then a key for what they say. Nothing is offered before the last
 * line was shown; what has changed meanwhile is refused by its digest and shown again.
 */
import type { Draft } from '../app/decide/prepare';
import type { Submitted } from '../app/decide/submit';
import { AppError } from '../app/errors';
import { meaningOf, turn, type Turn } from '../app/review/session';
import { CountersignError, type Packet } from '../client';
import type { Verdict } from '../domain/policy';
import type { Deps, ReviewerPorts } from './command';
import { DELIVERED, send, sentence } from './conclude';
import { completed } from './decide';
import type { GivenOptions } from './decide-options';
import { difference, draftOf } from './editor';
import { draftFrom } from './given';
import { ENTER } from './keys';
import { Failure, troubleLine, visible } from './output';
import { paged } from './pages';
import { prompts, type KeyChoice } from './prompt';
import { render } from './render';

export interface ReviewOptions extends GivenOptions {
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
  ports: ReviewerPorts,
  workflowId: string,
  options: ReviewOptions,
  { place, refused }: { readonly place: string; readonly refused: () => void },
): Promise<End> {
  const signedToo = options.signed === true;
  for (let note = `\n${place}\n`; ; note = '\nIt has changed since you read it; this is how it is now.\n') {
    const next = await turn(ports, { workflowId, signedToo });
    if (next.status !== 'asked') return { did: next.status };
    deps.streams.err(note);
    const read = await shown(deps, ports, next.packet);
    if (read !== 'all') return { did: read };
    const end = await answered(deps, ports, next, options, refused);
    if (end !== 'changed') return end;
  }
}

async function shown(
  deps: Deps,
  { identity, lastRead }: ReviewerPorts,
  packet: Packet,
): Promise<'all' | 'skipped' | 'left'> {
  const seen = await lastRead.before(packet, identity.name);
  const read = await paged(
    deps,
    render(packet, { full: true, whole: false, colours: deps.streams.colours.err, seen }).text,
  );
  if (read === 'all') await lastRead.note(packet, identity.name);
  return read;
}

const KEYS: readonly KeyChoice<Verdict>[] = [
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

function choices(verdicts: readonly Verdict[]): KeyChoice<Verdict | 'skip' | 'quit'>[] {
  return [
    ...KEYS.filter(({ value }) => verdicts.includes(value)),
    { key: ENTER, value: 'skip', label: 'skip' },
    { key: 'q', value: 'quit', label: 'quit' },
  ];
}

async function answered(
  deps: Deps,
  ports: ReviewerPorts,
  { packet, verdicts }: Extract<Turn, { readonly status: 'asked' }>,
  options: ReviewOptions,
  refused: () => void,
): Promise<End | 'changed'> {
  for (;;) {
    const chosen = await prompts(deps).key('What do you say?', choices(verdicts));
    if (chosen === undefined || chosen === 'quit') return { did: 'left' };
    if (chosen === 'skip') return { did: 'skipped' };
    try {
      const meaning = meaningOf(await decided(deps, ports, packet, chosen, options));
      if (meaning === 'decided') return { did: 'decided', verdict: chosen };
      refused();
      if (meaning === 'changed') return 'changed';
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
  ports: ReviewerPorts,
  packet: Packet,
  verdict: Verdict,
  options: ReviewOptions,
): Promise<Submitted> {
  const { workflowId, proposal } = packet;
  const edit = verdict === 'edit' ? draftOf(deps, packet) : undefined;
  let went = false;
  try {
    const args = edit?.read();
    if (edit !== undefined) deps.streams.err(difference(proposal?.args ?? {}, args));
    const at = { workflowId, packet };
    // Not yet checked: what cannot be sent is refused. A gate that takes signed decisions alone says so itself.
    const draft = { ...draftFrom(verdict, options), args, readHere: true, proven: true } as Draft;
    const decision = await completed(deps, ports, at, draft, options, sure);
    const submitted = await send(deps, ports, at, decision, options);
    deps.streams.out(`${submitted.status === 'delivered' ? DELIVERED : sentence(workflowId, submitted)}\n`);
    went = submitted.status !== 'refused';
    return submitted;
  } finally {
    if (went) edit?.remove();
    else edit?.keep();
  }
}

/** Another key than the one that chose it, so that a key that is held down signs nothing. Words that were typed are a yes by themselves. */
async function sure(deps: Deps, verdict: Verdict, revision: number): Promise<boolean> {
  if (verdict !== 'approve' && verdict !== 'edit') return true;
  const yes = await prompts(deps).key(`${verdict} revision ${String(revision)}?`, [
    { key: 'y', value: true, label: `yes, ${verdict}` },
    { key: 'n', value: false, label: 'no' },
  ]);
  return yes === true;
}
