/** The gate in sentences: every row says what happened, and every column of it is asserted. */
import type { Decision } from '../../src/domain/gate/decision';
import { effectKey } from '../../src/domain/digest';
import { admit } from '../../src/domain/gate/admit';
import { offeredVerdicts } from '../../src/domain/gate/offered';
import {
  startExecuting,
  cancel as callOff,
  decide,
  expire,
  openGate,
  receiptFor,
  refuse,
  closeAfterApproval,
  type ApprovedGate,
  type Asked,
  type Gate,
} from '../../src/domain/gate';
import { packetOf } from '../../src/domain/packet';
import type { Policy } from '../../src/domain/policy';
import { refusal } from '../../src/domain/gate/refusals';
import {
  ARGS,
  DEADLINE,
  HOUR,
  OPENED,
  ROOT,
  UNKNOWN_DIGEST,
  approve,
  assessed,
  at,
  cancel,
  comment,
  edit,
  leaves,
  open,
  play,
  policy,
  proposal,
  reject,
  says,
  type Said,
  PLACE,
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
  readonly leaves: Partial<Left>;
}

function table(rows: readonly Row[]) {
  it.each(rows.map((row) => [row.said, row] as const))('%s', (_, row) => {
    const { gate, answers } = play(open(row.under), row.ds);
    expect({ answers, leaves: leaves(gate) }).toEqual({
      answers: row.answers,
      leaves: { ...UNTOUCHED, ...row.leaves },
    });
  });
}

const two = policy({ quorum: 2 });
const three = policy({ quorum: 3 });
const twoMustReject = policy({ rejections: 2 });

/** A gate as it stands after the decisions; for states that only the workflow's steps reach. */
const after = (ds: readonly Said[], under?: Policy): Gate => play(open(under), ds).gate;
const approved = () => after([approve('ana')]) as ApprovedGate;

describe('what a verdict does', () => {
  table([
    {
      said: 'ana approves: a quorum of one is met',
      ds: [approve('ana')],
      answers: ['admitted'],
      leaves: { status: 'approved', signatures: ['ana'] },
    },
    {
      said: 'ana approves with a comment: it is admitted as well',
      ds: [approve('ana', { comment: 'looks right' })],
      answers: ['admitted'],
      leaves: { status: 'approved', signatures: ['ana'] },
    },
    {
      said: 'ana rejects: the gate closes and says who and why',
      ds: [reject('ana', { comment: 'wrong order' })],
      answers: ['admitted'],
      leaves: {
        status: 'closed',
        rejections: ['ana'],
        outcome: 'rejected',
        reason: 'ana rejected it: wrong order',
      },
    },
    {
      said: 'ana edits: her args stand, and her signature meets a quorum of one',
      ds: [edit('ana', 30)],
      answers: ['admitted'],
      leaves: { status: 'approved', revision: 2, amount: 30, signatures: ['ana'] },
    },
    {
      said: 'ana comments: nothing changes',
      ds: [comment('ana')],
      answers: ['admitted'],
      leaves: {},
    },
    {
      said: 'ana comments twice: both are admitted',
      ds: [comment('ana'), comment('ana')],
      answers: ['admitted', 'admitted'],
      leaves: {},
    },
    {
      said: 'the requester comments: admitted, though no approver',
      under: policy({ approvers: { people: ['ana'] } }),
      ds: [comment('req')],
      answers: ['admitted'],
      leaves: {},
    },
    {
      said: 'the requester cancels: cancelled, with who',
      ds: [cancel('req')],
      answers: ['admitted'],
      leaves: { status: 'closed', outcome: 'cancelled', reason: 'req called it off' },
    },
    {
      said: 'the requester cancels with a comment: the reason holds it',
      ds: [cancel('req', { comment: 'found the parcel' })],
      answers: ['admitted'],
      leaves: { status: 'closed', outcome: 'cancelled', reason: 'req called it off: found the parcel' },
    },
    {
      said: 'the requester cancels a signed but open gate: the signature remains on record, the outcome is cancelled',
      under: two,
      ds: [approve('ana'), cancel('req')],
      answers: ['admitted', 'admitted'],
      leaves: { status: 'closed', signatures: ['ana'], outcome: 'cancelled', reason: 'req called it off' },
    },
    {
      said: 'the requester cancels what is approved but not executing: the approval is void',
      ds: [approve('ana'), cancel('req')],
      answers: ['admitted', 'admitted'],
      leaves: { status: 'closed', signatures: ['ana'], outcome: 'cancelled', reason: 'req called it off' },
    },
  ]);
});

describe('a quorum counts distinct reviewers', () => {
  table([
    {
      said: 'one of two: still open',
      under: two,
      ds: [approve('ana')],
      answers: ['admitted'],
      leaves: { signatures: ['ana'] },
    },
    {
      said: 'two of two: approved',
      under: two,
      ds: [approve('ana'), approve('bo')],
      answers: ['admitted', 'admitted'],
      leaves: { status: 'approved', signatures: ['ana', 'bo'] },
    },
    {
      said: 'ana twice is one person: the second is refused',
      under: two,
      ds: [approve('ana'), approve('ana')],
      answers: ['admitted', 'ALREADY_SIGNED'],
      leaves: { signatures: ['ana'] },
    },
    {
      said: 'three of three, with a comment between: approved',
      under: three,
      ds: [approve('ana'), comment('bo'), approve('bo'), approve('cy')],
      answers: ['admitted', 'admitted', 'admitted', 'admitted'],
      leaves: { status: 'approved', signatures: ['ana', 'bo', 'cy'] },
    },
    {
      said: 'names are exact: Ana is not ana, and no approver',
      under: two,
      ds: [approve('ana'), approve('Ana')],
      answers: ['admitted', 'NOT_AN_APPROVER'],
      leaves: { signatures: ['ana'] },
    },
    {
      said: 'a comment is no signature',
      under: two,
      ds: [approve('ana'), comment('bo')],
      answers: ['admitted', 'admitted'],
      leaves: { signatures: ['ana'] },
    },
  ]);
});

