/** Whether an agent's answer is enough, or the next level of the ladder is asked. */
import { z } from 'zod';
import type { Tried } from './context';
import { cut } from './cut';
import { problems } from './gate/decision';
import { canonical, Root } from './digest';
import type { AgentLevel } from './escalation-start';
import type { Runs } from './gate';
import { utf8Length, type Json } from './json';
import type { Policy } from './policy';
import type { Proposal } from './proposal';
import type { Parsed } from './start';

/** What an agent level answers. */
export interface AgentAnswer {
  /** What it says, where it answers in words or data and proposes no other action. */
  readonly output: Json;
  /** 0–1; 0 where it failed. */
  readonly confidence: number;
  /** Why it has no answer; null where it has. */
  readonly error: string | null;
  readonly sensitive: boolean;
  /** What it proposes, the answer itself among the actions; absent after an error. */
  readonly proposal?: Proposal;
  /** Its level, and its own name. */
  readonly by: string;
}

/** `answer {output}`: what is said, and nothing to be executed. */
export const ANSWER = 'answer';

export function answerOf(proposal: Proposal, by: string): AgentAnswer {
  const { action, args, confidence, sensitive } = proposal;
  const output = action === ANSWER ? (args['output'] ?? null) : null;
  return { output, confidence, error: null, sensitive, proposal, by };
}

export function failedAnswer(code: string, message: string, by: string): AgentAnswer {
  return { output: null, confidence: 0, error: cut(`${code}: ${message}`, 2_000), sensitive: false, by };
}

/** The code of a level that was terminated, cancelled, or failed. */
export const LOST = 'LEVEL_TERMINATED';

/** Why it goes to the next level, in the words of the result's `escalations`; undefined where it is enough. */
export function whyNotEnough(
  { error, sensitive, confidence }: AgentAnswer,
  threshold: number,
): string | undefined {
  if (error !== null) return error.startsWith(LOST) ? error : `error ${error}`;
  const why = [
    ...(sensitive ? ['sensitive'] : []),
    ...(confidence < threshold ? [`confidence ${String(confidence)} < ${String(threshold)}`] : []),
  ];
  return why.length === 0 ? undefined : why.join(', ');
}

/**
 * Why people are asked although the agent is sure. Words alone need nobody where no rule says so; what has an effect needs whom
 * its policy says, and only a policy that asks nobody lets an agent act by itself.
 */
export function forcedBy(found: {
  readonly policy: Policy;
  readonly assessment: { readonly runs: Runs };
  readonly rule?: string;
}): string | undefined {
  const { policy, assessment, rule } = found;
  const { confirmation } = policy;
  if (confirmation === 'INFO' || (assessment.runs.in === 'nowhere' && rule === undefined)) return undefined;
  return rule === undefined ? `its policy asks ${confirmation}` : `the rule ${rule} asks ${confirmation}`;
}

/** Bytes of proposals that the next agent is told of: they are part of its prompt. */
const TRIED = 64 * 1024;

/** The earliest proposals are let go of where they are too much; why each was not enough stays. */
export function keptTries(tried: readonly Tried[]): Tried[] {
  let room = TRIED;
  return [...tried]
    .reverse()
    .map((one) => {
      const { proposal, ...rest } = one;
      if (proposal === undefined) return one;
      room -= utf8Length(canonical(proposal));
      return room >= 0 ? one : rest;
    })
    .reverse();
}

/** What an agent level is given. Only a ladder starts these. */
export interface AgentStart {
  readonly v: 1;
  /** The ladder's workflow. */
  readonly root: Root;
  readonly level: AgentLevel;
  readonly task: string;
  readonly requester: string;
  /** Oldest first. */
  readonly tried: readonly Tried[];
}

const AgentArgument = z.strictObject({
  v: z.literal(1),
  root: Root,
  level: z.looseObject({ name: z.string(), model: z.string().optional() }),
  task: z.string(),
  requester: z.string(),
  tried: z.array(z.unknown()),
});

/** Never throws. */
export function parseAgentStart(argument: unknown): Parsed<AgentStart> {
  const parsed = z.safeParse(AgentArgument, argument);
  if (!parsed.success) return { ok: false, problem: problems(parsed.error) };
  return { ok: true, start: argument as AgentStart };
}
