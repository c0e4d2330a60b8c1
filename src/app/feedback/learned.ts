/** What people have made of what was proposed, as the record has it: rows to train and evaluate with, and what a stated confidence is worth. */
import { calibrate, type Calibration } from '../../domain/calibration';
import { evaluationRows, preferenceRows, type EvaluationRow, type PreferenceRow } from '../../domain/dataset';
import { openLessons, type Version } from '../../domain/lessons';
import type { Ports } from '../ports';

export interface DatasetInput {
  readonly format: 'preference' | 'evaluation';
  /** Of this action alone. @default all */
  readonly action?: string | undefined;
  /** Of `preference`: only rows that have both, what was chosen and what was rejected. @default false */
  readonly pairs?: boolean;
}

export async function dataset(
  { record }: Pick<Ports, 'record'>,
  { format, action, pairs = false }: DatasetInput,
): Promise<PreferenceRow[] | EvaluationRow[]> {
  const versions = await versionsOn(record);
  return format === 'preference'
    ? preferenceRows(versions, { action, pairs })
    : evaluationRows(versions, { action });
}

/** Confidence beside what people decided. @param action of this action alone; else all */
export async function calibration(
  { record }: Pick<Ports, 'record'>,
  { action }: { readonly action?: string | undefined },
): Promise<Calibration> {
  return calibrate(await versionsOn(record), action);
}

async function versionsOn(record: Ports['record']): Promise<Version[]> {
  const lessons = openLessons();
  for await (const chain of record.chains()) lessons.read(chain);
  return lessons.versions();
}