describe('rejections have a number of their own', () => {
  table([
    {
      said: 'one of two rejections: still open',
      under: twoMustReject,
      ds: [reject('ana')],
      answers: ['admitted'],
      leaves: { rejections: ['ana'] },
    },
    {
      said: 'two of two rejections: rejected, both are named',
      under: twoMustReject,
      ds: [reject('ana'), reject('bo', { comment: 'too much' })],
      answers: ['admitted', 'admitted'],
      leaves: {
        status: 'closed',
        rejections: ['ana', 'bo'],
        outcome: 'rejected',
        reason: 'ana, bo rejected it: too much',
      },
    },
    {
      said: 'ana rejects twice: she counts once',
      under: twoMustReject,
      ds: [reject('ana'), reject('ana')],
      answers: ['admitted', 'ALREADY_SIGNED'],
      leaves: { rejections: ['ana'] },
    },
    {
      said: 'ana approves, then rejects: her signature is gone',
      under: policy({ quorum: 2, rejections: 2 }),
      ds: [approve('ana'), reject('ana')],
      answers: ['admitted', 'admitted'],
      leaves: { rejections: ['ana'] },
    },
    {
      said: 'ana rejects, then approves: her rejection is gone',
      under: policy({ quorum: 2, rejections: 2 }),
      ds: [reject('ana'), approve('ana')],
      answers: ['admitted', 'admitted'],
      leaves: { signatures: ['ana'] },
    },
    {
      said: 'ana changes her mind twice: bo completes the quorum with her last word',
      under: policy({ quorum: 2, rejections: 2 }),
      ds: [approve('ana'), reject('ana'), approve('ana'), approve('bo')],
      answers: ['admitted', 'admitted', 'admitted', 'admitted'],
      leaves: { status: 'approved', signatures: ['ana', 'bo'] },
    },
    {
      said: 'ana approves, then rejects: one signature of bo does not make two',
      under: policy({ quorum: 2, rejections: 2 }),
      ds: [approve('ana'), reject('ana'), approve('bo')],
      answers: ['admitted', 'admitted', 'admitted'],
      leaves: { signatures: ['bo'], rejections: ['ana'] },
    },
    {
      said: 'one rejection ends a gate that two must approve',
      under: two,
      ds: [approve('ana'), reject('bo')],
      answers: ['admitted', 'admitted'],
      leaves: {
        status: 'closed',
        signatures: ['ana'],
        rejections: ['bo'],
        outcome: 'rejected',
        reason: 'bo rejected it: no',
      },
    },
  ]);
});

