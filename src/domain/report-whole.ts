/** The whole record told chain after chain, in bounded memory: each chain's story goes out as it comes, figures stay. */
import { checkChain, type Fault, type Row } from './chain';
import { canonical, type Root } from './digest';
import { levelsOf, storyOf, type LevelOf, type Story } from './report';
import { happened, openFigures, wanted, type Asked, type Figures } from './report-figures';
import { toldOfChildren } from './verification';
import { openWitnesses } from './vouching';

/** Faults that are told one by one at the end; each is told with its chain as well. */
const KEPT = 100;

export interface Heard {
  /** With the questions that were asked for alone. */
  readonly story: Story;
  readonly faults: readonly Fault[];
  /** Entries beside the longest way, left by attempts that were cut off or by runs before a reset. */
  readonly branches: number;
}

export interface Whole {
  /** Nothing is wrong with any chain, by itself and beside what its parent tells of it. */
  readonly holds: boolean;
  readonly chains: number;
  readonly entries: number;
  readonly branches: number;
  /** Chains with something wrong: they are told, and not counted in the figures. */
  readonly broken: number;
  /** How many faults there are; `faults` is the first hundred. */
  readonly places: number;
  readonly faults: readonly Fault[];
  readonly figures: Figures;
}

export interface Report {
  /** @param rows one whole chain by seq; parents come before their children */
  hear(rows: readonly Row[]): Heard | undefined;
  /** After the last one. */
  whole(): Whole;
}

export function openReport(asked: Asked): Report {
  const parents = openWitnesses();
  const levels = new Map<string, LevelOf>();
  const counting = openFigures(asked);
  const sum = { chains: 0, entries: 0, branches: 0, broken: 0, places: 0 };
  const kept: Fault[] = [];
  const note = (faults: readonly Fault[]) => {
    if (faults.length === 0) return;
    sum.broken += 1;
    sum.places += faults.length;
    kept.push(...faults.slice(0, KEPT - kept.length));
  };

  return {
    hear(rows) {
      const [first] = rows;
      if (first === undefined) return undefined;
      const chain: Root = { workflowId: first.workflowId, firstRunId: first.firstRunId };
      const { faults, branches } = checkChain(chain, rows, parents.of(chain));
      for (const [child, witness] of toldOfChildren(rows)) parents.add(child, witness);
      note(faults);
      sum.chains += 1;
      sum.entries += rows.length;
      sum.branches += branches;
      const holds = faults.length === 0;
      const key = keyOf(chain);
      const story = storyOf(chain, rows, { holds, level: levels.get(key) });
      levels.delete(key);
      for (const [child, level] of levelsOf(story)) levels.set(keyOf(child), level);
      if (holds) counting.add(story);
      return { story: about(story, asked, holds), faults, branches };
    },
    whole() {
      for (const [chain, witnesses] of parents.left()) note(checkChain(chain, [], witnesses).faults);
      return { holds: sum.places === 0, ...sum, faults: kept, figures: counting.figures() };
    },
  };
}

const keyOf = ({ workflowId, firstRunId }: Root) => canonical([workflowId, firstRunId]);

/** What was asked for; of a chain in which something is wrong all of it. */
function about(story: Story, asked: Asked, holds: boolean): Story {
  if (!holds) return story;
  const touched = (told: Story['others']) => told.some(({ at }) => happened(at, asked));
  const questions = story.questions.filter((one) => wanted(one, asked) && touched(one.facts));
  const others = asked.actions === undefined && touched(story.others) ? story.others : [];
  return { ...story, questions, others };
}
