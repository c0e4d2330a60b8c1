/** Every verdict of the contract: what it does, what it needs, and each reason for which it is refused. */
import { type Policy } from '../../src/domain/policy';
import {
  approve,
  cancel,
  comment,
  DEADLINE,
  delegate,
  edit,
  escalateTo,
  extend,
  HOUR,
  ladder,
  leaves,
  open,
  play,
  policy,
  reject,
  respond,
  revise,
  says,
  withdraw,
  type Said,
} from './given';

type Left = ReturnType<typeof leaves>;
const UNTOUCHED: Left = {
  status: 'open',
  revision: 1,
  amount: 40,
  signatures: [],
  rejections: [],
  outcome: undefined,
  reason: undefined,
};

interface Row {
  readonly said: string;
  readonly under?: Policy;
  readonly ds: readonly Said[];
  readonly answers: readonly string[];
  /** Of the last decision; '' where it was admitted. */
  readonly sentence?: string;
  readonly leaves: Partial<Left>;
}

function table(rows: readonly Row[]) {
  it.each(rows.map((row) => [row.said, row] as const))('%s', (_, row) => {
    const { gate, answers, sentences } = play(open(row.under), row.ds);
    expect({ answers, sentence: sentences.at(-1), leaves: leaves(gate) }).toEqual({
      answers: row.answers,
      sentence: row.sentence ?? '',
      leaves: { ...UNTOUCHED, ...row.leaves },
    });
  });
}

const two = policy({ quorum: 2, rejections: 2 });
const iso = (instant: number) => new Date(instant).toISOString();
const closed = (outcome: Left['outcome'], reason: string) => ({ status: 'closed' as const, outcome, reason });

describe('approve, edit, reject', () => {
  table([
    {
      said: 'ana approves: one signature toward the quorum',
      under: two,
      ds: [approve('ana')],
      answers: ['admitted'],
      leaves: { signatures: ['ana'] },
    },
    {
      said: 'ana approves twice: she counts once',
      under: two,
      ds: [approve('ana'), approve('ana')],
      answers: ['admitted', 'ALREADY_SIGNED'],
      sentence: 'ana has signed revision 1 already; one person counts once',
      leaves: { signatures: ['ana'] },
    },
    {
      said: 'ana edits: new args, new revision, her signature counts and earlier ones do not',
      under: two,
      ds: [approve('bo'), edit('ana', 30)],
      answers: ['admitted', 'admitted'],
      leaves: { revision: 2, amount: 30, signatures: ['ana'] },
    },
    {
      said: 'edit without args: refused',
      ds: [says('ana', 'edit')],
      answers: ['ARGS_REQUIRED'],
      sentence: 'edit needs args: the whole arguments, as they shall run',
      leaves: {},
    },
    {
      said: 'ana rejects with a reason: by default that ends the gate',
      ds: [reject('ana', { comment: 'wrong order' })],
      answers: ['admitted'],
      leaves: { ...closed('rejected', 'ana rejected it: wrong order'), rejections: ['ana'] },
    },
    {
      said: 'reject without a reason: refused',
      ds: [says('ana', 'reject')],
      answers: ['COMMENT_REQUIRED'],
      sentence: 'reject needs a comment',
      leaves: {},
    },
  ]);
});

describe('revise and respond', () => {
  table([
    {
      said: 'ana sends it back: the agent is at work, nobody is asked',
      ds: [revise('ana')],
      answers: ['admitted'],
      leaves: { status: 'proposing' },
    },
    {
      said: 'revise without what the agent should know: refused',
      ds: [says('ana', 'revise')],
      answers: ['COMMENT_REQUIRED'],
      sentence: 'revise needs a comment',
      leaves: {},
    },
    {
      said: 'revise beyond maxRevisions: refused',
      under: policy({}, { maxRevisions: 0 }),
      ds: [revise('ana')],
      answers: ['REVISIONS_EXHAUSTED'],
      sentence: 'it was sent back 0 times, as often as the policy allows; approve, edit or reject it',
      leaves: {},
    },
    {
      said: 'ana answers in place of the action: answered, with nothing executed',
      ds: [respond('ana', { comment: 'no need' })],
      answers: ['admitted'],
      leaves: closed('answered', 'ana answered in its place: no need'),
    },
    {
      said: 'respond without an answer: refused',
      ds: [says('ana', 'respond')],
      answers: ['ANSWER_REQUIRED'],
      sentence: 'respond needs an answer, which stands in place of the action',
      leaves: {},
    },
  ]);
});

