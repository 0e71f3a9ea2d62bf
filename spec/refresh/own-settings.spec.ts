import assert from 'node:assert/strict'
import { test } from 'node:test'

import { see } from '../../lib/refresh/container.ts'
import { ownSettings } from '../../lib/refresh/own-settings.ts'
import { APP, setStage } from '../support/stage.ts'

const LIMITS = [
  { Name: 'nofile', Soft: 1024, Hard: 1024 },
  { Name: 'nproc', Soft: 512, Hard: 512 },
]

async function settingsWith(HostConfig: object, Cmd: readonly string[] = ['/serve']): Promise<string> {
  const containers = [{ name: 'ws-1', Image: APP, Cmd: [...Cmd], HostConfig }]
  const { docker } = await setStage({ profile: 'podman', containers })
  const seen = await see(docker, 'ws-1')
  assert.ok(seen !== undefined)
  return ownSettings([seen])
}

test('limits and capabilities in another order are the same settings', async () => {
  const one = await settingsWith({ Ulimits: LIMITS, CapDrop: ['MKNOD', 'CHOWN'] })
  assert.equal(await settingsWith({ Ulimits: LIMITS.toReversed(), CapDrop: ['CHOWN', 'MKNOD'] }), one)
})

test('other limits are other settings, and so are arguments in another order', async () => {
  const one = await settingsWith({ Ulimits: LIMITS }, ['/serve', '-a', '-b'])
  assert.notEqual(await settingsWith({ Ulimits: LIMITS.slice(1) }, ['/serve', '-a', '-b']), one)
  assert.notEqual(await settingsWith({ Ulimits: LIMITS }, ['/serve', '-b', '-a']), one)
})
