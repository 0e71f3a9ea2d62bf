import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ownContainerId } from '../../lib/refresh/self.ts'
import { ID } from '../support/container.ts'

const mounts = (...lines: string[]) => ({ readText: async () => lines.join('\n') })
const line = (root: string, at: string): string => `438 348 254:0 ${root} ${at} rw,relatime - ext4 /dev/vda rw`

test('in a container of docker its id stands in the mounts of its hostname and resolv.conf', async () => {
  for (const file of ['hostname', 'hosts', 'resolv.conf'])
    assert.equal(
      await ownContainerId(mounts(line('/', '/'), line(`/var/lib/docker/containers/${ID}/${file}`, `/etc/${file}`))),
      ID,
    )
})

test('outside of a container, and where there is no such file, there is none', async () => {
  assert.equal(await ownContainerId(mounts(line('/', '/'), line('/', '/proc'))), undefined)
  assert.equal(await ownContainerId({ readText: async () => undefined }), undefined)
  assert.equal(await ownContainerId({ readText: async () => Promise.reject(new Error('EACCES')) }), undefined)
})

test('the files of other containers that the machine or a collector of logs has mounted are not the own', async () => {
  const others = [
    line(`/var/lib/docker/containers/${ID}/mounts/shm`, `/var/lib/docker/containers/${ID}/mounts/shm`),
    line('/var/lib/docker/containers', '/logs'),
    line(`/var/lib/docker/containers/${ID}/${ID}-json.log`, '/log'),
    line('/var/lib/docker/containers/short/hostname', '/etc/hostname'),
  ]
  assert.equal(await ownContainerId(mounts(...others)), undefined)
})

test('in a container of podman too', async () => {
  const folder = `/containers/storage/overlay-containers/${ID}/userdata`
  for (const file of ['hostname', 'hosts', 'resolv.conf'])
    assert.equal(await ownContainerId(mounts(line(`${folder}/${file}`, `/etc/${file}`))), ID)
})