describe('escalate', () => {
  table([
    {
      said: 'ana passes it up, and says why: the next level is asked',
      under: ladder(),
      ds: [escalateTo('ana')],
      answers: ['admitted'],
      leaves: { status: 'waiting' },
    },
    {
      said: 'escalate without why: refused',
      under: ladder(),
      ds: [says('ana', 'escalate')],
      answers: ['COMMENT_REQUIRED'],
      sentence: 'escalate needs a comment',
      leaves: {},
    },
    {
      said: 'escalate at the last level: there is nobody to pass it up to',
      ds: [escalateTo('ana')],
      answers: ['NO_NEXT_LEVEL'],
      sentence: 'HUMAN is the last level: there is nobody to pass it up to',
      leaves: {},
    },
    {
      said: 'escalate by somebody who is not asked: refused',
      under: ladder(),
      ds: [escalateTo('mia')],
      answers: ['NOT_AN_APPROVER'],
      sentence: 'mia is not among the approvers of level HUMAN',
      leaves: {},
    },
  ]);
});

describe('delegate', () => {
  const not = (to: string, why: string) => `${to} cannot act on your behalf: ${why}`;
  table([
    {
      said: 'ana delegates to dan: he may sign, and his signature says for whom',
      ds: [delegate('ana', 'dan'), approve('dan')],
      answers: ['admitted', 'admitted'],
      leaves: { status: 'approved', signatures: ['dan'] },
    },
    {
      said: 'delegate to nobody: refused',
      ds: [says('ana', 'delegate')],
      answers: ['DELEGATE_REQUIRED'],
      sentence: 'delegate needs to: who acts on your behalf',
      leaves: {},
    },
    {
      said: 'delegate to the requester: never',
      ds: [delegate('ana', 'req')],
      answers: ['DELEGATE_NOT_ALLOWED'],
      sentence: not('req', 'they asked for this'),
      leaves: {},
    },
    {
      said: 'delegate to the requester, where the policy lets the requester decide: never, all the same',
      under: policy({}, { separation: { requester: false } }),
      ds: [delegate('ana', 'req')],
      answers: ['DELEGATE_NOT_ALLOWED'],
      sentence: not('req', 'they asked for this'),
      leaves: {},
    },
    {
      said: 'delegate to oneself: refused',
      ds: [delegate('ana', 'ana')],
      answers: ['DELEGATE_NOT_ALLOWED'],
      sentence: not('ana', 'you are the same person'),
      leaves: {},
    },
    {
      said: 'delegate to anybody: a delegate is named',
      ds: [delegate('ana', '*')],
      answers: ['DELEGATE_NOT_ALLOWED'],
      sentence: not('*', 'a delegate is named'),
      leaves: {},
    },
    {
      said: 'delegate what one may not decide: refused',
      ds: [delegate('eve', 'dan')],
      answers: ['NOT_AN_APPROVER'],
      sentence: 'eve is not among the approvers of level HUMAN',
      leaves: {},
    },
  ]);
});

