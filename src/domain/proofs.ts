/**
 * Whether the people of a directory from outside have signed what the record says of them: each decision that counts as signed or vouched
 * for, each approval that stands on such decisions, each receipt of an effect. The chain says that nobody has changed the record since it
 * was written; this says that it was not made up by whoever could write it.
 */
import { z } from 'zod';
import { forkOrder, type Fault, type Row } from './chain';
import { defined } from './defined';
import type { Root } from './digest';
import { factIn } from './entry';
import { GRADES, isAtLeast, type Grade } from './grade';
import { decisionTrouble, receiptTrouble, type Asked, type Proving } from './proof-checks';
import { personOf } from './proof-keys';
import { openSignCounts, touchIn } from './sign-counts';

export interface ProofFigures {
  /** Decisions whose sender is proven, by grade; `open`: names that were believed. */
  readonly decisions: Readonly<Record<Grade, number>>;
  /** Approvals by the weakest decision that each stands on; `consent`: the rules' own, where nobody decided. */
  readonly approvals: Readonly<Record<Grade | 'consent', number>>;
  /** `none`: by another worker's word alone, which whoever may complete an activity can give. */
  readonly receipts: { readonly held: number; readonly none: number };
  /** Of signatures that were recorded after their time: when the server received them, only its history says. */
  readonly late: number;
}

/** Nothing is wrong for it; somebody should look. */
export interface Remark extends Root {
  readonly seq: number;
  readonly message: string;
}

export interface Proofs {
  /** One whole chain that holds; parents before their children. */
  hear(rows: readonly Row[]): void;
  /** After the last one. */
  faults(): readonly Fault[];
  /** After the last one. */
  remarks(): readonly Remark[];
  figures(): ProofFigures;
}

/** What is known on the way to an entry. */
interface Known extends Asked {
  readonly digest?: string;
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Who has edited the revision, and how surely. */
  readonly edits: ReadonlyMap<string, Grade>;
  /** The digest that was approved, by the effect's key. */
  readonly approved: ReadonlyMap<string, string>;
}

interface Demand {
  readonly at: Root & { readonly seq: number };
  readonly digest: string;
  readonly signers: readonly string[];
  readonly least: Grade;
  readonly quorum: number;
  readonly signed: number;
}

type Fact = Readonly<Record<string, unknown>>;

