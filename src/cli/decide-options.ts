/** The flags of every decision. */
import type { Common } from './command';
import type { SigningOptions } from './sign';

export interface DecideOptions extends Common, SigningOptions {
  readonly digest?: string | undefined;
  readonly shown?: string | undefined;
  readonly reviewer: string;
  readonly comment?: string | undefined;
  readonly id?: string | undefined;
  readonly dryRun?: true | undefined;
  readonly full?: true | undefined;
  readonly follow?: true | undefined;
  readonly timeout: number;
}

export interface GivenOptions extends DecideOptions {
  readonly to?: string | undefined;
  readonly until?: string | undefined;
  readonly phrase?: string | undefined;
}

/** A dry run may be unsigned: it says what would become of it. */
export function isProven({ key, dryRun }: Pick<DecideOptions, 'key' | 'dryRun'>): boolean {
  return key !== undefined || dryRun === true;
}