describe('an edit is a new question (isms 197: an approval survived a rewrite of the content)', () => {
  table([
    {
      said: 'bo edits: the peers start over, and bo has signed what he wrote',
      under: two,
      ds: [approve('ana'), edit('bo', 20)],
      answers: ['admitted', 'admitted'],
      leaves: { revision: 2, amount: 20, signatures: ['bo'] },
    },
    {
      said: 'ana approved, bo edits, ana signs the new revision: approved',
      under: two,
      ds: [approve('ana'), edit('bo', 20), approve('ana')],
      answers: ['admitted', 'admitted', 'admitted'],
      leaves: { status: 'approved', revision: 2, amount: 20, signatures: ['bo', 'ana'] },
    },
    {
      said: 'ana approved, bo edits, cy rejects: rejected at revision 2',
      under: two,
      ds: [approve('ana'), edit('bo', 20), reject('cy')],
      answers: ['admitted', 'admitted', 'admitted'],
      leaves: {
        status: 'closed',
        revision: 2,
        amount: 20,
        signatures: ['bo'],
        rejections: ['cy'],
        outcome: 'rejected',
        reason: 'cy rejected it: no',
      },
    },
    {
      said: 'cy rejected, bo edits: the rejection was of the older question',
      under: policy({ quorum: 2, rejections: 2 }),
      ds: [reject('cy'), edit('bo', 20)],
      answers: ['admitted', 'admitted'],
      leaves: { revision: 2, amount: 20, signatures: ['bo'] },
    },
    {
      said: 'bo edits and approves: one person, one signature',
      under: two,
      ds: [edit('bo', 20), approve('bo')],
      answers: ['admitted', 'ALREADY_SIGNED'],
      leaves: { revision: 2, amount: 20, signatures: ['bo'] },
    },
    {
      said: 'bo edits twice: only the last revision is signed',
      under: two,
      ds: [edit('bo', 20), edit('bo', 10)],
      answers: ['admitted', 'admitted'],
      leaves: { revision: 3, amount: 10, signatures: ['bo'] },
    },
    {
      said: 'bo edits, ana edits: two editors are not two signatures of one revision',
      under: two,
      ds: [edit('bo', 20), edit('ana', 10)],
      answers: ['admitted', 'admitted'],
      leaves: { revision: 3, amount: 10, signatures: ['ana'] },
    },
    {
      said: 'bo edits to the very same args: still a new revision, still only his signature',
      under: two,
      ds: [approve('ana'), edit('bo', 40)],
      answers: ['admitted', 'admitted'],
      leaves: { revision: 2, signatures: ['bo'] },
    },
    {
      said: 'bo edits, then rejects what he wrote: his signature is gone',
      under: two,
      ds: [edit('bo', 20), reject('bo')],
      answers: ['admitted', 'admitted'],
      leaves: {
        status: 'closed',
        revision: 2,
        amount: 20,
        rejections: ['bo'],
        outcome: 'rejected',
        reason: 'bo rejected it: no',
      },
    },
  ]);

  it('replaces the args whole and never merges; action, title and claim stay', () => {
    const gate = after([says('ana', 'edit', { args: { order: 'B-1' } })], two);
    expect(gate.proposal).toEqual({ ...proposal(), args: { order: 'B-1' } });
  });

  it('hashes, shows and runs the args as the action parsed them, not as they were sent', () => {
    const sent: Decision = {
      v: 1,
      id: 'e',
      digest: open().digest,
      verdict: 'edit',
      reviewer: 'ana',
      args: { amount: '7' },
    };
    const gate = decide(open(), sent, OPENED, { assessment: assessed({ amount: 7 }), policy: policy() });
    expect(gate.proposal.args).toEqual({ amount: 7 });
    expect(gate.assessment).not.toHaveProperty('args'); // there is one place that says what runs
    expect(gate.decisions[0]?.args).toEqual({ amount: '7' });
    const same = openGate(asked({ proposal: proposal({ amount: 7 }) }), OPENED);
    expect(gate.digest).not.toBe(same.digest); // the revision is part of the question
  });

  it('does not move the deadline: an editor cannot keep a gate open', () => {
    expect(after([edit('ana', 20), edit('bo', 10)], two).deadline).toBe(DEADLINE);
  });

  it('is not decided without what was found of it', () => {
    const { decision } = edit('ana')(open(), 1);
    expect(() => decide(open(), decision, OPENED)).toThrow('an edit is decided with what was found of it');
  });

  it('marks each signature with the revision that was signed', () => {
    const gate = after([edit('bo', 20), approve('ana')], two);
    expect(gate.signatures).toEqual([
      {
        reviewer: 'bo',
        decision: 'd1',
        at: '2026-03-02T09:00:01.000Z',
        revision: 2,
        authentication: 'open',
      },
      {
        reviewer: 'ana',
        decision: 'd2',
        at: '2026-03-02T09:00:02.000Z',
        revision: 2,
        authentication: 'open',
      },
    ]);
    expect(gate.decisions.map(({ id, revision }) => ({ id, revision }))).toEqual([
      { id: 'd1', revision: 1 },
      { id: 'd2', revision: 2 },
    ]);
  });

  it('shows the difference to the revision before', () => {
    const gate = after([edit('ana', 20)], two);
    expect(packetOf(gate).diff).toEqual([{ op: 'replace', path: '/args/amount', value: 20 }]);
    expect(packetOf(open())).not.toHaveProperty('diff');
  });
});

describe('who may decide', () => {
  const lax = policy({}, { separation: { requester: false } });
  const anybody = policy({ approvers: { people: ['*'] } });
  table([
    // windmill 10262: self-approval was barred on one endpoint only
    {
      said: 'the requester approves: refused, though listed',
      ds: [approve('req')],
      answers: ['REQUESTER_CANNOT_DECIDE'],
      leaves: {},
    },
    {
      said: 'the requester edits, which would sign: refused (windmill 10262)',
      ds: [edit('req')],
      answers: ['REQUESTER_CANNOT_DECIDE'],
      leaves: {},
    },
    {
      said: 'the requester rejects: refused; there is cancel',
      ds: [reject('req')],
      answers: ['REQUESTER_CANNOT_DECIDE'],
      leaves: {},
    },
    {
      said: 'the requester approves where anybody may: refused',
      under: anybody,
      ds: [approve('req')],
      answers: ['REQUESTER_CANNOT_DECIDE'],
      leaves: {},
    },
    {
      said: 'the policy gives up the separation in words: the requester may',
      under: lax,
      ds: [approve('req')],
      answers: ['admitted'],
      leaves: { status: 'approved', signatures: ['req'] },
    },
    {
      said: 'without the separation, an unlisted requester still may not',
      under: policy({ approvers: { people: ['ana'] } }, { separation: { requester: false } }),
      ds: [approve('req'), comment('req')],
      answers: ['NOT_AN_APPROVER', 'admitted'],
      leaves: {},
    },
    {
      said: 'mallory is not an approver: no verdict of hers counts (curie 1939)',
      ds: [approve('mallory'), edit('mallory'), reject('mallory'), comment('mallory')],
      answers: ['NOT_AN_APPROVER', 'NOT_AN_APPROVER', 'NOT_AN_APPROVER', 'NOT_AN_APPROVER'],
      leaves: {},
    },
    {
      said: 'anybody may, where the policy says *',
      under: anybody,
      ds: [approve('mallory')],
      answers: ['admitted'],
      leaves: { status: 'approved', signatures: ['mallory'] },
    },
    {
      said: 'calling oneself * makes nobody an approver',
      ds: [approve('*')],
      answers: ['NOT_AN_APPROVER'],
      leaves: {},
    },
    {
      said: 'an approver cancels: only the requester may',
      ds: [cancel('ana')],
      answers: ['NOT_THE_REQUESTER'],
      leaves: {},
    },
    {
      said: 'an approver cancels an approved gate: refused, it stays approved',
      ds: [approve('ana'), cancel('bo')],
      answers: ['admitted', 'NOT_THE_REQUESTER'],
      leaves: { status: 'approved', signatures: ['ana'] },
    },
    {
      said: 'a level of roles alone admits nobody yet',
      under: policy({ approvers: { roles: ['oncall'] } }),
      ds: [approve('ana')],
      answers: ['NOT_AN_APPROVER'],
      leaves: {},
    },
  ]);
});