export function openProofs(proving: Proving): Proofs {
  const { directories } = proving;
  const roots = new Map<string, Root>();
  /** By digest and person. */
  const proven = new Map<string, Map<string, Grade>>();
  const demands: Demand[] = [];
  const found: Fault[] = [];
  const counts = openSignCounts<Root & { readonly seq: number }>();
  const figures = {
    decisions: { open: 0, vouched: 0, signed: 0 },
    approvals: { open: 0, vouched: 0, signed: 0, consent: 0 },
    receipts: { held: 0, none: 0 },
    late: 0,
  };
  const nameOf = (reviewer: string) =>
    directories.map((one) => personOf(one, reviewer)?.name).find((name) => name !== undefined) ?? reviewer;
  const prove = (digest: string, person: string, grade: Grade) => {
    const on = proven.get(digest) ?? new Map<string, Grade>();
    proven.set(digest, on);
    if (isAtLeast(grade, on.get(person) ?? 'open')) on.set(person, grade);
  };

  function decided(known: Known, fact: Fact, row: Row, tell: (message: string) => void): Known {
    const { meta, workflowId, firstRunId, seq } = row;
    const decision = objectIn(fact, 'decision');
    const reviewer = textIn(decision, 'reviewer');
    const grade = gradeIn(fact['authentication']);
    if (grade === 'open') {
      figures.decisions.open += 1;
      return known;
    }
    const { trouble, late } = decisionTrouble(proving, known, { decision, grade, at: meta.at });
    if (trouble !== undefined) {
      tell(`the decision ${textIn(decision, 'id')} in the name of ${reviewer} is not proven: ${trouble}`);
      return known;
    }
    figures.decisions[grade] += 1;
    if (late) figures.late += 1;
    const name = nameOf(reviewer);
    const touch = touchIn(decision['signature']);
    if (touch !== undefined) counts.add(name, touch, meta.at, { workflowId, firstRunId, seq });
    if (decision['verdict'] === 'approve') prove(textIn(decision, 'digest'), name, grade);
    return decision['verdict'] === 'edit'
      ? { ...known, edits: new Map(known.edits).set(name, grade) }
      : known;
  }

  function approved(known: Known, fact: Fact, row: Row): Known {
    const digest = textIn(fact, 'digest');
    if (fact['basis'] === 'signatures') {
      const signers = (Array.isArray(fact['signers']) ? fact['signers'] : []).map((one) =>
        nameOf(String(one)),
      );
      const { quorum, signed, least } = requiredProof(known, fact, row, proving);
      const { workflowId, firstRunId, seq } = row;
      demands.push({ at: { workflowId, firstRunId, seq }, digest, signers, least, quorum, signed });
    } else figures.approvals.consent += 1;
    return { ...known, approved: new Map(known.approved).set(textIn(fact, 'key'), digest) };
  }

  function step(known: Known, row: Row, root: Root): Known {
    const fact = factIn(row, row);
    const tell = (message: string) => {
      const { workflowId, firstRunId, seq } = row;
      found.push({
        workflowId,
        firstRunId,
        code: 'UNPROVEN',
        seq,
        message: `entry ${String(seq)}: ${message}`,
      });
    };
    switch (fact['type']) {
      case 'opened': {
        const { reviewers } = fact;
        if (reviewers !== undefined && !proving.isKnown(reviewers))
          tell('its gate goes by a directory that none of those given is a version of');
        return { ...known, root, ...put(known, fact), edits: new Map() };
      }
      case 'revised': {
        const by = nameOf(textIn(fact, 'by'));
        const grade = known.edits.get(by);
        if (grade !== undefined) prove(textIn(fact, 'digest'), by, grade);
        return { ...known, ...put(known, fact), edits: new Map() };
      }
      case 'level-opened':
      case 'step-opened': {
        const { workflowId, firstRunId } = objectIn(fact, 'child');
        roots.set(JSON.stringify([workflowId, firstRunId]), root);
        return known;
      }
      case 'decided':
        return decided(known, fact, row, tell);
      case 'approved':
        return approved(known, fact, row);
      case 'executed': {
        const key = textIn(fact, 'key');
        const trouble = receiptTrouble(proving, fact, { digest: known.approved.get(key), at: row.meta.at });
        if (trouble !== undefined) tell(trouble);
        else figures.receipts[fact['receipt'] === 'none' ? 'none' : 'held'] += 1;
        return known;
      }
      default:
        return known;
    }
  }

  function judged({ at, digest, signers, least, quorum, signed }: Demand): void {
    const on = proven.get(digest);
    const grades = signers.map((name) => on?.get(name) ?? 'open');
    const tell = (message: string) => {
      const where = `entry ${String(at.seq)}: approved`;
      found.push({ ...at, code: 'UNPROVEN', message: `${where} ${message}` });
    };
    const without = signers.find((_, nth) => !isAtLeast(grades[nth] ?? 'open', least));
    const strong = new Set(signers.filter((_, nth) => grades[nth] === 'signed')).size;
    if (without !== undefined)
      tell(`in the name of ${without}, of whom no decision on it is on record that is ${least} and holds`);
    else if (least !== 'open' && new Set(signers).size < Math.max(1, quorum))
      tell(`by ${String(new Set(signers).size)}, where ${String(Math.max(1, quorum))} have to`);
    else if (strong < signed)
      tell(`with ${String(strong)} signatures of people's own, where ${String(signed)} have to be`);
    else figures.approvals[GRADES.find((grade) => grades.includes(grade)) ?? 'open'] += 1;
  }

  return {
    hear(rows) {
      const [first] = rows;
      if (first === undefined) return;
      const { workflowId, firstRunId } = first;
      const root = roots.get(JSON.stringify([workflowId, firstRunId])) ?? { workflowId, firstRunId };
      roots.delete(JSON.stringify([workflowId, firstRunId]));
      const begin: Known = { root, gate: '', level: '', edits: new Map(), approved: new Map() };
      forkOrder(rows, begin, (known, row) => step(known, row, root));
    },
    faults() {
      for (const demand of demands.splice(0)) judged(demand);
      return found;
    },
    remarks: () =>
      counts.regressions().map(({ person, key, before, now, place }) => {
        const counted = `the passkey ${key} of ${person} counts ${String(now)} after ${String(before)}`;
        const message = `entry ${String(place.seq)}: ${counted}: a counter that does not grow may speak of a copy of the key`;
        return { ...place, message };
      }),
    figures: () => figures,
  };
}

/** What a gate's opening, or its next revision, says of what is asked there. */
function put(known: Known, fact: Fact): Partial<Known> {
  return {
    gate: textIn(fact, 'gate'),
    digest: textIn(fact, 'digest'),
    level: fact['level'] === undefined ? known.level : textIn(fact, 'level'),
    ...defined({ policy: fact['policy'] === undefined ? undefined : objectIn(fact, 'policy') }),
  };
}

const Count = z.int().min(1).catch(1);

/** How surely those who approve have to be known, and how many: as the policy on record says, and never less than the directory asks. */
function requiredProof({ policy = {} }: Known, fact: Fact, { meta }: Row, { floor, believedUntil }: Proving) {
  const levels = Array.isArray(policy['levels']) ? (policy['levels'] as unknown[]) : [];
  const level = levels.map(objectOf).find(({ name }) => name === fact['level']) ?? {};
  const own = gradeIn(policy['authentication']);
  const believed = believedUntil !== undefined && Date.parse(meta.at) < Date.parse(believedUntil);
  const least = believed || isAtLeast(own, floor) ? own : floor;
  const signed = level['signedAtLeast'];
  return { least, quorum: Count.parse(level['quorum']), signed: typeof signed === 'number' ? signed : 0 };
}

function gradeIn(value: unknown): Grade {
  return GRADES.find((grade) => grade === value) ?? 'open';
}

function objectIn(fact: Fact, key: string): Fact {
  return objectOf(fact[key]);
}

function objectOf(value: unknown): Fact {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fact) : {};
}

function textIn(fact: Fact, key: string): string {
  const value = fact[key];
  return typeof value === 'string' ? value : '';
}
