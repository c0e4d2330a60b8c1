/**
 * An agent without a language model, so that everything else can be tried, tested and shown with no key and no network.
 * It is rules: it obeys a few lines in the task, and asks each action whether it recognises the words. It says so.
 */
import type { z } from 'zod';
import { ANSWER } from '../../domain/climb';
import { messageOf } from '../../domain/message';
import { guard } from '../../domain/json';
import { Proposal } from '../../domain/proposal';
import type { Agent, AgentAnswer, AgentFailure, Task } from './agent';
import { type Directives, leading, readDirectives } from './directives';
import { complaints } from './malformed';

/** What it needs of the registry of actions. */
export interface Recogniser {
  recognise(text: string): { readonly action: string; readonly args: unknown } | undefined;
  find(name: string): { readonly risk: string } | undefined;
}

const RULES = 'The offline agent is rules, not a language model';

const HELP =
  `${RULES}: no action recognises this task. Write a line such as "answer: …" or ` +
  '"propose: {"action": "…", "args": {…}}" into the task, give an action a recognise(text), or propose it yourself.';

const ANSWER_HELP = `${RULES}: it writes no text of its own. Write a line such as "answer: …" into the task, or give the proposal yourself.`;

const Draft = Proposal.partial({ title: true, rationale: true, confidence: true, sensitive: true });

export function createOfflineAgent(actions: Recogniser): Agent {
  return {
    name: 'offline',
    propose: (request) =>
      Promise.resolve().then(() => {
        request.signal.throwIfAborted();
        const { task, earlier = [], tried = [] } = request;
        const comment = earlier.at(-1)?.comment;
        const answer =
          comment === undefined
            ? answerTo(task, request, actions)
            : answerAgain(task, comment, request, actions);
        return tried.length === 0 ? answer : prefaced(answer, `Tried before by others: ${tried.length}.`);
      }),
  };
}

/** What decides how words are read, beside the words. */
type Reading = Pick<Task, 'level' | 'produce'>;

/** What was sent back: where the comment says in words or lines what to do, that; otherwise the same again. */
function answerAgain(task: string, comment: string, reading: Reading, actions: Recogniser): AgentAnswer {
  const said = answerTo(comment, reading, actions);
  const obeyed = said.kind === 'proposal' || said.code !== 'NOTHING_RECOGNISED';
  const answer = obeyed ? said : answerTo(task, reading, actions);
  const heard = obeyed
    ? 'A reviewer sent it back and said what to propose.'
    : `A reviewer sent it back (${JSON.stringify(comment.slice(0, 500))}), which rules cannot weigh: it is the same again.`;
  return prefaced(answer, heard);
}

function prefaced(answer: AgentAnswer, words: string): AgentAnswer {
  if (answer.kind === 'failed') return answer;
  const rationale = `${words} ${answer.proposal.rationale}`.slice(0, 20_000);
  return { ...answer, proposal: { ...answer.proposal, rationale } };
}

function answerTo(task: string, { level, produce }: Reading, actions: Recogniser): AgentAnswer {
  const { lines, text, problem } = readDirectives(task, level);
  if (problem !== undefined) return failed('MALFORMED_PROPOSAL', problem);
  switch (leading(lines)) {
    case 'fail':
      return failed('AGENT_FAILED', lines.fail?.value || 'the task told the offline agent to fail');
    case 'propose':
      return produce === 'answer' ? anAnswer(written(lines, actions)) : written(lines, actions);
    case 'answer':
      return answered(lines, actions);
    case undefined:
      return produce === 'answer'
        ? failed('NOTHING_RECOGNISED', ANSWER_HELP)
        : recognised(lines, text, actions);
  }
}

/** Where an output is reviewed nothing is executed, and so no action can be proposed. */
function anAnswer(proposed: AgentAnswer): AgentAnswer {
  if (proposed.kind === 'failed' || proposed.proposal.action === ANSWER) return proposed;
  const other = JSON.stringify(proposed.proposal.action);
  return failed(
    'MALFORMED_PROPOSAL',
    `generateAndReview reviews an answer, and "propose:" names the action ${other}: write "answer: …", ` +
      'or start proposeAndExecute, which executes actions',
  );
}

function written(lines: Directives['lines'], actions: Recogniser): AgentAnswer {
  let draft: unknown;
  try {
    draft = JSON.parse(lines.propose?.value ?? '');
  } catch (error) {
    return failed(
      'MALFORMED_PROPOSAL',
      `"propose:" must be followed by JSON on the same line: ${messageOf(error)}`,
    );
  }
  const rationale = `The task itself says what to propose. ${RULES}, and has not judged it.`;
  return completed(draft, { rationale }, lines, actions);
}

function answered(lines: Directives['lines'], actions: Recogniser): AgentAnswer {
  const output = lines.answer?.value ?? '';
  const rationale = `The task itself says what to answer. ${RULES}, and has not judged it.`;
  return completed(
    { action: ANSWER, args: { output } },
    { rationale, title: 'Answer the task' },
    lines,
    actions,
  );
}

function recognised(lines: Directives['lines'], text: string, actions: Recogniser): AgentAnswer {
  const found = actions.recognise(text);
  if (found === undefined) return failed('NOTHING_RECOGNISED', HELP);
  const rationale = `The action ${found.action} recognised the words. ${RULES}.`;
  return completed(found, { rationale }, lines, actions);
}

/** Fills in what was left out. Rules cannot weigh anything: their confidence is neither sure nor unsure. */
function completed(
  given: unknown,
  defaults: { readonly rationale: string; readonly title?: string },
  lines: Directives['lines'],
  actions: Recogniser,
): AgentAnswer {
  const unfit = guard(given);
  if (unfit !== undefined) return failed('MALFORMED_PROPOSAL', unfit);
  const draft = Draft.safeParse(given);
  if (!draft.success) return failed('MALFORMED_PROPOSAL', named(draft.error));
  const { action } = draft.data;
  const own = ownWords(lines);
  if (typeof own === 'string') return failed('MALFORMED_PROPOSAL', own);
  const proposal = Proposal.safeParse({
    title: `Run ${action}`,
    confidence: 0.5,
    sensitive: actions.find(action)?.risk === 'high',
    ...defaults,
    ...draft.data,
    ...own,
  });
  return proposal.success
    ? { kind: 'proposal', proposal: proposal.data }
    : failed('MALFORMED_PROPOSAL', named(proposal.error));
}

/** `confidence:` and `sensitive:`, or what is wrong with them. */
function ownWords(lines: Directives['lines']): Partial<Pick<Proposal, 'confidence' | 'sensitive'>> | string {
  const confidence = lines.confidence?.value;
  if (confidence !== undefined && !/^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(confidence)) {
    return `"confidence:" must be a number from 0 to 1, such as 0.41, not ${JSON.stringify(confidence)}`;
  }
  const sensitive = lines.sensitive?.value;
  if (sensitive !== undefined && sensitive !== 'yes' && sensitive !== 'no') {
    return `"sensitive:" must be yes or no, not ${JSON.stringify(sensitive)}`;
  }
  return {
    ...(confidence === undefined ? {} : { confidence: Number(confidence) }),
    ...(sensitive === undefined ? {} : { sensitive: sensitive === 'yes' }),
  };
}

function named(error: z.ZodError): string {
  return `the proposal is malformed: ${complaints(error, 'the proposal')}`;
}

function failed(code: AgentFailure, message: string): AgentAnswer {
  return { kind: 'failed', code, message };
}
