/** The lines in a task that the offline agent obeys, parted from the words that actions may recognise. */

const WORDS = ['propose', 'answer', 'confidence', 'sensitive', 'fail'] as const;
type Word = (typeof WORDS)[number];

export interface Directives {
  /** What counts at this level: a line written for the level alone comes before one for every level. */
  readonly lines: Partial<Record<Word, { readonly value: string; readonly ownLevel: boolean }>>;
  /** The task without any such line, those for other levels left out too. */
  readonly text: string;
  /** Why they cannot be obeyed: one line would contradict another. */
  readonly problem?: string;
}

/** `answer: …`, or `SENIOR_AGENT.answer: …` for one level. */
const LINE = new RegExp(`^\\s*(?:(\\S+)\\.)?(${WORDS.join('|')}):(.*)$`);

export function readDirectives(task: string, level: string): Directives {
  const lines: Directives['lines'] = {};
  const text: string[] = [];
  let problem: string | undefined;
  for (const line of task.split(/\r\n|\r|\n/)) {
    const match = LINE.exec(line);
    if (match === null) {
      text.push(line);
      continue;
    }
    const [, prefix, word, value = ''] = match as unknown as [
      string,
      string | undefined,
      Word,
      string | undefined,
    ];
    if (prefix !== undefined && prefix !== level) continue;
    const ownLevel = prefix !== undefined;
    const there = lines[word];
    if (there?.ownLevel === ownLevel)
      problem ??= `the task says "${ownLevel ? `${level}.` : ''}${word}:" twice`;
    if (there === undefined || (ownLevel && !there.ownLevel)) lines[word] = { value: value.trim(), ownLevel };
  }
  return { lines, text: text.join('\n').trim(), ...(problem === undefined ? {} : { problem }) };
}

/** Of several lines that each say what to do, the one to obey: own level first, then failing before answering. */
export function leading(lines: Directives['lines']): 'fail' | 'propose' | 'answer' | undefined {
  const order = ['fail', 'propose', 'answer'] as const;
  return (
    order.find((word) => lines[word]?.ownLevel === true) ?? order.find((word) => lines[word] !== undefined)
  );
}
