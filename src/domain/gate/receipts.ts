/** What a gate remembers of what it was sent: the first receipt of an id stays, and a repeat is told from a reuse. */
import type { Decision, Receipt } from './decision';
import { canonical, sha256Hex } from '../digest';
import { utf8Length } from '../json';
import { refusal, type Refusal } from './refusals';

export interface Answered {
  readonly receipt: Receipt;
  /** SHA-256 of what was sent under the id, to tell a repeat from a reuse. */
  readonly content: string;
}

/** What answering takes of a gate. */
export interface Answers {
  readonly gate: string;
  readonly revision: number;
  readonly answered: readonly Answered[];
  readonly refusals: number;
}

const RECEIPTS_KEPT = 500;
/** Bytes of a refusal's sentence that its receipt keeps; the audit has all of it. */
const SENTENCE = 300;

/** `unknown` for an id that this gate has not answered. */
export function receiptFor(gate: Answers, id: string): Receipt {
  return answerTo(gate, id)?.receipt ?? { id, status: 'unknown', gate: gate.gate, revision: gate.revision };
}

export function answerTo(gate: Answers, id: string): Answered | undefined {
  return gate.answered.find(({ receipt }) => receipt.id === id);
}

/** A repeat gets the first answer again, another content under the same id is refused. */
export function repeat({ receipt, content }: Answered, decision: Decision): Refusal | undefined {
  if (content !== contentOf(decision)) return refusal('ID_REUSED', { id: decision.id });
  return receipt.status === 'admitted'
    ? undefined
    : { code: receipt.code as Refusal['code'], message: receipt.message ?? '' };
}

/** Records the receipt of a decision that `admit` refuses. The first receipt of an id stays. */
export function refuse<G extends Answers>(gate: G, sent: { readonly id: string }, refused: Refusal): G {
  const counted = { ...gate, refusals: gate.refusals + 1 };
  if (answerTo(gate, sent.id) !== undefined) return counted;
  const { gate: name, revision } = gate;
  const { code, message: whole } = refused;
  const message = cut(whole);
  return answer(counted, sent, { id: sent.id, status: 'refused', code, message, gate: name, revision });
}

function cut(sentence: string): string {
  if (utf8Length(sentence) <= SENTENCE) return sentence;
  let room = SENTENCE;
  return `${[...sentence].filter((character) => (room -= utf8Length(character)) >= 0).join('')}…`;
}

/** With what was answered before there was a gate. */
export function remembering<G extends Answers>(gate: G, { answered, refusals }: Answers): G {
  return {
    ...gate,
    answered: [...answered, ...gate.answered],
    refusals: refusals + gate.refusals,
  };
}

/** Admitted receipts all stay; of the refused ones the last 500, so that a flood cannot grow the state. */
export function answer<G extends Answers>(gate: G, sent: object, receipt: Receipt): G {
  const answered = [...gate.answered, { receipt, content: contentOf(sent) }];
  const refused = answered.filter((one) => one.receipt.status === 'refused');
  const [oldest] = refused.length > RECEIPTS_KEPT ? refused : [];
  return { ...gate, answered: oldest === undefined ? answered : answered.filter((one) => one !== oldest) };
}

/** Without its signature and its vouch: what is signed again, for a repeat later on, says the same. */
function contentOf(sent: object): string {
  const { signature: _s, vouch: _v, ...said } = sent as { signature?: unknown; vouch?: unknown };
  return sha256Hex(canonical(said));
}
