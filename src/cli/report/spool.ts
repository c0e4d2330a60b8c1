/** The page is written as the record is read, whatever its size: what comes below the figures waits in files of its own. */
import { mkdtemp, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Html } from './html';

/** Characters that are written at once. */
const BLOCK = 65_536;

type Part = 'gates' | 'articles';

export interface Page {
  add(part: Part, html: Html): Promise<void>;
  /** Writes it, what was added at its places, and puts it where it belongs; what is there is replaced at once. */
  finish(content: readonly (Html | { readonly added: Part })[]): Promise<void>;
  /** Leaves nothing beside it, finished or not. */
  clear(): Promise<void>;
}

/** @throws Error where nothing can be written beside `out` */
export async function openPage(out: string): Promise<Page> {
  // Beside it, so that it can be moved there in one step; readable by whoever makes it, as the report is.
  const folder = await mkdtemp(path.join(path.dirname(path.resolve(out)), '.audit-report-'));
  const file = (name: string) => open(path.join(folder, name), 'w+', 0o600);
  const parts = { gates: await spool(file('gates')), articles: await spool(file('articles')) };
  return {
    add: (part, html) => parts[part].add(html),
    async finish(content) {
      const page = await spool(file('page'));
      for (const one of content)
        if (typeof one === 'string') await page.add(one);
        else for await (const text of parts[one.added].all()) await page.add(text);
      await page.end();
      await rename(path.join(folder, 'page'), out);
    },
    async clear() {
      await Promise.all(Object.values(parts).map((part) => part.end()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function spool(opened: Promise<FileHandle>) {
  const file = await opened;
  let waiting: string[] = [];
  let size = 0;
  let over = false;
  const flush = async () => {
    await file.appendFile(waiting.join(''));
    waiting = [];
    size = 0;
  };
  return {
    async add(text: string) {
      waiting.push(text);
      size += text.length;
      if (size >= BLOCK) await flush();
    },
    async *all(): AsyncGenerator<string> {
      await flush();
      for await (const text of file.createReadStream({ start: 0, encoding: 'utf8', autoClose: false }))
        yield text as string;
    },
    async end() {
      if (over) return;
      over = true;
      await flush();
      await file.close();
    },
  };
}
