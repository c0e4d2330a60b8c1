/**
 * One view of a gate for every medium: what a packet says, as blocks. The terminal and the Temporal Web UI are renderers of it. It is
 * pure and knows no markup; nothing in it is made visible yet, since each medium escapes in its own way, and types keep apart what is
 * ours from what is not.
 */
import type { Operation } from 'fast-json-patch';
import { Status, type Packet } from '../packet';
import { commandOn } from '../paste';
import type { Proposal } from '../proposal';
import type { Rewording } from '../words';
import type {
  Block,
  ChangesBlock,
  ClaimBlock,
  CodeBlock,
  HashesBlock,
  HeadingBlock,
  WordsBlock,
} from './blocks';
import { facts } from './facts';
import { isPlan, planBlock } from './plan-text';
import { asNumber, command, id, json, line, sentence, text, type Sentence } from './sentence';

/** `closedBy`: Temporal ended the workflow, as the status of an execution names it, and no code of its own; then it has no outcome. */
export type PacketInView = Packet & { readonly closedBy?: string };

/** What only whoever asks for the view knows. */
export interface Reader {
  /** What holds up the execution, by the server's word. */
  readonly trouble?: string | undefined;
  /** The revision that was read last, where that is another one. */
  readonly seen?: Seen | undefined;
}

export interface Seen {
  readonly revision: number;
  /** RFC 6902, from the proposal that was read to the one that is there now. */
  readonly diff: readonly Operation[];
  /** Word by word, of each text that it replaces. */
  readonly words: readonly Rewording[];
}

/** In the order in which it is read: where it stands, what runs, what has changed, what is said of it, who decides. */
export function gateView(shown: PacketInView, { trouble, seen }: Reader = {}): readonly Block[] {
  const packet = atEnd(shown);
  const { proposal } = packet;
  const plan = planBlock(packet);
  return [
    heading(packet),
    ...standing(packet, trouble),
    ...(proposal === undefined ? [] : question(packet, proposal, seen)),
    ...(plan === undefined ? [] : [plan]),
    ...facts(packet),
    ...hashes(packet),
  ];
}

/** In a word: its outcome, or how Temporal ended it. */
export function endOf({
  outcome,
  closedBy,
}: {
  readonly outcome?: string | undefined;
  readonly closedBy?: string | undefined;
}): string | undefined {
  return outcome ?? closedBy?.toLowerCase().replace('_', ' ');
}

function atEnd({ closedBy, ...shown }: PacketInView): Packet {
  const packet = { ...shown, revision: asNumber(shown.revision) };
  if (closedBy === undefined) return packet;
  const outcome = endOf({ ...packet, closedBy }) as NonNullable<Packet['outcome']>;
  return { ...packet, outcome };
}

function heading(packet: Packet): HeadingBlock {
  const { workflowId, gate, revision, status, outcome } = packet;
  return {
    kind: 'heading',
    workflowId: id(workflowId),
    of: isPlan(packet) ? 'plan' : 'gate',
    gate: id(gate),
    revision,
    state: status === 'closed' ? sentence`closed: ${id(outcome ?? 'failed')}` : stateOf(status),
    open: status === 'open',
  };
}

function stateOf(status: Status): Sentence {
  return [Status.options.includes(status) ? status : id(status)];
}

/** Where it stands, and why. */
function standing({ reason, waitingFor, failure }: Packet, trouble: string | undefined): WordsBlock[] {
  const block = (heading: WordsBlock['heading'], words: string | undefined): WordsBlock[] =>
    words === undefined ? [] : [{ kind: 'words', heading, words: text(words) }];
  return [
    ...block('Reason', reason),
    ...block('Waiting', waitingFor),
    ...block('Trouble', trouble),
    ...block('The agent could not propose', failure?.message).map((one) =>
      failure === undefined ? one : { ...one, code: id(failure.code) },
    ),
  ];
}

function question(packet: Packet, proposal: Proposal, seen: Seen | undefined): Block[] {
  const { failure, preview, undo } = packet;
  return [
    code('action', asks(packet), 'the bytes that are hashed', proposal),
    ...(undo === undefined
      ? []
      : [code('undo', 'What runs, if it is taken back', 'hashed and signed with it', undo)]),
    ...changes(packet, seen),
    ...(preview === undefined
      ? []
      : [{ kind: 'code', part: 'preview', heading: 'Preview', data: json(preview) } as const]),
    ...(failure === undefined ? [claim(proposal, packet.lessons)] : []),
  ];
}

function asks({ failure, status }: Packet): string {
  if (failure !== undefined) return 'What is asked instead';
  return status === 'open' || status === 'waiting' ? 'What runs, if approved' : 'The action';
}

function code(
  part: CodeBlock['part'],
  heading: string,
  note: string,
  { action, args }: NonNullable<Packet['undo']>,
): CodeBlock {
  return { kind: 'code', part, heading, note, action: id(action), data: json(args) };
}

/** Since the last revision; and since the one that this reader saw, where that is an older one. */
function changes(packet: Packet, seen: Seen | undefined): ChangesBlock[] {
  const { revision, diff, words = [] } = packet;
  const READ = ', which you saw last';
  const last = diff === undefined ? undefined : { revision: revision - 1, diff, words };
  return [
    ...(last === undefined ? [] : [since(packet, last, seen?.revision === last.revision ? READ : '')]),
    ...(seen === undefined || seen.revision === last?.revision ? [] : [since(packet, seen, READ)]),
  ];
}

function since({ workflowId }: Packet, { revision, diff, words }: Seen, note: string): ChangesBlock {
  const operations = diff.filter(({ path }) => !words.some((one) => one.path === path));
  const whole = command(commandOn('show', workflowId, '--full'));
  return {
    kind: 'changes',
    heading: `Changed since revision ${String(revision)}${note}`,
    operations: operations.map(json),
    texts: words.map(({ path, changes }) => ({ path: line(path), changes: json(changes) })),
    ...(operations.length + words.length === 0 ? { nothing: 'nothing but the revision' } : {}),
    omitted: sentence`… stands for words as they were; ${whole} has them`,
  };
}

function claim(proposal: Proposal, lessons = 0): ClaimBlock {
  const { title, rationale, confidence, sensitive, evidence = [] } = proposal;
  const marked: Sentence = sensitive ? [', sensitive'] : [];
  return {
    kind: 'claim',
    heading: "The agent's claim",
    note: 'words, not what runs',
    words: [title, rationale].filter((one) => one !== '').map(text),
    evidence: evidence.map(({ label, value, href }) => ({
      label: line(label),
      value: text(value),
      ...(href === undefined ? {} : { href: line(href) }),
    })),
    remarks: [
      sentence`confidence ${confidence}${marked}`,
      ...(lessons === 0 ? [] : [sentence`it was shown ${lessons} that people had edited or rejected before`]),
    ],
  };
}

function hashes({ digest, revision, shown, deployment }: Packet): HashesBlock[] {
  if (digest === undefined) return [];
  return [
    {
      kind: 'hashes',
      digest: id(digest),
      revision,
      ...(shown === undefined ? {} : { shown: id(shown) }),
      ...(deployment === undefined ? {} : { deployment: id(deployment) }),
    },
  ];
}
