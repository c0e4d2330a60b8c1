/** Paths through `collectFeedback`, walked once for their recordings. */
import { randomUUID } from 'node:crypto';
import type { WorkflowPath } from './workflow-paths';
import { pause, sendRaw, type WorkflowEnv } from './workflow-env';

const said = (id: string, key: string, more: object = {}) => ({
  v: 1,
  id,
  reviewer: 'ana',
  key,
  score: 0.5,
  ...more,
});

async function collect(env: WorkflowEnv, more: object) {
  const runId = randomUUID();
  const argument = { v: 1, runId, output: { text: 'The invoice is paid.' }, ...more };
  const { workflowId } = await env.countersign.start('collectFeedback', argument, `feedback-${runId}`);
  return { workflowId, handle: env.client.workflow.getHandle(workflowId) };
}

export const FEEDBACKS: Readonly<Record<string, WorkflowPath>> = {
  'feedback-complete': {
    async walk(env) {
      const { workflowId, handle } = await collect(env, { keys: ['tone', 'length'] });
      await handle.signal('feedback', said('1', 'tone', { comment: 'curt', correction: { text: 'It is.' } }));
      await handle.signal('feedback', said('1', 'tone', { score: 1 }));
      await handle.signal('feedback', said('2', 'tone', { score: 2 }));
      await handle.signal('feedbak', said('3', 'tone'));
      const encoding = new TextEncoder().encode('json/plain');
      const data = new TextEncoder().encode('{"v":1,');
      await sendRaw(env, workflowId, [{ metadata: { encoding }, data }], 'feedback');
      await sendRaw(env, workflowId, undefined, '__temporal_feedback');
      await handle.signal('feedback', said('4', 'length'));
      return workflowId;
    },
  },
  'feedback-window': {
    async walk(env) {
      const { workflowId, handle } = await collect(env, { window: '2 seconds' });
      await handle.signal('feedback', said('1', 'tone'));
      return workflowId;
    },
  },
  'feedback-sent-on': {
    async walk(env) {
      let calls = 0;
      const away = () => Promise.reject(new Error('it is away'));
      const never = () =>
        Promise.reject(Object.assign(new Error('it never takes this'), { name: 'PermanentError' }));
      env.configured.sink = {
        send: ({ feedback }) => {
          calls += 1;
          return feedback.id === '2' ? never() : calls < 3 ? away() : Promise.resolve();
        },
      };
      const { workflowId, handle } = await collect(env, { keys: ['tone', 'length'] });
      await handle.signal('feedback', said('1', 'tone'));
      await handle.signal('feedback', said('2', 'length'));
      await handle.result();
      env.configured.sink = undefined;
      return workflowId;
    },
  },
  'feedback-called-off': {
    async walk(env) {
      const { workflowId, handle } = await collect(env, {});
      await handle.signal('feedback', said('1', 'tone'));
      await handle.cancel();
      return workflowId;
    },
  },
  'feedback-rolled-over': {
    async walk(env) {
      const { workflowId, handle } = await collect(env, { keys: ['tone'] });
      const { runId: first } = await handle.describe();
      for (let sent = 0; sent < 2_010; sent += 30)
        await Promise.all(Array.from({ length: 30 }, () => handle.signal('feedbak', { v: 1 })));
      while ((await handle.describe()).runId === first) await pause(100);
      await handle.signal('feedback', said('1', 'tone'));
      return workflowId;
    },
  },
};
