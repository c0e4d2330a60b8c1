/** A million decisions through the pure core, a twentieth of them in `npm test`: nothing throws, and nothing is approved that was not signed as its policy asks. */
import fc from 'fast-check';
import { counted, share, WHOLE } from '../support/share';
import { playOne } from './fuzz-play';
import { diceOf } from './fuzz-scenes';

const SEED = 20_260_302;
const A_RUN = 500;

/** Counts by what was reached. */
function tally() {
  const reached = new Map<string, number>();
  const note = (what: string) => {
    reached.set(what, (reached.get(what) ?? 0) + 1);
  };
  /** Those of a list that were reached less than so many times. */
  const lacks = (list: string, least: number) =>
    list.split(/\s*[,\n]\s*/).filter((what) => what !== '' && (reached.get(what) ?? 0) < least);
  return { note, lacks, all: () => [...reached.keys()] };
}

/** Every code that is refused without asking anybody outside of the core. */
const CODES = `
  ALREADY_SIGNED, ANSWER_REQUIRED, ARGS_REQUIRED, ASK_CHILD, BEING_REVISED, COMMENT_REQUIRED, DEADLINE_PASSED, DELEGATE_NOT_ALLOWED
  DELEGATE_REQUIRED, EXTENSION_NOT_ALLOWED, GATE_CLOSED, GATE_FULL, ID_REUSED, KEY_NOT_VALID, KEY_REVOKED, MALFORMED_DECISION
  NOTHING_PROPOSED, NOTHING_TO_WITHDRAW, NOT_AN_APPROVER, NOT_THE_REQUESTER, NO_NEXT_LEVEL, OWNER_CANNOT_DECIDE, PHRASE_MISMATCH
  PHRASE_REQUIRED, REQUESTER_CANNOT_DECIDE, REVISIONS_EXHAUSTED, SHOWN_OTHERWISE, SIGNATURE_EXPIRED, SIGNATURE_TIMES
  SIGNATURE_TOO_OLD, SIGNED_AT_ANOTHER_LEVEL
  STALE_REVISION, UNAUTHENTICATED, UNEXPECTED_FIELD, UNKNOWN_KEY, UNKNOWN_REVIEWER, UNTIL_REQUIRED, VERDICT_NOT_OFFERED`;
const VERDICTS = `
  counted approve, counted edit, counted reject, counted revise, counted respond, counted escalate, counted delegate
  counted withdraw, counted extend, counted comment, counted cancel, parsed, repeated, reminder, warning`;
const ENDS = `
  closed executed, closed approved, closed rejected, closed answered, closed expired, closed cancelled, closed failed
  level approved, level rejected, level answered, level expired, level cancelled, level escalated, level revised`;
const APPROVALS = `
  approved by signatures, approved by notice, approved by silence
  approved: VERIFY, approved: signed, approved: groups, approved: roles, approved: several, approved: above, approved: revised
  approved: delegated, approved: on behalf, approved: edited, approved: edited to another policy
  approved: without a directory, approved: by an alias, approved: by the requester`;

function plays(decisions: number, note: (what: string) => void, twice = false): number {
  let said = 0;
  const play = (seed: number) => {
    const dice = diceOf(seed);
    let big = dice(20) === 0;
    for (let left = A_RUN; left > 0; big = false) {
      const took = playOne({ dice, note, big, twice }, big ? 60 : left);
      said += took;
      left -= Math.max(took, 1);
    }
  };
  const numRuns = Math.ceil(decisions / A_RUN) + 1; // a gate may end before anything is said

  fc.assert(fc.property(fc.integer(), play), { seed: SEED, numRuns, endOnFailure: true });
  return said;
}

/** A million where COUNTERSIGN_PROVE=1, a twentieth of it otherwise. */
describe('a million decisions', () => {
  const { note, lacks, all } = tally();

  it('never throw, and approve nothing that was not signed', () => {
    const decisions = plays(share(1_000_000), note);
    expect(decisions).toBeGreaterThanOrEqual(share(1_000_000));
    counted('decisions', { decisions });
  }, 600_000);

  it('reached each code, verdict and end, and approvals of each kind, so that the above says something', () => {
    expect([
      lacks(CODES, share(20)).filter((code) => WHOLE || code !== 'GATE_FULL'),
      lacks(VERDICTS, share(3_000)),
      lacks(ENDS, share(500)),
      lacks(APPROVALS, share(300)),
    ]).toEqual([[], [], [], []]);
    const listed = new Set(`${CODES}\n${VERDICTS}\n${ENDS}\n${APPROVALS}`.split(/\s*[,\n]\s*/));
    expect(all().filter((what) => !listed.has(what))).toEqual([]);
  });
});

describe('a gate is plain JSON', () => {
  const { note, lacks } = tally();

  it('what was carried to a new run goes the same way, tells the same and shows the same, at every step', () => {
    const decisions = share(30_000, 3_000); // each is played twice, and compared
    const played = plays(decisions, note, true);
    expect(played).toBeGreaterThanOrEqual(decisions);
    counted('decisions', { carried: played });
    const reached = WHOLE
      ? [lacks(VERDICTS, 50), lacks(ENDS, 10), lacks(APPROVALS, 5)]
      : [lacks(VERDICTS, 1), lacks(ENDS, 1)];
    expect(reached.flat()).toEqual([]);
  }, 600_000);
});
