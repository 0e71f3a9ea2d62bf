import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Connections, type Connection } from '../../lib/wire/connections.ts'

function set(limit: number): { connections: Connections; opened: Connection[] } {
  const opened: Connection[] = []
  const open = (): Connection => {
    const connection = { client: undefined as never, silence: () => () => true, destroy: () => Promise.resolve() }
    opened.push(connection)
    return connection
  }
  return { connections: new Connections(limit, open), opened }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('connections are opened up to the limit, and then calls wait in their order', () => {
  const { connections, opened } = set(2)
  const served: number[] = []
  for (let i = 0; i < 5; i++) connections.take(0, () => served.push(i))
  assert.deepEqual([served, opened.length], [[0, 1], 2])
  connections.give(opened[0] as Connection, true)
  connections.give(opened[1] as Connection, true)
  assert.deepEqual([served, opened.length], [[0, 1, 2, 3], 2])
})

test('one that is not to be used again is replaced for the next call', () => {
  const { connections, opened } = set(1)
  let second: Connection | undefined
  connections.take(0, () => {})
  connections.take(0, (connection) => (second = connection))
  connections.give(opened[0] as Connection, false)
  assert.deepEqual([opened.length, second === opened[1]], [2, true])
})

test('the one that was used last is used first', () => {
  const { connections, opened } = set(2)
  connections.take(0, () => {})
  connections.take(0, () => {})
  connections.give(opened[0] as Connection, true)
  connections.give(opened[1] as Connection, true)
  let taken: Connection | undefined
  connections.take(0, (connection) => (taken = connection))
  assert.equal(taken, opened[1])
})

test('a call that has left the queue is not served', () => {
  const { connections, opened } = set(1)
  const served: string[] = []
  connections.take(0, () => served.push('first'))
  const leave = connections.take(0, () => served.push('left'))
  connections.take(0, () => served.push('last'))
  leave()
  connections.give(opened[0] as Connection, true)
  assert.deepEqual(served, ['first', 'last'])
})

test('one that has been idle is used a turn later, and can be given up until then', async () => {
  const { connections, opened } = set(1)
  const served: string[] = []
  connections.take(0, () => served.push('first'))
  connections.give(opened[0] as Connection, true)
  await turn()
  const leave = connections.take(0, () => served.push('left'))
  connections.take(0, () => served.push('second'))
  leave()
  assert.deepEqual(served, ['first'])
  await turn()
  assert.deepEqual(served, ['first', 'second'])
  assert.equal(opened.length, 1)
})

test('clear() takes out those that nobody uses', () => {
  const { connections, opened } = set(2)
  connections.take(0, () => {})
  connections.take(0, () => {})
  connections.give(opened[0] as Connection, true)
  assert.deepEqual(connections.clear(), [opened[0]])
  assert.deepEqual(connections.clear(), [])
})
