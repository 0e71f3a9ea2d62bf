import assert from 'node:assert/strict'
import { test } from 'node:test'

import { changedPorts, missingPorts } from '../../lib/refresh/published-ports.ts'
import { seen, type Change } from '../support/container.ts'

const ASKED: Change = {
  HostConfig: { NetworkMode: 'backend', PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '' }] } },
}
const at = (HostPort: string): Change => ({ ...ASKED, Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort }] } })
const none: Change = { ...ASKED, Ports: { '80/tcp': null } }

test('a port that the old container published is missing when its successor does not', () => {
  assert.deepEqual(missingPorts(seen(at('8080')), seen(none)), ['80/tcp'])
  assert.deepEqual(missingPorts(seen(at('8080')), seen(at('8081'))), [])
})

test('a port that the old container did not publish either, although it ran, is not missing', () => {
  assert.deepEqual(missingPorts(seen(none), seen(none)), [])
})

test('a paused container tells what it publishes as one that runs does', () => {
  const paused = { State: { Status: 'paused', Paused: true } }
  assert.deepEqual(missingPorts(seen({ ...none, ...paused }), seen(none)), [])
  assert.deepEqual(missingPorts(seen({ ...at('8080'), ...paused }), seen(none)), ['80/tcp'])
})

test('a container that was restarting does not tell which ports it would have published', () => {
  const restarting = seen({ ...none, State: { Status: 'restarting', Restarting: true } })
  assert.deepEqual(missingPorts(restarting, seen(none)), ['80/tcp'])
})

test('a container without a network of its own misses none', () => {
  const shared: Change = { ...none, HostConfig: { ...ASKED.HostConfig, NetworkMode: 'host' } }
  assert.deepEqual(missingPorts(seen(at('8080')), seen(shared)), [])
})

test('a port that got another number is told of', () => {
  assert.deepEqual(changedPorts(seen(at('8080')), seen(at('8081'))), [
    'port 80/tcp was published at 8080 and is now at 8081',
  ])
  assert.deepEqual(changedPorts(seen(at('8080')), seen(at('8080'))), [])
})
