/**
 * Feedback to LangSmith, by its REST protocol: `POST /feedback`, the call that its `create_feedback` makes. Resolved means that LangSmith
 * has answered that it has it. Its own client is not used for that (docs/design/0006-feedback.md): it may resolve with nothing sent.
 */
import { feedbackUuid, isUuid } from '../../domain/feedback-id';
import type { Json } from '../../domain/json';
import { visibleLine } from '../../domain/visible';
import { PermanentError } from '../notify/channel';
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
/** Of the other side's reason that is kept. */
const REASON = 200;

/** @param timeout milliseconds until an attempt is given up. @default 20000 */
export function createLangSmith(target: LangSmithTarget, { timeout = 20_000 } = {}): FeedbackSink {
  const url = `${target.url}/feedback`;
  const { host } = new URL(url);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'countersign',
    'x-api-key': target.key,
    ...(target.workspace === undefined ? {} : { 'x-tenant-id': target.workspace }),
  };
  return {
    async send(delivery, signal) {
      signal.throwIfAborted();
      if (!isUuid(delivery.runId))
        throw new PermanentError(
          `the run id is no UUID, and LangSmith knows runs by theirs: nothing was sent to ${host}`,
        );
      const late = AbortSignal.timeout(timeout);
      const both = AbortSignal.any([signal, late]);
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(bodyOf(delivery)),
        redirect: 'manual',
        signal: both,
      }).catch((error: unknown) => {
        signal.throwIfAborted();
        const why = late.aborted
          ? `gave no answer within ${String(timeout)} ms`
          : `cannot be reached: ${codeOf(error)}`;
        throw new TryLater(`LangSmith at ${host} ${why}`);
      });
      const said = await response.text().catch(() => '');
      // It has one with this id, of an attempt whose answer was lost: the id is of this feedback alone.
      if (response.ok || response.status === 409) return;
      throw refusal(response, said, host);
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

function refusal(response: Response, said: string, host: string): TryLater | PermanentError {
  const { status, headers } = response;
  const told = `LangSmith at ${host} answered ${String(status)}`;
  if (FINAL.includes(status)) {
    const reason = said === '' ? '' : `: ${visibleLine(said.slice(0, REASON))}`;
    return new PermanentError(`${told}; it is not sent again${reason}`);
  }
  const after = headers.get('retry-after');
  return new TryLater(
    `${told}${mend(status)}`,
    retryAfter(after === null ? {} : { 'retry-after': after }, Date.now()),
  );
}

function mend(status: number): string {
  if (status === 401 || status === 403) return '; check LANGSMITH_API_KEY, and LANGSMITH_WORKSPACE_ID';
  if (status === 404) return '; the run is not there yet, or COUNTERSIGN_LANGSMITH_URL is not the API';
  if (status >= 300 && status < 400) return '; redirects are not followed: check COUNTERSIGN_LANGSMITH_URL';
  return '';
}

/** The network's code, such as ECONNREFUSED. */
function codeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? visibleLine(cause.code) : 'the connection failed';
}
