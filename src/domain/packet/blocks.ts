/**
 * What any view of a gate consists of: blocks, in the order in which they are read. They say everything that matters, once, in words
 * that every medium shares. A renderer leaves out what its medium has no room for, lays out the rest, and makes foreign text visible;
 * it adds no fact and words none of its own.
 */
import type { Operation } from 'fast-json-patch';
import type { Grade } from '../grade';
import type { OnSilence } from '../policy';
import type { Need } from '../verdicts';
import type { Rewording } from '../words';
import { sentence, type Raw, type RawJson, type Sentence } from './sentence';

export type Block =
  HeadingBlock | WordsBlock | CodeBlock | ChangesBlock | ClaimBlock | PlanBlock | FactBlock | HashesBlock;

export interface HeadingBlock {
  readonly kind: 'heading';
  readonly workflowId: Raw<'id'>;
  /** A plan's own workflow, rather than one of its gates. */
  readonly of: 'gate' | 'plan';
  readonly gate: Raw<'id'>;
  /** From 1 on; 0 before anything was proposed. */
  readonly revision: number;
  /** Its status; once it is closed, also how it ended. */
  readonly state: Sentence;
  /** Decisions are taken here. */
  readonly open: boolean;
}

/** Somebody's words about where it stands: why it ended, what it waits for, what the server says of trouble, why the agent had no proposal. */
export interface WordsBlock {
  readonly kind: 'words';
  readonly heading: 'Reason' | 'Waiting' | 'Trouble' | 'The agent could not propose';
  readonly code?: Raw<'id'>;
  readonly words: Raw<'text'>;
}

/** Data as it is hashed, or as the action foresees its effect. */
export interface CodeBlock {
  readonly kind: 'code';
  readonly part: 'action' | 'undo' | 'preview';
  readonly heading: string;
  /** What binds people to it. */
  readonly note?: string;
  /** Of `action` and `undo`: what is done with the data. */
  readonly action?: Raw<'id'>;
  readonly data: RawJson;
}

/** What has changed since a revision. */
export interface ChangesBlock {
  readonly kind: 'changes';
  readonly heading: string;
  /** RFC 6902, of everything but the texts. */
  readonly operations: readonly RawJson<Operation>[];
  /** Word by word. */
  readonly texts: readonly { readonly path: Raw<'line'>; readonly changes: RawJson<Rewording['changes']> }[];
  /** Where there is neither. */
  readonly nothing?: string;
  /** For a renderer that leaves out words as they were, and puts an ellipsis in their place. */
  readonly omitted: Sentence;
}

/** What the agent says of its proposal; nothing of it runs. */
export interface ClaimBlock {
  readonly kind: 'claim';
  readonly heading: string;
  readonly note: string;
  /** The title, and the rationale where there is one. */
  readonly words: readonly Raw<'text'>[];
  readonly evidence: readonly EvidenceRow[];
  /** How sure it is, and what it was taught. */
  readonly remarks: readonly Sentence[];
}

export interface EvidenceRow {
  readonly label: Raw<'line'>;
  readonly value: Raw<'text'>;
  readonly href?: Raw<'line'>;
}

/** As a plain text has it, which has no links. */
export function evidenceText({ label, value, href }: EvidenceRow): Sentence {
  const link = href === undefined ? [] : sentence` <${href}>`;
  return sentence`${label}: ${value}${link}`;
}

export interface PlanBlock {
  readonly kind: 'plan';
  readonly heading: 'The plan';
  /** Where the plan stands, and what a rejection means. */
  readonly stands: Sentence;
  /** Index of the step under way, or of the last one. */
  readonly at: number;
  readonly steps: readonly StepRow[];
  /** What lists every step. */
  readonly all: Raw<'command'>;
}

export interface StepRow {
  readonly name: Raw<'id'>;
  /** Its proposal's title, or the first line of its task. */
  readonly about: Sentence;
  readonly stands: Sentence;
  /** The same in a word or two, to be counted by. */
  readonly briefly: Sentence;
  /** The view is about this step; `back`: about what takes it back. */
  readonly mark?: 'here' | 'back';
}

/** A row that reads label and sentence. The kinds carry beside it what a form, a countdown or a picture of people needs. */
export type FactBlock =
  PlainFact | PeopleFact | ElsewhereFact | DeadlineFact | ConfirmationFact | GradeFact | VerdictsFact;

export interface PlainFact {
  readonly kind: 'fact';
  readonly label: 'passed up' | 'requester' | 'proposed by' | 'risk' | 'sent to';
  readonly says: Sentence;
}

export interface PeopleFact {
  readonly kind: 'people';
  readonly label: 'asked' | 'signed' | 'rejected' | 'missing' | 'delegated';
  readonly says: Sentence;
  /** Those of them that are known by name. */
  readonly people: readonly Raw<'id'>[];
}

/** People decide in another workflow. */
export interface ElsewhereFact {
  readonly kind: 'elsewhere';
  readonly label: 'decide on';
  readonly says: Sentence;
  readonly workflowId: Raw<'id'>;
  readonly show: Raw<'command'>;
}

export interface DeadlineFact {
  readonly kind: 'deadline';
  readonly label: 'until';
  readonly says: Sentence;
  readonly at: Raw<'instant'>;
  /** Only while silence means something. */
  readonly silence?: OnSilence;
}

export interface ConfirmationFact {
  readonly kind: 'confirmation';
  readonly label: 'confirm';
  readonly says: Sentence;
  /** To be typed by whoever approves or edits, character for character. */
  readonly phrase?: Raw<'id'>;
}

export interface GradeFact {
  readonly kind: 'grade';
  readonly label: 'names';
  readonly says: Sentence;
  readonly grade: Grade;
}

export interface VerdictsFact {
  readonly kind: 'verdicts';
  readonly label: 'you may';
  readonly says: Sentence;
  readonly offered: readonly Offer[];
}

export interface Offer {
  readonly verdict: Raw<'id'>;
  /** Fields of the decision without which it is refused. */
  readonly needs: readonly Need[];
}

/** What a decision names, and where it counts. */
export interface HashesBlock {
  readonly kind: 'hashes';
  readonly digest: Raw<'id'>;
  readonly revision: number;
  readonly shown?: Raw<'id'>;
  readonly deployment?: Raw<'id'>;
}

export function isFact(block: Block): block is FactBlock {
  return 'label' in block;
}

/** The first block of a kind. */
export function blockOf<K extends Block['kind']>(
  blocks: readonly Block[],
  kind: K,
): Extract<Block, { readonly kind: K }> | undefined {
  return blocks.find((block): block is Extract<Block, { readonly kind: K }> => block.kind === kind);
}
