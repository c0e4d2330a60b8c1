/** A decision at the command line: where it belongs, and, at a terminal, whatever it still lacks, asked for one after the other. */
import { AppError } from '../app/errors';
import { locate, type Elsewhere, type Gate } from '../app/decide/locate';
import { DIGEST_PREFIX, isDigestPrefix, prepare, type Draft, type Missing } from '../app/decide/prepare';
import { proofNeeded } from '../app/decide/requirements';
import type { DecideInput, Packet } from '../client';
import { commandOn } from '../domain/paste';
import type { Verdict } from '../domain/verdicts';
import { silent, type Deps, type ReviewerPorts } from './command';
import { isProven, type DecideOptions } from './decide-options';
import { fieldAsked, phraseAsked } from './given';
import { Failure, missingFlag, notSent, visible, visibleId } from './output';
import { prompts } from './prompt';
import { render } from './render';

/**
 * The gate that takes the decision: where the workflow waits for a level, that level's own, if it is followed there.
 * @throws AppError ASK_CHILD naming it, UNAUTHENTICATED where it takes nothing unsigned
 */
export async function located(
  deps: Deps,
  ports: ReviewerPorts,
  workflowId: string,
  options: DecideOptions,
  verdict: Verdict,
): Promise<Gate> {
  const { digest, key, follow = false } = options;
  const unread = digest?.length === 64 && key === undefined;
  for (let id = workflowId; ;) {
    const found = await locate(ports, { workflowId: id, follow, unread });
    if (found.at === 'gate') {
      const grade = isProven(options) ? undefined : proofNeeded(found.packet);
      if (grade !== undefined) throw unproven(found, grade, verdict);
      return found;
    }
    await agreedToFollow(deps, found, options, verdict);
    id = found.child;
  }
}

async function agreedToFollow(
  deps: Deps,
  { child, code, message }: Elsewhere,
  options: DecideOptions,
  verdict: Verdict,
): Promise<void> {
  if (silent(deps, options))
    throw new AppError(code, `${message}: \`${commandOn(verdict, child)}\`, or --follow`);
  deps.streams.err(`${visible(message)}\n`);
  if (!(await prompts(deps).confirm(`Go on with ${visibleId(child)}?`, 'go on with it'))) throw notSent();
}

/** As the gate calls itself, whatever it was asked for as. */
const ownId = ({ workflowId, packet }: Gate) => packet?.workflowId ?? workflowId;

function unproven(at: Gate, grade: 'vouched' | 'signed', verdict: Verdict): AppError {
  const workflowId = ownId(at);
  const how = grade === 'vouched' ? 'vouched for by a front door, or signed' : 'signed';
  return new AppError(
    'UNAUTHENTICATED',
    `decisions on ${workflowId} are ${how}: give your key with --key, or sign elsewhere with ` +
      `\`${commandOn('sign', workflowId, `--verdict ${verdict}`)}\`; nothing was sent`,
  );
}

/** Nothing is sent by whoever reads and answers. */
type Reading = Pick<ReviewerPorts, 'identity' | 'lastRead'>;

/** The decision with all that it needs. @throws Failure where a flag is missing, or the person leaves; AppError as `prepare` */
export async function completed(
  deps: Deps,
  ports: Reading,
  at: Gate,
  draft: Draft,
  options: DecideOptions,
  sure: Sure = yesOrNo,
): Promise<DecideInput> {
  const { digest } = draft;
  if (digest !== undefined && !isDigestPrefix(digest))
    throw new AppError(
      'INVALID_INPUT',
      `--digest takes the digest that you read, or at least its first ${String(DIGEST_PREFIX)} characters`,
    );
  for (let current = draft; ;) {
    const prepared = prepare(ports, at, current);
    if (prepared.ready) return prepared.decision;
    const [missing] = prepared.missing;
    const { verdict } = current;
    if (missing.need !== 'confirmation')
      current = { ...current, ...(await answerTo(deps, ports, at, missing, verdict, options)) };
    else if (await sure(deps, verdict, missing.revision)) current = { ...current, confirmed: true };
    else throw notSent();
  }
}

/** The last question before it is sent. */
type Sure = (deps: Deps, verdict: Verdict, revision: number) => Promise<boolean>;

const yesOrNo: Sure = (deps, verdict, revision) =>
  prompts(deps).confirm(`${verdict} revision ${String(revision)}?`, verdict);

async function answerTo(
  deps: Deps,
  ports: Reading,
  at: Gate,
  missing: Exclude<Missing, { readonly need: 'confirmation' }>,
  verdict: Verdict,
  options: DecideOptions,
): Promise<Partial<Draft>> {
  switch (missing.need) {
    case 'proof':
      throw unproven(at, missing.grade, verdict);
    case 'reading': {
      if (silent(deps, options))
        throw missingFlag(
          '--digest',
          `the digest of what you read, from \`${commandOn('show', ownId(at))}\``,
        );
      if (at.packet !== undefined) await shown(deps, ports, at.packet, options, verdict);
      return { readHere: true };
    }
    case 'phrase':
      return phraseAsked(deps, missing.phrase, verdict, options);
    default:
      return fieldAsked(deps, missing.need, verdict, options);
  }
}

/** Shows the gate; what was hidden is shown, too, before anything but a comment. */
async function shown(
  deps: Deps,
  { identity, lastRead }: Reading,
  packet: Packet,
  options: DecideOptions,
  verdict: Verdict,
): Promise<void> {
  const colours = deps.streams.colours.err;
  const seen = await lastRead.before(packet, identity.name);
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
  await lastRead.note(packet, identity.name);
}