describe('what a verdict needs', () => {
  const bare = (who: string, verdict: Decision['verdict']) => says(who, verdict);
  table([
    {
      said: 'reject without a comment: refused',
      ds: [bare('ana', 'reject')],
      answers: ['COMMENT_REQUIRED'],
      leaves: {},
    },
    ...[' ', '\n\t ', '\u200b', '\u00a0\u202e'].map((comment) => ({
      said: `reject with nothing to be read, ${JSON.stringify(comment)}: refused`,
      ds: [says('ana', 'reject', { comment })],
      answers: ['COMMENT_REQUIRED'],
      leaves: {},
    })),
    {
      said: 'comment without a comment: refused',
      ds: [bare('ana', 'comment')],
      answers: ['COMMENT_REQUIRED'],
      leaves: {},
    },
    {
      said: 'edit without args: refused',
      ds: [bare('ana', 'edit')],
      answers: ['ARGS_REQUIRED'],
      leaves: {},
    },
    {
      said: 'approve with args: refused, for it would look like an edit',
      ds: [approve('ana', { args: { amount: 1 } })],
      answers: ['UNEXPECTED_FIELD'],
      leaves: {},
    },
    {
      said: 'approve with an answer: refused, for it would not be what was answered',
      ds: [approve('ana', { answer: null })],
      answers: ['UNEXPECTED_FIELD'],
      leaves: {},
    },
    {
      said: 'reject, comment and cancel with args: refused',
      ds: [reject('ana', { args: {} }), comment('ana', { args: {} }), cancel('req', { args: {} })],
      answers: ['UNEXPECTED_FIELD', 'UNEXPECTED_FIELD', 'UNEXPECTED_FIELD'],
      leaves: {},
    },
    {
      said: 'the policy offers approve and reject: an edit is refused, a comment and a cancel are always offered',
      under: policy({ quorum: 2 }, { verdicts: ['approve', 'reject'] }),
      ds: [edit('ana'), comment('ana'), cancel('req')],
      answers: ['VERDICT_NOT_OFFERED', 'admitted', 'admitted'],
      leaves: { status: 'closed', outcome: 'cancelled', reason: 'req called it off' },
    },
  ]);

  it.each<[string, Partial<Decision>, string]>([
    ['phrase', { phrase: 'REFUND A-4711' }, 'approve takes no phrase'],
    ['to', { to: 'bo' }, 'approve takes no to'],
    ['until', { until: '2026-03-03T09:00:00Z' }, 'approve takes no until'],
    ['answer', { answer: 1 }, 'approve takes no answer'],
  ])('the field %s is never ignored: an approval that brings it is refused by name', (_, rest, sentence) => {
    const { gate, answers, sentences } = play(open(), [approve('ana', rest)]);
    expect({ answers, sentences, leaves: leaves(gate) }).toEqual({
      answers: ['UNEXPECTED_FIELD'],
      sentences: [sentence],
      leaves: UNTOUCHED,
    });
  });

  it('a signature that nobody asked for is believed as little as a name, and changes nothing', () => {
    const signature = {
      key: 'k1',
      issued: '2026-03-02T09:00:00.000Z',
      expires: '2026-03-02T10:00:00.000Z',
      value: `${'A'.repeat(86)}==`,
    };
    const { gate, answers } = play(open(), [approve('ana', { signature })]);
    expect({ answers, signed: gate.signatures.map(({ authentication }) => authentication) }).toEqual({
      answers: ['admitted'],
      signed: ['open'],
    });
  });

  it.each<[string, Said, string]>([
    ['reject', says('ana', 'reject'), 'reject needs a comment'],
    ['edit', says('ana', 'edit'), 'edit needs args: the whole arguments, as they shall run'],
    ['args', approve('ana', { args: {} }), 'approve takes no args; to change the arguments, edit'],
    [
      'requester',
      approve('req'),
      'req asked for this and may not decide on it; the requester may comment or cancel',
    ],
    ['cancel', cancel('ana'), 'only the requester, req, may cancel; ana may reject'],
    ['approver', approve('eve'), 'eve is not among the approvers of level HUMAN'],
    [
      'late',
      at(DEADLINE, approve('ana')),
      'the deadline was 2026-03-02T13:00:00.000Z; a decision counts only if the server received it before',
    ],
  ])('the sentence of %s tells the way out', (_, said, sentence) => {
    expect(play(open(), [said]).sentences).toEqual([sentence]);
  });

  it('the sentence for a verdict that is not offered lists those that are', () => {
    const gate = open(policy({}, { verdicts: ['reject', 'approve'] }));
    expect(play(gate, [edit('ana')]).sentences).toEqual([
      'the policy does not offer edit; it offers approve, reject, comment, cancel',
    ]);
    expect(offeredVerdicts(gate)).toEqual(['approve', 'reject', 'comment', 'cancel']);
  });
});

