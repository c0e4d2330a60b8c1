/** The feedback store that the configuration asks for: where the audit is. */
import type { Config } from '../config';
import { openLibsqlFeedback } from './feedback-libsql';
import { openPostgresFeedback } from './feedback-postgres';
import type { FeedbackStore } from './feedback-store';

/** @param create as of `openStore`. @default true */
export function openFeedback(
  { store, dataDir }: Pick<Config, 'store' | 'dataDir'>,
  { create = true }: { readonly create?: boolean } = {},
): Promise<FeedbackStore> {
  return store === undefined ? openLibsqlFeedback(dataDir) : openPostgresFeedback(store, { create });
}
