/**
 * What a reviewer may say, as one table: what each verdict needs, who may say it, and at which status of the gate. Admission, the verdicts
 * that a gate offers, forms and required flags read it, so that none of them asks for less than the gate does.
 */
import { z } from 'zod';

/** Fields of a decision that belong to some verdicts alone; each verdict may bring a comment. */
export const VERDICT_FIELDS = ['args', 'answer', 'to', 'until', 'phrase'] as const;
export type VerdictField = (typeof VERDICT_FIELDS)[number];

/** What a verdict may need beside id, digest and reviewer. */
export type Need = VerdictField | 'comment';

export interface VerdictSpec {
  /** It is refused without them, and with a field of another verdict; `phrase` only where the gate has one, at VERIFY. */
  readonly needs: readonly Need[];
  /** `approver`: whoever may decide at the level that is asked. */
  readonly by: readonly ('approver' | 'requester')[];
  /** The statuses at which the gate takes it. */
  readonly while: readonly ('open' | 'proposing' | 'approved')[];
  /** Where a policy's list of verdicts cannot leave it out; `unproposed`: where the agent had no proposal. */
  readonly always: 'never' | 'unproposed' | 'ever';
  /** It is about the proposal, and is not offered where the agent had none. */
  readonly needsProposal: boolean;
  /** It signs, or has somebody sign on one's behalf: a person does so at one level alone. */
  readonly signs: boolean;
  /** It may end the gate. What cannot gets less room in the record, so that what can still finds some. */
  readonly ends: boolean;
}

const PLAIN = { by: ['approver'], while: ['open'], always: 'never', signs: false } as const;
const OF_PROPOSAL = { ...PLAIN, needsProposal: true, ends: false } as const;
const ANYHOW = { ...PLAIN, needsProposal: false } as const;

const table = {
  approve: { ...OF_PROPOSAL, needs: ['phrase'], signs: true, ends: true },
  edit: { ...OF_PROPOSAL, needs: ['args', 'phrase'], signs: true },
  reject: { ...ANYHOW, needs: ['comment'], always: 'unproposed', signs: true, ends: true },
  revise: { ...ANYHOW, needs: ['comment'], ends: false },
  respond: { ...ANYHOW, needs: ['answer'], ends: true },
  escalate: { ...ANYHOW, needs: ['comment'], ends: true },
  delegate: { ...OF_PROPOSAL, needs: ['to'], signs: true },
  withdraw: { ...OF_PROPOSAL, needs: [] },
  extend: { ...OF_PROPOSAL, needs: ['until'] },
  comment: {
    ...ANYHOW,
    needs: ['comment'],
    by: ['approver', 'requester'],
    while: ['open', 'proposing'],
    always: 'ever',
    ends: false,
  },
  cancel: {
    ...ANYHOW,
    needs: [],
    by: ['requester'],
    while: ['open', 'proposing', 'approved'],
    always: 'ever',
    ends: true,
  },
} satisfies Readonly<Record<string, VerdictSpec>>;

export type Verdict = keyof typeof table;
export const VERDICTS: Readonly<Record<Verdict, VerdictSpec>> = table;

/** In the order in which they are offered. */
export const ALL_VERDICTS = Object.keys(VERDICTS) as [Verdict, ...Verdict[]];
export const Verdict = z.enum(ALL_VERDICTS);
