/** The record as an auditor reads it: every question and decision of a time, chain after chain, and the figures over all of them. */
import type { Asked } from '../../domain/report-figures';
import { openReport, type Heard, type Whole } from '../../domain/report-whole';
import type { Ports } from '../ports';

/**
 * @param asked which time and which actions
 * @param tell what there is to tell of one chain, as the record is read
 */
export async function report(
  { record }: { readonly record: Pick<Ports['record'], 'chains'> },
  asked: Asked,
  tell: (heard: Heard) => Promise<void> = () => Promise.resolve(),
): Promise<Whole> {
  const whole = openReport(asked);
  for await (const rows of record.chains()) {
    const heard = whole.hear(rows);
    if (heard !== undefined) await tell(heard);
  }
  return whole.whole();
}
