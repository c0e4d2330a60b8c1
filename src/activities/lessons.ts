/**
 * Lessons on their way: kept as what people decided comes onto the record, shown to the agent when it proposes. They are never in the way
 * of either: without them the record is whole, and the agent proposes.
 */
import type { AuditEntry, Fact } from '../domain/audit';
import type { Root } from '../domain/digest';
import { factIn } from '../domain/entry';
import { lessonsOf, openLessons, type Lesson } from '../domain/lessons';
import type { AuditStore } from '../store/audit-store';
import type { FeedbackStore } from '../store/feedback-store';

export interface Teaching {
  /** Lessons of each action that an agent is shown; 0: none are kept, and none shown. */
  readonly lessons: number;
  readonly store: FeedbackStore;
}

/** Over all actions: what an agent is asked must not be long because of them. */
const MOST = 12;

/** The newest of each action, newest first. */
export async function lessonsFor(
  { lessons, store }: Teaching,
  actions: readonly string[],
): Promise<readonly Lesson[]> {
  if (lessons === 0) return [];
  try {
    return (await store.lessons(actions, lessons)).slice(0, MOST);
  } catch {
    return [];
  }
}

/** Once entries are stored: whether people have decided otherwise than was proposed is read from them. */
export async function learn(
  { lessons, store }: Teaching,
  record: Pick<AuditStore, 'entries'>,
  root: Root,
  entries: readonly AuditEntry[],
): Promise<void> {
  const rows = entries.map((entry) => ({ ...entry, ...root }));
  if (lessons === 0 || !rows.some((row) => END.includes(row.meta.type) && isEnd(factIn(root, row) as Fact)))
    return;
  const chain = rows[0]?.seq === 1 ? rows : await record.entries(root.workflowId, root.firstRunId);
  const facts = chain.map((row) => factIn(root, row) as Fact);
  if (!facts.some(isOtherwise)) return;
  const book = openLessons();
  book.read(chain);
  // What was decided at a level stands in the record of its own workflow.
  for (const fact of facts)
    if (fact.type === 'level-opened')
      book.read(await record.entries(fact.child.workflowId, fact.child.firstRunId));
  await store.learn(lessonsOf(book.versions()));
}

/** Most entries need not be read for it. */
const END = ['approved', 'closed'];

function isEnd(fact: Fact): boolean {
  return fact.type === 'approved' || (fact.type === 'closed' && fact.outcome === 'rejected');
}

function isOtherwise(fact: Fact): boolean {
  return fact.type === 'revised' || (fact.type === 'closed' && fact.outcome === 'rejected');
}