describe('withdraw', () => {
  table([
    {
      said: 'ana takes back her signature while the gate is open',
      under: two,
      ds: [approve('ana'), withdraw('ana')],
      answers: ['admitted', 'admitted'],
      leaves: {},
    },
    {
      said: 'ana takes back her rejection, and bo his signature stays',
      under: two,
      ds: [approve('bo'), reject('ana'), withdraw('ana')],
      answers: ['admitted', 'admitted', 'admitted'],
      leaves: { signatures: ['bo'] },
    },
    {
      said: 'after taking it back ana may sign again',
      under: two,
      ds: [approve('ana'), withdraw('ana'), approve('ana')],
      answers: ['admitted', 'admitted', 'admitted'],
      leaves: { signatures: ['ana'] },
    },
    {
      said: "withdraw takes one's own signature alone: nothing of bo's",
      under: two,
      ds: [approve('bo'), withdraw('ana')],
      answers: ['admitted', 'NOTHING_TO_WITHDRAW'],
      sentence: 'ana has not signed revision 1',
      leaves: { signatures: ['bo'] },
    },
    {
      said: 'withdraw what was signed of an older revision: there is nothing',
      under: two,
      ds: [approve('ana'), edit('bo', 20), withdraw('ana')],
      answers: ['admitted', 'admitted', 'NOTHING_TO_WITHDRAW'],
      sentence: 'ana has not signed revision 2',
      leaves: { revision: 2, amount: 20, signatures: ['bo'] },
    },
    {
      said: 'withdraw after the quorum is met: the gate takes no more decisions',
      ds: [approve('ana'), withdraw('ana')],
      answers: ['admitted', 'GATE_CLOSED'],
      sentence: 'the gate takes no more decisions: it is approved',
      leaves: { status: 'approved', signatures: ['ana'] },
    },
  ]);
});

describe('extend, comment, cancel', () => {
  table([
    {
      said: 'extend without until: refused',
      ds: [says('ana', 'extend')],
      answers: ['UNTIL_REQUIRED'],
      sentence: 'extend needs until: the new deadline, an ISO 8601 instant in UTC',
      leaves: {},
    },
    {
      said: 'extend beyond what the policy allows: refused, with the bounds',
      under: policy({}, { maxExtension: '1 hour' }),
      ds: [extend('ana', DEADLINE + HOUR + 1)],
      answers: ['EXTENSION_NOT_ALLOWED'],
      sentence: `the deadline cannot be moved to ${iso(DEADLINE + HOUR + 1)}; it may be moved to after ${iso(DEADLINE)}, up to ${iso(DEADLINE + HOUR)}`,
      leaves: {},
    },
    {
      said: 'extend by the requester: refused',
      ds: [extend('req', DEADLINE + HOUR)],
      answers: ['REQUESTER_CANNOT_DECIDE'],
      sentence: 'req asked for this and may not decide on it; the requester may comment or cancel',
      leaves: {},
    },
    {
      said: 'a comment is recorded and changes nothing',
      ds: [comment('ana'), comment('req')],
      answers: ['admitted', 'admitted'],
      leaves: {},
    },
    {
      said: 'a comment that says nothing: refused',
      ds: [says('ana', 'comment')],
      answers: ['COMMENT_REQUIRED'],
      sentence: 'comment needs a comment',
      leaves: {},
    },
    {
      said: 'the requester calls it off, without having to say why',
      ds: [cancel('req')],
      answers: ['admitted'],
      leaves: closed('cancelled', 'req called it off'),
    },
    {
      said: 'nobody else calls it off',
      ds: [cancel('ana')],
      answers: ['NOT_THE_REQUESTER'],
      sentence: 'only the requester, req, may cancel; ana may reject',
      leaves: {},
    },
  ]);

  it('extend moves the deadline, and nothing else of the gate', () => {
    const before = open();
    const { gate } = play(before, [extend('ana', DEADLINE + HOUR)]);
    expect({ deadline: gate.deadline, first: gate.firstDeadline, leaves: leaves(gate) }).toEqual({
      deadline: DEADLINE + HOUR,
      first: DEADLINE,
      leaves: UNTOUCHED,
    });
  });
});
