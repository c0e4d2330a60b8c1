/** The record as lessons, for the commands that tell of them. */
import { openLessons, type Version } from '../domain/lessons';
import type { Deps } from './command';

export async function versionsIn(deps: Deps): Promise<Version[]> {
  const store = await deps.store();
  try {
    const lessons = openLessons();
    for await (const chain of store.chains()) lessons.read(chain);
    return lessons.versions();
  } finally {
    await store.close();
  }
}
