/** Each kind of fact in a sentence. What the record says and no sentence here tells is told as it stands. */
import type { Fact } from '../../domain/audit';
import { numberOf, objectOf, textOf, type Told } from '../../domain/report';
import { block, h, joined, json, NOTHING, short, when, words, type Html } from './html';

const w = (fact: Told, key: string) => words(textOf(fact[key]));
const n = (fact: Told, key: string) => words(String(numberOf(fact[key])));
const because = (fact: Told) => (fact['reason'] === undefined ? NOTHING : h`: ${w(fact, 'reason')}`);
const until = (fact: Told) =>
  fact['deadline'] === undefined ? NOTHING : h`, until ${when(textOf(fact['deadline']))}`;
const names = (value: unknown) =>
  joined((Array.isArray(value) ? value : []).map((one) => words(textOf(one))));
const ofChild = (fact: Told) => words(textOf(objectOf(fact['child'])['workflowId']));
const chain = (fact: Told) => words(textOf(objectOf(fact['of'])['workflowId']));

const revision = (fact: Told) => h`revision ${n(fact, 'revision')}`;
const digest = (fact: Told) => h`digest ${short(textOf(fact['digest']))}`;

const SENTENCES: { readonly [Type in Fact['type']]: (fact: Told) => Html } = {
  proposed,
  'proposal-failed': (f) =>
    h`${w(f, 'by')} had nothing to propose: ${w(f, 'code')}, ${w(f, 'message')}${task(f)}`,
  continued: (f) =>
    f['gone'] === undefined
      ? h`Went on in the run ${w(f, 'runId')}`
      : h`Went on in the run ${w(f, 'runId')}, anew: the run ${w(f, 'gone')} is no longer known`,
  queued: (f) => h`Had to wait for its turn${because(f)}`,
  opened: (f) => {
    const confirmation = words(textOf(objectOf(f['policy'])['confirmation']));
    const rule = f['rule'] === undefined ? NOTHING : h`, by the rule ${w(f, 'rule')}`;
    return h`${revision(f)} was put to ${w(f, 'level')}, ${confirmation}${rule}${until(f)}; ${digest(f)}`;
  },
  decided,
  revised: (f) => h`${revision(f)} by ${w(f, 'by')}${until(f)}; ${digest(f)}${json(f['args'])}`,
  refused: (f) => {
    const verdict = h` (${w(f, 'verdict')} in the name of ${w(f, 'reviewer')})`;
    return h`Refused, ${w(f, 'code')}: ${w(f, 'message')}${f['reviewer'] === undefined ? NOTHING : verdict}`;
  },
  repeated: (f) => h`The decision ${w(f, 'id')} came again, and was answered as the first time`,
  'refusals-counted': (f) => h`${n(f, 'count')} more refusals, repeats or unknown signals, counted alone`,
  'unknown-signal': (f) => h`An unknown signal: ${w(f, 'name')}`,
  approved: (f) => {
    const signers = names(f['signers']);
    const of = signers === '' ? NOTHING : h` of ${signers}`;
    const key = short(textOf(f['key']));
    return h`Approved on ${w(f, 'basis')}${of} at ${w(f, 'level')}: ${revision(f)}, ${digest(f)}; may run under the key ${key}`;
  },
  'histories-gone': (f) =>
    h`The server no longer has the histories of the runs ${names(f['runs'])}: what was sent to them was not read`,
  escalated: (f) => h`Passed up from ${w(f, 'from')} to ${w(f, 'to')}${because(f)}`,
  'level-opened': (f) => h`${w(f, 'level')} is asked, in the workflow ${ofChild(f)}`,
  'level-ended': (f) => h`${w(f, 'level')} ended ${w(f, 'outcome')}${because(f)}`,
  planned: (f) =>
    h`A plan for ${w(f, 'requester')}: ${names(f['steps'])}; at a rejection: ${w(f, 'onReject')}`,
  'step-opened': (f) => h`The step ${w(f, 'step')} is asked about, in the workflow ${ofChild(f)}`,
  'step-ended': (f) => h`The step ${w(f, 'step')} ended ${w(f, 'outcome')}${because(f)}`,
  extended: (f) => h`The deadline of ${w(f, 'level')} was moved${until(f)}`,
  reminded: (f) => h`${w(f, 'level')} was reminded, ${n(f, 'nth')}`,
  warned: (f) => h`${w(f, 'level')} was warned that time runs out${until(f)}`,
  notified: (f) => h`Told (${w(f, 'kind')}): ${names(f['to'])}`,
  'not-notified': (f) => h`Could not be told (${w(f, 'kind')}): ${w(f, 'message')}`,
  'found-ended': (f) => h`Found ended in Temporal, ${w(f, 'status')}: ${chain(f)}${because(f)}`,
  'fork-explained': (f) => h`A fork of ${chain(f)} is explained by ${w(f, 'by')}`,
  mismatch: (f) => h`<strong>Does not match</strong>: ${chain(f)}, ${w(f, 'problem')}`,
  reconciled: (f) => h`Compared with Temporal: ${n(f, 'checked')} workflows`,
  executed,
  'completed-by-hand': (f) =>
    h`<strong>Completed by hand</strong>, not by the executor, under the key ${short(textOf(f['key']))}; whether it had an effect is not known`,
  closed: (f) => h`Ended <strong>${w(f, 'outcome')}</strong>${because(f)}`,
};

