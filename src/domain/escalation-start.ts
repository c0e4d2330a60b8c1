/** The argument of `escalation`: a task, and the ladder of agents and people that it climbs until somebody is sure enough. */
import { z } from 'zod';
import { defined } from './defined';
import { problems } from './gate/decision';
import { guard } from './json';
import { PeopleLevel, Policy, unreachable } from './policy';
import { Id } from './proposal';
import type { Parsed } from './start';
import { Callback, StartProof } from './start-proof';

/** A rung that an agent answers at. */
export const AgentLevel = z.strictObject({
  kind: z.literal('agent'),
  name: Id.refine((name) => !name.includes('/'), { error: 'must not contain /, which parts workflow ids' }),
  /** Such as `anthropic/…`. @default what the worker is configured with for a level of this name */
  model: Id.optional(),
});
export type AgentLevel = z.infer<typeof AgentLevel>;

/** Rungs of one ladder. */
const MOST_LEVELS = 20;
const THRESHOLD = 0.7;

/** Of `escalation`. */
export const EscalationStart = z.strictObject({
  v: z.literal(1),
  task: z.string().min(1).max(100_000),
  requester: Id,
  /** An agent that is less sure than this hands it up. */
  confidenceThreshold: z.number().min(0).max(1).default(THRESHOLD),
  /** Agents first, then people. @default AGENT, SENIOR_AGENT, HUMAN, MANAGER */
  ladder: z
    .array(z.union([AgentLevel, PeopleLevel]))
    .min(1)
    .max(MOST_LEVELS)
    .optional(),
  /** Who has asked for it, proven. */
  proof: StartProof.optional(),
  /** An https URL where the outcome is to be told besides; shown to reviewers. */
  callback: Callback.optional(),
});

/** The ladder, taken apart. */
export interface EscalationStart {
  readonly v: 1;
  readonly task: string;
  readonly requester: string;
  readonly confidenceThreshold: number;
  readonly agents: readonly AgentLevel[];
  /** Asked after the agents; undefined where the caller named none. */
  readonly policy?: Policy;
  /** The caller gave a ladder of its own. */
  readonly own: boolean;
  readonly proof?: StartProof | undefined;
  readonly callback?: string | undefined;
}

const AGENTS: readonly AgentLevel[] = [
  { kind: 'agent', name: 'AGENT' },
  { kind: 'agent', name: 'SENIOR_AGENT' },
];

/** The people of the default ladder, a day each: HUMAN, then MANAGER. */
export const LADDER_POLICY: Policy = Policy.parse({
  confirmation: 'CONFIRM',
  levels: ['HUMAN', 'MANAGER'].map((name) => ({
    name,
    approvers: { people: ['*'] },
    respondWithin: '24 hours',
  })),
});

/** With its ladder unread: each rung is told apart by its kind, so that what is wrong with it is told by its keys. */
const Shape = EscalationStart.extend({ ladder: z.array(z.unknown()).min(1).max(MOST_LEVELS).optional() });

/** Never throws. `problem` names each key that does not fit. */
export function parseEscalation(argument: unknown): Parsed<EscalationStart> {
  const unfit = guard(argument);
  if (unfit !== undefined) return { ok: false, problem: unfit };
  const shape = z.safeParse(Shape, argument);
  if (!shape.success) return { ok: false, problem: problems(shape.error) };
  const { ladder, ...start } = shape.data;
  if (ladder === undefined) return { ok: true, start: { ...start, agents: AGENTS, own: false } };
  const agents: AgentLevel[] = [];
  const people: PeopleLevel[] = [];
  const places: number[] = [];
  const wrong: string[] = [];
  ladder.forEach((level, index) => {
    const at = `ladder[${String(index)}]`;
    const agent = (level as { kind?: unknown } | null)?.kind === 'agent';
    const read = z.safeParse(agent ? AgentLevel : PeopleLevel, level);
    if (!read.success) wrong.push(problems(read.error, at));
    else if (read.data.kind === 'people') {
      people.push(read.data);
      places.push(index);
    } else if (people.length > 0) wrong.push(`${at}: an agent is asked before people, not after them`);
    else agents.push(read.data);
  });
  const names = [...agents, ...people].map(({ name }) => name);
  if (new Set(names).size < names.length) wrong.push('ladder: two levels have the same name');
  const policy = people.length === 0 ? undefined : { ...LADDER_POLICY, levels: people };
  if (policy !== undefined)
    wrong.push(
      ...unreachable(policy, [start.requester]).map((one) =>
        one.replace(/^levels\[(\d+)\]/, (_, nth: string) => `ladder[${String(places[Number(nth)])}]`),
      ),
    );
  if (wrong.length > 0) return { ok: false, problem: wrong.join('; ').slice(0, 2_000) };
  return {
    ok: true,
    start: { ...start, agents, ...defined({ policy }), own: true },
  };
}