describe('a decision names what it read (Mastra 19633: an approval applied to whatever was pending)', () => {
  const first = open(two).digest;
  table([
    {
      said: 'ana read revision 1, revision 2 is open: refused',
      under: two,
      ds: [edit('bo', 20), approve('ana', { digest: first })],
      answers: ['admitted', 'STALE_REVISION'],
      leaves: { revision: 2, amount: 20, signatures: ['bo'] },
    },
    {
      said: 'a stale rejection is refused too, and a stale edit, and a stale cancel',
      under: two,
      ds: [
        edit('bo', 20),
        reject('ana', { digest: first }),
        edit('ana', 1, { digest: first }),
        cancel('req', { digest: first }),
      ],
      answers: ['admitted', 'STALE_REVISION', 'STALE_REVISION', 'STALE_REVISION'],
      leaves: { revision: 2, amount: 20, signatures: ['bo'] },
    },
    {
      said: 'a digest of nothing here is refused (mcp-hangar 673: a stored hash compared with nothing)',
      ds: [approve('ana', { digest: UNKNOWN_DIGEST })],
      answers: ['STALE_REVISION'],
      leaves: {},
    },
    {
      said: 'the digest in capitals is another text: refused',
      ds: [approve('ana', { digest: first.toUpperCase() })],
      answers: ['STALE_REVISION'],
      leaves: {},
    },
    {
      said: 'edited back to the first args: the first digest stays stale',
      under: two,
      ds: [edit('bo', 20), edit('bo', 40), approve('ana', { digest: first })],
      answers: ['admitted', 'admitted', 'STALE_REVISION'],
      leaves: { revision: 3, signatures: ['bo'] },
    },
  ]);

  it('says which revision was read and which is open', () => {
    const { gate, sentences } = play(open(two), [edit('bo', 20), approve('ana', { digest: first })]);
    expect(sentences[1]).toBe(
      `you decided on revision 1, but revision 2 is open, digest ${gate.digest}; read it and decide again`,
    );
  });

  it('says of an unknown digest that it is none of this gate', () => {
    expect(play(open(), [approve('ana', { digest: UNKNOWN_DIGEST })]).sentences).toEqual([
      `the digest is not one of this gate; revision 1 is open, digest ${open().digest}`,
    ]);
  });

  it('remembers the last fifty revisions, and refuses older ones without naming them', () => {
    const many = Array.from({ length: 60 }, (_, nth) => edit('bo', nth));
    const gate = after(many, two);
    expect(gate.revisions.map((one) => one.revision)).toEqual(
      Array.from({ length: 50 }, (_, nth) => nth + 12),
    );
    expect(play(gate, [says('ana', 'approve', { id: 'x', digest: first })]).answers).toEqual([
      'STALE_REVISION',
    ]);
  });
});

function asked(change: Partial<Asked> = {}): Asked {
  const under = {
    root: ROOT,
    ...PLACE,
    gate: 'main',
    requester: 'req',
    by: 'req',
    proposal: proposal(),
    policy: policy(),
  };
  const args = (change.proposal ?? under.proposal).args;
  return { ...under, assessment: assessed(args), ...change };
}

describe('one digest is one question (langgraph 6626: parallel pauses with the same id)', () => {
  const digest = (change: Partial<Asked> = {}) => openGate(asked(change), OPENED).digest;
  it.each<[string, Partial<Asked>]>([
    ['workflowId', { root: { ...ROOT, workflowId: 'refund-4712' } }],
    ['firstRunId', { root: { ...ROOT, firstRunId: 'run-2' } }],
    ['gate', { gate: 'undo' }],
    ['action', { proposal: { ...proposal(), action: 'charge' } }],
    ['args: a value', { proposal: proposal({ ...ARGS, amount: 41 }) }],
    ['args: a type', { proposal: proposal({ ...ARGS, amount: '40' }) }],
    ['args: a key more', { proposal: proposal({ ...ARGS, note: null }) }],
    ['args: a key less', { proposal: proposal({ order: ARGS.order }) }],
  ])('it changes with %s', (_, change) => {
    expect(digest(change)).not.toBe(digest());
  });

  it('it changes with the revision, though the args are the same', () => {
    expect(after([edit('bo', 40)], two).digest).not.toBe(open(two).digest);
  });

  it.each<[string, Partial<Asked>]>([
    ['title', { proposal: { ...proposal(), title: 'Harmless' } }],
    ['rationale', { proposal: { ...proposal(), rationale: 'trust me' } }],
    ['confidence', { proposal: { ...proposal(), confidence: 1 } }],
    ['sensitive', { proposal: { ...proposal(), sensitive: true } }],
    ['evidence', { proposal: { ...proposal(), evidence: [{ label: 'a', value: 'b' }] } }],
    ['requester', { requester: 'somebody' }],
    ['policy', { policy: policy({ quorum: 3 }) }],
    ['the order of keys', { proposal: proposal({ amount: 40, order: 'A-4711' }) }],
  ])('it does not change with %s, which does not run', (_, change) => {
    expect(digest(change)).toBe(digest());
  });

  it('what was assessed is what is hashed, shown and run (extra 139: the value approved was not the one executed)', () => {
    const gate = openGate(asked({ assessment: assessed({ order: 'A-4711', amount: 5 }) }), OPENED);
    expect(gate.proposal.args).toEqual({ order: 'A-4711', amount: 5 });
    expect(gate.digest).toBe(digest({ proposal: proposal({ order: 'A-4711', amount: 5 }) }));
  });
});