export function sentence(fact: Told): Html {
  return Object.hasOwn(SENTENCES, fact.type) ? SENTENCES[fact.type as Fact['type']](fact) : json(fact);
}

function task(fact: Told): Html {
  return fact['task'] === undefined ? NOTHING : h` The task: ${block(textOf(fact['task']))}`;
}

function proposed(fact: Told): Html {
  const { action, args, rationale, evidence, confidence, sensitive } = objectOf(fact['proposal']);
  const { model } = objectOf(fact['generation']);
  const made = model === undefined ? NOTHING : h` (${words(textOf(model))})`;
  const claims = h`confidence ${words(textOf(confidence))}${sensitive === true ? h`, sensitive` : NOTHING}`;
  const reason = textOf(rationale);
  const why = reason === '' ? NOTHING : h`The reason given: ${block(reason)}`;
  const shown = (Array.isArray(evidence) ? evidence : []).map((one) => {
    const { label, value, href } = objectOf(one);
    const link = href === undefined ? NOTHING : h` (${words(textOf(href))})`;
    return h`<li>${words(textOf(label))}: ${words(textOf(value))}${link}</li>`;
  });
  const seen = shown.length === 0 ? NOTHING : h`<ul>${shown}</ul>`;
  return h`${w(fact, 'by')}${made} proposed ${words(textOf(action))} for ${w(fact, 'requester')}, ${claims}${json(args)}${why}${seen}`;
}

function executed(fact: Told): Html {
  const { taskQueue, activity } = objectOf(fact['by']);
  const ran = h`Ran under the key ${short(textOf(fact['key']))}; its result has the hash ${short(textOf(fact['result']))}`;
  const where = h`, as ${words(textOf(activity))} on ${words(textOf(taskQueue))}`;
  const signer = h`, with a receipt by the key ${words(textOf(objectOf(fact['receipt'])['signer']))}`;
  const none = h`, <strong>without a receipt</strong>: anybody who may complete an activity can bring it about`;
  return h`${ran}${fact['by'] === undefined ? NOTHING : where}${fact['receipt'] === 'none' ? none : signer}`;
}

/** The table of decisions has the rest. */
function decided(fact: Told): Html {
  const { id, reviewer, verdict, signature } = objectOf(fact['decision']);
  const key = words(textOf(objectOf(signature)['key']));
  const signed = signature === undefined ? NOTHING : h`, signed with the key ${key}`;
  return h`${words(textOf(reviewer))}: ${words(textOf(verdict))}, by ${w(fact, 'via')}, as ${words(textOf(id))}${signed}`;
}
