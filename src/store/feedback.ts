/** The feedback store that the configuration asks for: where the audit is. */
import type { Config } from '../config';
import { openLibsqlFeedback } from './feedback-libsql';
import { openPostgresFeedback } from './feedback-postgres';
import type { FeedbackStore } from './feedback-store';

/**
 * @param create whether what is missing may be created. @default true
 * @param writer of PostgreSQL: a role that is there, and gets what a worker needs
 */
export function openFeedback(
  { store, dataDir }: Pick<Config, 'store' | 'dataDir'>,
  { create = true, writer }: { readonly create?: boolean; readonly writer?: string | undefined } = {},
): Promise<FeedbackStore> {
  return store === undefined
    ? openLibsqlFeedback(dataDir, { create })
    : openPostgresFeedback(store, { create, writer });
}