describe('repeats come before rules', () => {
  it('the approval that closed the gate, sent again, gets its first receipt (agent-framework 6851)', () => {
    const once = after([approve('ana', { id: 'one' })]);
    const closed = closeAfterApproval(startExecuting(once as ApprovedGate), 'executed');
    const { decision } = approve('ana', { id: 'one' })(once, 1);
    expect(admit(closed, decision, DEADLINE + HOUR)).toBeUndefined();
    expect(decide(closed, decision, DEADLINE + HOUR)).toBe(closed);
    expect(receiptFor(closed, 'one')).toEqual({ id: 'one', status: 'admitted', gate: 'main', revision: 1 });
  });

  it('an edit sent again is answered with the revision it was made on, and edits nothing', () => {
    const sent = edit('bo', 20, { id: 'e', digest: open(two).digest });
    const { gate, answers } = play(open(two), [sent, sent]);
    expect({ answers, leaves: leaves(gate), decisions: gate.decisions.length }).toEqual({
      answers: ['admitted', 'admitted'],
      leaves: { ...UNTOUCHED, revision: 2, amount: 20, signatures: ['bo'] },
      decisions: 1,
    });
    expect(receiptFor(gate, 'e').revision).toBe(1);
  });

  it('a refused decision, sent again, is refused with the first code, though it would count now', () => {
    const early = approve('req', { id: 'r' });
    const first = play(open(), [early]);
    const lax: Gate = { ...first.gate, policy: policy({}, { separation: { requester: false } }) };
    const { gate, answers, sentences } = play(lax, [early]);
    expect(answers).toEqual(['REQUESTER_CANNOT_DECIDE']);
    expect(sentences).toEqual(first.sentences);
    expect(gate.answered).toEqual(first.gate.answered);
  });

  it('a stale decision, sent again after another edit, names the revision that was open the first time', () => {
    const stale = approve('ana', { id: 's', digest: open(two).digest });
    const { sentences } = play(open(two), [edit('bo', 20), stale, edit('bo', 10), stale]);
    expect(sentences[3]).toBe(sentences[1]);
    expect(sentences[3]).toContain('revision 2 is open');
  });

  it.each<[string, Partial<Decision>]>([
    ['another verdict', { verdict: 'comment' }],
    ['another reviewer', { reviewer: 'bo' }],
    ['another comment', { comment: 'really' }],
    ['another digest', { digest: UNKNOWN_DIGEST }],
    ['args', { args: {} }],
  ])('the same id with %s is ID_REUSED, and the first receipt stays', (_, change) => {
    const said = approve('ana', { id: 'one', comment: 'yes' });
    const gate = after([said], two);
    const { decision } = said(gate, 1);
    const reused = { ...decision, ...change };
    const refused = admit(gate, reused, OPENED);
    expect(refused).toEqual({
      code: 'ID_REUSED',
      message:
        'the decision id one was used before with other content; the first one counts, send this one with a new id',
    });
    const next = refuse(gate, reused, refused!);
    expect({
      receipt: receiptFor(next, 'one').status,
      refusals: next.refusals,
      leaves: leaves(next),
    }).toEqual({
      receipt: 'admitted',
      refusals: 1,
      leaves: { ...UNTOUCHED, signatures: ['ana'] },
    });
  });

  it('the order of keys does not make another content', () => {
    const { decision } = approve('ana', { id: 'one', comment: 'yes' })(open(two), 1);
    const gate = decide(open(two), decision, OPENED);
    const shuffled = Object.fromEntries(Object.entries(decision).reverse()) as Decision;
    expect(admit(gate, shuffled, OPENED)).toBeUndefined();
  });

  it('an id whose first use was malformed is taken: a good decision needs a new one', () => {
    const gate = refuse(open(), { id: 'm' }, refusal('MALFORMED_DECISION', { problem: 'verdict: unknown' }));
    expect(receiptFor(gate, 'm')).toEqual({
      id: 'm',
      status: 'refused',
      code: 'MALFORMED_DECISION',
      message: 'this is not a decision: verdict: unknown',
      gate: 'main',
      revision: 1,
    });
    expect(play(gate, [approve('ana', { id: 'm' }), approve('ana', { id: 'n' })]).answers).toEqual([
      'ID_REUSED',
      'admitted',
    ]);
  });

  it('an id nobody used is unknown (ai-cookbook: "Sent" for a decision that was dropped)', () => {
    expect(receiptFor(open(), 'nobody')).toEqual({
      id: 'nobody',
      status: 'unknown',
      gate: 'main',
      revision: 1,
    });
  });
});

