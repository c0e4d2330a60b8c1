/** The file of COUNTERSIGN_REVIEWERS as a whole: its entries, and that they hold together. */
import type { z } from 'zod';
import { DirectoryEntries } from './directory-entries';
import { faultsOf } from './directory-faults';

export * from './directory-entries';

/** No name, no key material and no identity stands there twice, and who answers for an agent is one of the people. */
export const Directory = DirectoryEntries.superRefine((directory, context) => {
  for (const [path, message] of faultsOf(directory)) context.addIssue({ code: 'custom', path, message });
});
export type Directory = z.infer<typeof Directory>;
