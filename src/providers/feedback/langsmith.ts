/**
 * Feedback to LangSmith, by its REST protocol: `POST /feedback`, the call that its `create_feedback` makes. Resolved means that LangSmith
 * has answered that it has it. Its own client is not used for that (docs/design/0006-feedback.md): it may resolve with nothing sent.
 */
import { feedbackUuid, isUuid } from '../../domain/feedback-id';
import type { Json } from '../../domain/json';
import { visibleLine } from '../../domain/visible';
import { PermanentError } from '../notify/channel';
import { type Answer, post } from '../post';
import { retryAfter, TryLater } from '../try-later';
import type { Delivery, FeedbackSink } from './sink';

export interface LangSmithTarget {
  /** Base URL of the API. */
  readonly url: string;
  /** Never shown, never logged. */
  readonly key: string;
  readonly workspace?: string;
}

/** What would be refused again. Anything else may pass: a key is replaced, a run arrives later than what is said of it. */
const FINAL = [400, 413, 422];
/** UTF-16 units of the other side's reason that are kept. */
const REASON = 200;

/** @param timeout milliseconds until an attempt is given up. @default 20000 */
export function createLangSmith(target: LangSmithTarget, { timeout = 20_000 } = {}): FeedbackSink {
  const url = new URL(`${target.url}/feedback`);
  const to = `LangSmith at ${url.host}`;
  const headers = {
    'x-api-key': target.key,
    ...(target.workspace === undefined ? {} : { 'x-tenant-id': target.workspace }),
  };
  return {
    async send(delivery, signal) {
      signal.throwIfAborted();
      if (!isUuid(delivery.runId))
        throw new PermanentError(
          `the run id is no UUID, and LangSmith knows runs by theirs: nothing was sent to ${url.host}`,
        );
      const body = JSON.stringify(bodyOf(delivery));
      const answer = await post(url, { to, body, headers, timeout, keep: REASON }, signal);
      const { status } = answer;
      // 409: it has one with this id, of an attempt whose answer was lost; the id is of this feedback alone.
      if ((status < 200 || status > 299) && status !== 409) throw refusal(answer, to);
    },
  };
}

/** As LangSmith's own client writes it: what is undefined is left out. */
function bodyOf({ runId, feedback, workflowId }: Delivery): object {
  const { id, key, score, comment, correction, reviewer } = feedback;
  return {
    id: feedbackUuid(runId, feedback),
    run_id: runId,
    key,
    score: Number(score.toFixed(4)), // a more precise one is refused
    ...(correction === undefined || correction === null ? {} : { correction: correctionOf(correction) }),
    ...(comment === undefined ? {} : { comment }),
    feedback_source: { type: 'api', metadata: { reviewer, id, countersign: workflowId } },
  };
}

/** An object or a text is taken there, and nothing else. */
function correctionOf(correction: Json): Json {
  const fits =
    typeof correction === 'string' || (typeof correction === 'object' && !Array.isArray(correction));
  return fits ? correction : { value: correction };
}

function refusal({ status, headers, said }: Answer, from: string): TryLater | PermanentError {
  const told = `${from} answered ${String(status)}`;
  if (FINAL.includes(status)) {
    const reason = said === '' ? '' : `: ${visibleLine(said)}`;
    return new PermanentError(`${told}; it is not sent again${reason}`);
  }
  return new TryLater(`${told}${mend(status)}`, retryAfter(headers, Date.now()));
}

function mend(status: number): string {
  if (status === 401 || status === 403) return '; check LANGSMITH_API_KEY, and LANGSMITH_WORKSPACE_ID';
  if (status === 404) return '; the run is not there yet, or COUNTERSIGN_LANGSMITH_URL is not the API';
  if (status >= 300 && status < 400) return '; redirects are not followed: check COUNTERSIGN_LANGSMITH_URL';
  return '';
}