describe('a decision counts if it was received before the deadline', () => {
  table([
    {
      said: 'one millisecond before: admitted',
      ds: [at(DEADLINE - 1, approve('ana'))],
      answers: ['admitted'],
      leaves: { status: 'approved', signatures: ['ana'] },
    },
    {
      said: 'at the deadline: refused, and nothing fails (airflow 55054)',
      ds: [at(DEADLINE, approve('ana'))],
      answers: ['DEADLINE_PASSED'],
      leaves: {},
    },
    {
      said: 'after the deadline: refused, every verdict',
      ds: [
        at(DEADLINE + HOUR, approve('ana')),
        at(DEADLINE + HOUR, edit('ana')),
        at(DEADLINE + HOUR, reject('ana')),
        at(DEADLINE + HOUR, comment('ana')),
        at(DEADLINE + HOUR, cancel('req')),
      ],
      answers: Array.from({ length: 5 }, () => 'DEADLINE_PASSED'),
      leaves: {},
    },
    {
      said: 'read after the deadline but received before: admitted',
      under: two,
      ds: [at(DEADLINE + 1, approve('ana')), at(DEADLINE - 1, approve('bo'))],
      answers: ['DEADLINE_PASSED', 'admitted'],
      leaves: { signatures: ['bo'] },
    },
  ]);

  it('runs from the opening of the gate, not from the start of the task (airflow 55866)', () => {
    expect(openGate(asked(), OPENED + 9 * HOUR).deadline).toBe(DEADLINE + 9 * HOUR);
  });

  it('an approved gate may be called off by its requester after the deadline', () => {
    expect(play(approved(), [at(DEADLINE + HOUR, says('req', 'cancel', { id: 'c' }))]).answers).toEqual([
      'admitted',
    ]);
  });
});

describe('a gate that takes no decisions says so', () => {
  const executing = () => startExecuting(approved());
  const rows: [string, () => Gate, string][] = [
    ['rejected', () => after([reject('ana', { id: 'r' })]), 'closed, outcome rejected'],
    ['expired', () => expire(open(), DEADLINE), 'closed, outcome expired'],
    ['cancelled', () => callOff(open(), 'called off'), 'closed, outcome cancelled'],
    ['executed', () => closeAfterApproval(executing(), 'executed'), 'closed, outcome executed'],
    ['failed', () => closeAfterApproval(executing(), 'failed', 'boom'), 'closed, outcome failed'],
    ['approved', approved, 'approved'],
    ['executing', executing, 'executing'],
  ];
  it.each(rows)(
    '%s: every verdict of everybody is refused (Mastra 20487: a declined tool executed)',
    (name, state, told) => {
      const gate = state();
      const verdicts = [approve('bo'), edit('bo'), reject('bo'), comment('bo'), comment('req')];
      if (name !== 'approved') verdicts.push(cancel('req'));
      const said = verdicts.map<Said>((one) => (g, nth) => {
        const sent = one(g, nth);
        return { ...sent, decision: { ...sent.decision, id: `late-${nth}` } };
      });
      const played = play(gate, said);
      expect(played.answers).toEqual(said.map(() => 'GATE_CLOSED'));
      expect(new Set(played.sentences)).toEqual(new Set([`the gate takes no more decisions: it is ${told}`]));
      expect(leaves(played.gate)).toEqual(leaves(gate));
    },
  );

  it('the loser of a double decision is told that it lost (Trigger.dev)', () => {
    const { gate, answers } = play(open(), [approve('ana'), reject('bo')]);
    expect(answers).toEqual(['admitted', 'GATE_CLOSED']);
    expect(receiptFor(gate, 'd2')).toMatchObject({ status: 'refused', code: 'GATE_CLOSED' });
    expect(leaves(gate)).toEqual({ ...UNTOUCHED, status: 'approved', signatures: ['ana'] });
  });

  it('one refusal discards nothing else (langchainjs 10176)', () => {
    const { gate, answers } = play(open(two), [approve('ana'), approve('eve'), approve('bo')]);
    expect(answers).toEqual(['admitted', 'NOT_AN_APPROVER', 'admitted']);
    expect(leaves(gate)).toMatchObject({ status: 'approved', signatures: ['ana', 'bo'] });
  });
});

describe('expire', () => {
  it.each<[string, Gate, number, Partial<Left>]>([
    ['one millisecond early: nothing', open(), DEADLINE - 1, {}],
    [
      'at the deadline: expired, and not a rejection by anybody (agent-os 1564)',
      open(),
      DEADLINE,
      {
        status: 'closed',
        outcome: 'expired',
        reason: 'HUMAN did not decide by 2026-03-02T13:00:00.000Z: 0 of 1 signatures',
      },
    ],
    [
      'one of two signatures: silence of the other is never consent',
      after([approve('ana')], two),
      DEADLINE + HOUR,
      {
        status: 'closed',
        signatures: ['ana'],
        outcome: 'expired',
        reason: 'HUMAN did not decide by 2026-03-02T13:00:00.000Z: 1 of 2 signatures',
      },
    ],
    ['an approved gate: nothing', approved(), DEADLINE, { status: 'approved', signatures: ['ana'] }],
    [
      'an executing gate: nothing',
      startExecuting(approved()),
      DEADLINE,
      { status: 'executing', signatures: ['ana'] },
    ],
    [
      'a closed gate: nothing',
      closeAfterApproval(approved(), 'approved'),
      DEADLINE,
      { status: 'closed', signatures: ['ana'], outcome: 'approved' },
    ],
  ])('%s', (_, gate, now, left) => {
    expect(leaves(expire(gate, now))).toEqual({ ...UNTOUCHED, ...left });
  });
});

describe('cancel from outside', () => {
  const off = { status: 'closed' as const, outcome: 'cancelled' as const, reason: 'workflow cancelled' };
  it.each<[string, Gate, Partial<Left>]>([
    ['an open gate: cancelled', open(), off],
    ['a half-signed gate: cancelled', after([approve('ana')], two), { ...off, signatures: ['ana'] }],
    ['an approved gate: the approval is void', approved(), { ...off, signatures: ['ana'] }],
    ['an executing gate: too late', startExecuting(approved()), { status: 'executing', signatures: ['ana'] }],
    [
      'a rejected gate: it stays rejected',
      after([reject('ana')]),
      { status: 'closed', rejections: ['ana'], outcome: 'rejected', reason: 'ana rejected it: no' },
    ],
  ])('%s', (_, gate, left) => {
    expect(leaves(callOff(gate, 'workflow cancelled'))).toEqual({ ...UNTOUCHED, ...left });
  });
});

