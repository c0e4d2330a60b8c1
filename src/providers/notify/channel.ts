/** What any channel must do, a terminal or somebody's HTTP endpoint: take a notice, or say whether to try again. */
import type { Notice } from '../../domain/gate/notice';

export interface Channel {
  /** No two of a worker share it. Kept in histories: nothing secret is in it. */
  readonly name: string;
  /**
   * Resolves once delivered.
   * @throws TryLater where another attempt may do better; PermanentError where it would fare no better; the signal's reason
   */
  tell(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** Another attempt would be refused the same way. The activities know it by its name, as they know an action's own. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}
