/** What must be there before the first worker: the stores first, then the server's attributes; what cannot be added is said. */
import { setUp, type SetupPorts } from '../../src/app/setup';

interface World {
  readonly isShared?: boolean;
  readonly broken?: boolean;
  readonly mend?: readonly string[];
  readonly unreachable?: boolean;
}

function world({ isShared = true, broken = false, mend, unreachable = false }: World = {}) {
  const did: string[] = [];
  const store = (name: string) => (writer: string | undefined) => {
    did.push(`open ${name}${writer === undefined ? '' : ` for ${writer}`}`);
    return Promise.resolve({
      ready: () => (broken ? Promise.reject(new Error('disk full')) : Promise.resolve()),
      close: () => {
        did.push(`close ${name}`);
        return Promise.resolve();
      },
    });
  };
  const attribute = { name: 'CountersignState', type: 'Keyword', state: 'missing' as const };
  const ports: SetupPorts = {
    storeName: 'the store',
    isShared,
    stores: [store('audit'), store('feedback')],
    server: () => {
      if (unreachable) return Promise.reject(new Error('nobody answers'));
      return Promise.resolve({
        address: 'here:7233',
        namespace: 'default',
        ensureAttributes: () =>
          Promise.resolve({
            attributes: [attribute],
            ...(mend === undefined ? { added: [attribute.name] } : { added: [], mend }),
          }),
        close: () => {
          did.push('close server');
          return Promise.resolve();
        },
      });
    },
  };
  return { ports, did };
}

it('makes the stores, adds the attributes, and leaves nothing open', async () => {
  const { ports, did } = world();
  expect(await setUp(ports, { writer: 'worker' })).toEqual({
    ok: true,
    address: 'here:7233',
    namespace: 'default',
    attributes: [{ name: 'CountersignState', type: 'Keyword', state: 'added' }],
    store: 'the store',
    writer: 'worker',
  });
  expect(did).toEqual([
    'open audit for worker',
    'close audit',
    'open feedback for worker',
    'close feedback',
    'close server',
  ]);
});

it('what somebody else has to add is said, and it is not ready', async () => {
  const mend = ['tcld namespace search-attributes add'];
  expect(await setUp(world({ mend }).ports, {})).toMatchObject({
    ok: false,
    mend,
    attributes: [{ state: 'missing' }],
  });
});

it('a role of a store that has none is refused before anything is opened', async () => {
  const { ports, did } = world({ isShared: false });
  await expect(setUp(ports, { writer: 'worker' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(did).toEqual([]);
});

it('a store that cannot be made is closed, and the server is not asked', async () => {
  const { ports, did } = world({ broken: true });
  await expect(setUp(ports, {})).rejects.toThrow('disk full');
  expect(did).toEqual(['open audit', 'close audit']);
});

it('without a server the stores are there all the same', async () => {
  const { ports, did } = world({ unreachable: true });
  await expect(setUp(ports, {})).rejects.toThrow('nobody answers');
  expect(did).toContain('close feedback');
});
