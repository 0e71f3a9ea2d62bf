import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { InstanceStore } from '../../lib/workspace/store/store.ts'

const A = '5eed0001-aaaa-4bbb-8ccc-123456789abc'
const B = '5eed0002-aaaa-4bbb-8ccc-123456789abc'
const C = '5eed0003-aaaa-4bbb-8ccc-123456789abc'

/** What every store holds to. `make` gives an empty one. */
export function storeContract(name: string, make: () => Promise<InstanceStore>): void {
  const check = (what: string, run: (store: InstanceStore) => Promise<void>): void =>
    void test(`${name}: ${what}`, async () => {
      await using store = await make()
      await run(store)
    })

  check('what is not on file is nothing, whatever is asked', async (store) => {
    assert.equal(await store.isEmpty(), true)
    for (const id of [A, 'no-uuid', '', "' OR 1=1 --"]) {
      assert.equal(await store.get(id), undefined)
      assert.equal(await store.instanceId(id), '')
      assert.equal(await store.markOffline(id), false)
    }
    assert.equal(await store.isEmpty(), true, 'asking makes no row')
    assert.deepEqual(await store.withStatus(['online']), [])
    assert.deepEqual(await store.removedWith(['5eed']), [])
    assert.deepEqual(await store.knownOf(['5eed']), [])
  })

  check('a change makes a row, and another changes what it names and nothing else', async (store) => {
    const heartbeat = Date.parse('2026-01-02T03:04:05.678Z')
    assert.equal(
      await store.save(A, { status: 'online', runtime: 'hermes', tier: 3, url: 'http://a', instanceId: 'i-1' }),
      true,
    )
    assert.equal(await store.save(A, { lastHeartbeatAt: heartbeat }), true)
    const row = await store.get(A)
    assert.deepEqual(
      { ...row, updatedAt: 0 },
      {
        id: A,
        status: 'online',
        runtime: 'hermes',
        tier: 3,
        url: 'http://a',
        instanceId: 'i-1',
        lastHeartbeatAt: heartbeat,
        updatedAt: 0,
      },
    )
    assert.ok((row?.updatedAt ?? 0) > 0)
    assert.equal(await store.instanceId(A), 'i-1')
    assert.equal(await store.isEmpty(), false)
  })

  check('what is set to null is empty then', async (store) => {
    await store.save(A, { url: 'http://a', instanceId: 'i-1' })
    await store.save(A, { url: null, instanceId: null })
    assert.equal(await store.instanceId(A), '')
    assert.equal((await store.get(A))?.url, undefined)
  })

  check('a change can be kept from rows of a status', async (store) => {
    await store.save(A, { status: 'removed' })
    assert.equal(await store.save(A, { status: 'online', url: 'http://a' }, ['removed', 'paused']), false)
    assert.equal((await store.get(A))?.status, 'removed')
    assert.equal(await store.save(A, { status: 'online' }, ['paused']), true)
    assert.equal(await store.save(B, { status: 'online' }, ['removed']), true, 'a new row has no status yet')
  })

  check('going offline forgets the URL, and leaves alone what is paused, removed or on its way', async (store) => {
    for (const status of ['online', 'degraded'] as const) {
      await store.save(A, { status, url: 'http://a' })
      assert.equal(await store.markOffline(A), true, status)
      const row = await store.get(A)
      assert.deepEqual([row?.status, row?.url], ['offline', undefined])
    }
    for (const status of ['removed', 'provisioning', 'paused', 'hibernated', 'failed'] as const) {
      await store.save(A, { status })
      assert.equal(await store.markOffline(A), false)
      assert.equal((await store.get(A))?.status, status)
    }
  })

  check('rows are found by status', async (store) => {
    await store.save(A, { status: 'online' })
    await store.save(B, { status: 'degraded', runtime: 'external' })
    await store.save(C, { status: 'paused' })
    const ids = async (...statuses: Parameters<InstanceStore['withStatus']>[0]): Promise<string[]> =>
      (await store.withStatus(statuses)).map(({ id }) => id).toSorted()
    assert.deepEqual(await ids('online', 'degraded'), [A, B])
    assert.deepEqual(await ids('failed'), [])
    assert.deepEqual(await ids(), [])
  })

  check('removed rows are found by the beginning of their id, and all rows by theirs', async (store) => {
    await store.save(A, { status: 'removed' })
    await store.save(B, { status: 'online' })
    assert.deepEqual(await store.removedWith(['5eed0001-aaa', '5eed0002-aaa', 'ffff']), [A])
    assert.deepEqual(await store.knownOf(['5eed0001-aaa', B, 'ffff']), ['5eed0001-aaa', B])
    assert.deepEqual(await store.removedWith([]), [])
  })

  check('a wildcard is a letter like any other', async (store) => {
    await store.save(A, { status: 'removed' })
    for (const prefix of ['%', '5eed000_', '\\', '5eed%']) {
      assert.deepEqual(await store.removedWith([prefix]), [], prefix)
      assert.deepEqual(await store.knownOf([prefix]), [], prefix)
    }
  })

  check('changes at the same time are all made', async (store) => {
    const ids = Array.from({ length: 20 }, (_, i) => `5eed00${String(i).padStart(2, '0')}-aaaa-4bbb-8ccc-123456789abc`)
    await Promise.all(ids.map((id) => store.save(id, { status: 'online' })))
    assert.equal((await store.withStatus(['online'])).length, 20)
    const won = await Promise.all(ids.map(() => store.save(A, { status: 'removed' }, ['removed'])))
    assert.equal(won.filter(Boolean).length, 1, 'of many that want to be first one is')
  })
}
