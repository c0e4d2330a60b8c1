/**
 * Every signal, query, update and search attribute, defined once: workflow and client both import them from here.
 * Arguments are `unknown` on purpose, since a handler gets whatever a sender sent.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Receipt } from '../domain/gate/decision';
import type { FeedbackReceipt, FeedbackResult } from '../domain/feedback';
import type { Packet, Result } from '../domain/packet';

/** A person's decision (`Decision`). Durable while no worker runs; its answer is the query `receipt`. */
export const decideSignal = defineSignal<[unknown]>('decide');
/** The same object, answered at once with its receipt. */
export const decideUpdate = defineUpdate<Receipt, [unknown]>('decide');
/** A receipt and, where the decision brought the gate to its end, how it ended. */
export type Concluded = Receipt & { readonly result?: Result };
/** The same object for callers who wait: answered once it has been executed, where it was the decision that counted. */
export const decideForOutcomeUpdate = defineUpdate<Concluded, [unknown]>('decideForOutcome');
/** The reviewer's whole packet, open or closed. */
export const gateQuery = defineQuery<Packet>('gate');
/** The receipt of one decision id. */
export const receiptQuery = defineQuery<Receipt, [unknown]>('receipt');
/** The receipt a decision would get now, without it being made: the same admission, nothing recorded. */
export const admitQuery = defineQuery<Receipt, [unknown]>('admit');

/** What a person says of a run's output (`Feedback`), to `collectFeedback`. Durable while no worker runs. */
export const feedbackSignal = defineSignal<[unknown]>('feedback');
/** What has come so far, as the result will have it. */
export const feedbackQuery = defineQuery<FeedbackResult>('feedback');
/** The receipt of one feedback id. */
export const feedbackReceiptQuery = defineQuery<FeedbackReceipt, [unknown]>('receipt');

export const DESCRIPTIONS = {
  decide:
    'Approve, edit, reject, revise, respond, escalate, delegate, withdraw, extend, comment or cancel. Paste the decision from the current details: ' +
    '{"v":1,"id":"new for each decision","digest":"of the revision you read","verdict":"approve","reviewer":"you"}',
  decideForOutcome: 'The same object; answers with the outcome, once there is one.',
  gate: 'The whole question: proposal, digest, preview, policy, deadline, signatures.',
  receipt: 'What became of a decision. Argument: its id, as a JSON string.',
  feedback:
    'A score from 0 to 1 for one key. Paste: {"v":1,"id":"new for each","reviewer":"you","key":"helpfulness","score":1}; comment and correction are optional.',
  collected: 'The feedback so far, and how many signals were refused.',
  feedbackReceipt: 'What became of a feedback. Argument: its id, as a JSON string.',
  admit: 'What would become of a decision, without making it. Argument: the decision.',
} as const;

/**
 * queued while a limit has it wait for its turn, open while people are asked, proposing while the agent is asked again, waiting while a level's own workflow asks; then approved,
 * answered, rejected, expired, cancelled or failed (of a level also escalated, revised). Never any content.
 */
export const CountersignState = defineSearchAttributeKey('CountersignState', SearchAttributeType.KEYWORD);
/** The people who may decide; `*` is anybody. */
export const CountersignApprovers = defineSearchAttributeKey(
  'CountersignApprovers',
  SearchAttributeType.KEYWORD_LIST,
);
/** low, medium or high: of the action. */
export const CountersignRisk = defineSearchAttributeKey('CountersignRisk', SearchAttributeType.KEYWORD);
/** The open level's deadline. */
export const CountersignDueAt = defineSearchAttributeKey('CountersignDueAt', SearchAttributeType.DATETIME);

/** Where a limit says how many gates may be open at once: `requester:` and `agent:` with the SHA-256 of its name, whose gate it is. */
export const CountersignParties = defineSearchAttributeKey(
  'CountersignParties',
  SearchAttributeType.KEYWORD_LIST,
);

export const SEARCH_ATTRIBUTES = [
  CountersignState,
  CountersignApprovers,
  CountersignRisk,
  CountersignDueAt,
  CountersignParties,
] as const;