describe('begin and settle', () => {
  it('begin: approved becomes executing, nothing else changes', () => {
    const before = approved();
    expect(startExecuting(before)).toEqual({ ...before, status: 'executing' });
  });

  it.each([
    ['executed', startExecuting(approved()), 'executed', undefined],
    ['failed, with the reason', startExecuting(approved()), 'failed', 'HTTP 500'],
    ['approved, where there was nothing to execute', approved(), 'approved', undefined],
  ] as const)('settle: %s', (_, gate, outcome, reason) => {
    const settled = closeAfterApproval(gate, outcome, reason);
    expect(leaves(settled)).toEqual({ ...UNTOUCHED, status: 'closed', signatures: ['ana'], outcome, reason });
    expect('reason' in settled).toBe(reason !== undefined);
    expect('level' in settled).toBe(false);
  });

  it('opened, it is decided in its own workflow, and holds nothing yet', () => {
    expect(open()).toMatchObject({
      place: 'root',
      rung: 0,
      sentBack: 0,
      weight: 0,
      refusals: 0,
      by: 'req',
      owners: [],
    });
  });

  it('a field exists only where it means something', () => {
    expect(['level' in open(), 'level' in approved(), 'outcome' in approved()]).toEqual([true, false, false]);
  });

  it('the effect has one key, whatever happens to the gate afterwards', () => {
    const gate = approved();
    const key = (g: Gate) => effectKey(g.root, g.gate, g.digest);
    expect(key(closeAfterApproval(startExecuting(gate), 'executed'))).toBe(key(gate));
  });
});

describe('refusals are bounded', () => {
  const flood = (gate: Gate, from: number, to: number) => {
    const ids = Array.from({ length: to - from }, (_, nth) => `f${from + nth}`);
    return ids.reduce((now, id) => {
      const { decision } = approve('eve', { id })(now, 0);
      return refuse(now, decision, admit(now, decision, OPENED)!);
    }, gate);
  };

  it('keeps 500 receipts of refusals, the latest, and every admitted one', () => {
    const signed = after([approve('ana', { id: 'ana' })], two);
    const full = flood(signed, 0, 500);
    expect({ kept: full.answered.length, first: receiptFor(full, 'f0').status }).toEqual({
      kept: 501,
      first: 'refused',
    });
    const over = flood(full, 500, 750);
    expect({
      kept: over.answered.length,
      refusals: over.refusals,
      gone: receiptFor(over, 'f249').status,
      stays: receiptFor(over, 'f250').status,
      ana: receiptFor(over, 'ana').status,
      leaves: leaves(over),
    }).toEqual({
      kept: 501,
      refusals: 750,
      gone: 'unknown',
      stays: 'refused',
      ana: 'admitted',
      leaves: { ...UNTOUCHED, signatures: ['ana'] },
    });
  });

  it('after a flood a genuine decision still counts', () => {
    expect(leaves(play(flood(open(), 0, 600), [approve('ana')]).gate).status).toBe('approved');
  });
});

describe('the gate is plain JSON, and never changed in place', () => {
  it('survives continue-as-new word for word', () => {
    const gate = after([edit('bo', 20), approve('eve'), comment('ana')], two);
    expect(JSON.parse(JSON.stringify(gate))).toEqual(gate);
  });

  it('leaves what it was given untouched', () => {
    const gate = open(two);
    const before = JSON.stringify(gate);
    play(gate, [approve('ana'), edit('bo', 1), reject('cy'), comment('eve')]);
    expire(gate, DEADLINE);
    callOff(gate, 'x');
    expect(JSON.stringify(gate)).toBe(before);
  });
});

describe('the packet shows what may be said now', () => {
  it.each<[string, Gate, string[]]>([
    ['open', open(), 'approve edit reject revise respond delegate withdraw extend comment cancel'.split(' ')],
    ['approved', approved(), ['cancel']],
    ['executing', startExecuting(approved()), []],
    ['closed', after([reject('ana')]), []],
  ])('%s', (status, gate, verdicts) => {
    expect(packetOf(gate)).toMatchObject({
      v: 1,
      workflowId: 'refund-4711',
      root: ROOT,
      gate: 'main',
      status,
      requester: 'req',
      revision: 1,
      digest: gate.digest,
      level: 'HUMAN',
      deadline: '2026-03-02T13:00:00.000Z',
      verdicts,
      authentication: 'open',
    });
  });

  it('closed, it keeps the outcome and the reason', () => {
    expect(packetOf(after([reject('ana')]))).toMatchObject({
      outcome: 'rejected',
      reason: 'ana rejected it: no',
    });
  });

  it('shows the preview of the revision that is open, and none where there is none', () => {
    expect(packetOf(open())).not.toHaveProperty('preview');
    const previewed = openGate(asked({ assessment: { ...assessed(ARGS), preview: { rows: 1 } } }), OPENED);
    expect(packetOf(previewed).preview).toEqual({ rows: 1 });
    expect(packetOf(play(previewed, [edit('ana', 1)]).gate)).not.toHaveProperty('preview');
  });
});
