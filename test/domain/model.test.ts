/** The core beside a model of it that shares nothing with it: whatever happens, both stand alike after each step. */
import fc from 'fast-check';
import { counted, share, WHOLE } from '../support/share';
import { packetOf } from '../../src/domain/packet';
import type { Gate } from '../../src/domain/gate';
import { must } from './fuzz-holds';
import { playOne } from './fuzz-play';
import { diceOf, KEYED } from './fuzz-scenes';
import type { Witness } from './fuzz-stage';
import {
  digestNow,
  levelOf,
  phraseOf,
  rejecters,
  revisionOf,
  signers,
  stateOf,
  type Act,
  type State,
} from './model';
import { contentOf, judged, offered } from './model-reasons';

const SEED = 20_260_303;
const SEQUENCES = 50_000;
/** Decisions of a sequence. */
const LONGEST = 20;

const compared = { steps: 0, counts: new Map<string, number>() };

function count(what: string): void {
  compared.counts.set(what, (compared.counts.get(what) ?? 0) + 1);
}

function modelled(state: State, atChild: boolean) {
  return {
    status: state.status,
    outcome: state.outcome,
    revision: revisionOf(state),
    digest: digestNow(state),
    level: levelOf(state).name,
    deadline: state.deadlines?.now,
    phrase: phraseOf(state),
    signers: signers(state).sort(),
    rejecters: rejecters(state).sort(),
    sentBack: state.sentBack,
    executeBefore: state.executeBefore,
    verdicts: state.status === 'waiting' && !atChild ? [] : offered(state),
  };
}

/** @param asked whose turn it is: the level's own gate, where one is asked */
function cored(asked: Gate, root: Gate): ReturnType<typeof modelled> {
  const { level = '', verdicts } = packetOf(asked);
  return {
    status: root.status,
    outcome: root.status === 'closed' ? root.outcome : undefined,
    revision: root.revision,
    digest: root.digest,
    level,
    deadline: asked.status === 'open' ? asked.deadline : undefined,
    phrase: root.phrase,
    signers: asked.signatures.map(({ reviewer }) => reviewer).sort(),
    rejecters: asked.rejections.map(({ reviewer }) => reviewer).sort(),
    sentBack: root.sentBack,
    executeBefore: 'executeBefore' in root ? root.executeBefore : undefined,
    verdicts: [...verdicts],
  };
}

/** Goes through all that happened again, once it is more than it was. */
function witness(): Witness {
  const acts: Act[] = [];
  const answers = new Map<string, string | undefined>();
  let who = { requester: '', directory: undefined as typeof KEYED | undefined };
  let last = { acts: -1, state: stateOf({ ...who, acts: [] }) };
  const state = () => {
    if (last.acts !== acts.length) last = { acts: acts.length, state: stateOf({ ...who, acts }) };
    return last.state;
  };
  return {
    begins({ requester, reviewers }) {
      who = { requester, directory: reviewers === undefined ? undefined : KEYED };
    },
    did(act) {
      acts.push(act);
    },
    said(sent, code) {
      const { to, at, decision } = sent;
      const { again, first, reasons } = judged(acts, state(), { to, at, decision });
      const key = `${to} ${decision.id}`;
      const words = `${decision.verdict} of ${decision.reviewer}: ${code ?? 'admitted'}, not ${reasons.join()}`;
      if (again === true) must(code === answers.get(key), `another answer than before, ${words}`);
      else if (first !== undefined) must(code === first, words);
      else must(code === undefined ? reasons.length === 0 : reasons.includes(code), words);
      if (reasons.length < 2) count(reasons[0] ?? (again === true ? 'again' : decision.verdict));
      if (again === true || first === 'ID_REUSED') return;
      answers.set(key, code);
      const content = contentOf(decision);
      acts.push(code === undefined ? sent : { did: 'turned away', to, id: decision.id, content });
    },
    shown(asked, root) {
      const model = JSON.stringify(modelled(state(), asked !== root));
      const core = JSON.stringify(cored(asked, root));
      must(core === model, `the core stands at ${core}, the model at ${model}`);
      compared.steps += 1;
    },
  };
}

/** Those that nothing else comes with; a late one of a failed gate, say, has two. */
const ALONE = `
  ALREADY_SIGNED ANSWER_REQUIRED ARGS_REQUIRED ASK_CHILD BEING_REVISED COMMENT_REQUIRED DEADLINE_PASSED DELEGATE_NOT_ALLOWED
  DELEGATE_REQUIRED EXTENSION_NOT_ALLOWED GATE_CLOSED ID_REUSED NOTHING_TO_WITHDRAW NOT_AN_APPROVER NOT_THE_REQUESTER
  OWNER_CANNOT_DECIDE PHRASE_MISMATCH PHRASE_REQUIRED REQUESTER_CANNOT_DECIDE SIGNED_AT_ANOTHER_LEVEL STALE_REVISION
  UNAUTHENTICATED UNEXPECTED_FIELD UNKNOWN_REVIEWER UNTIL_REQUIRED VERDICT_NOT_OFFERED`;
const VERDICTS = 'approve edit reject revise respond escalate delegate withdraw extend comment cancel again';
const ENDS = ['executed', 'approved', 'rejected', 'answered', 'expired', 'cancelled', 'failed'];
const LEVEL_ENDS = ['approved', 'rejected', 'answered', 'expired', 'cancelled', 'escalated', 'revised'];

/** Chance is uneven: of a twentieth some come up a third as often. */
const enough = (least: number): number => (WHOLE ? least : least / 60);

describe('the core and its model', () => {
  it('go the same way, and refuse for the same reasons', () => {
    const note = (what: string) => {
      if (/^(closed|level) /.test(what)) count(what);
    };
    const play = (seed: number) => {
      playOne({ dice: diceOf(seed), note, witness: witness() }, LONGEST);
    };
    fc.assert(fc.property(fc.integer(), play), { seed: SEED, numRuns: share(SEQUENCES), endOnFailure: true });
    expect(compared.steps).toBeGreaterThan(share(500_000));
    counted('model', { sequences: share(SEQUENCES), steps: compared.steps });
  }, 600_000);

  it.each([
    ['for that reason alone', 150, ALONE.trim().split(/\s+/)],
    ['and were admitted', 1_000, VERDICTS.split(' ')],
    ['in all ways', 300, [...ENDS.map((one) => `closed ${one}`), ...LEVEL_ENDS.map((one) => `level ${one}`)]],
  ])(
    'decisions were refused, or gates ended, %s at least %d times each, where all are played',
    (_, least, list) => {
      expect(list.filter((what) => (compared.counts.get(what) ?? 0) < enough(least))).toEqual([]);
    },
  );
});
