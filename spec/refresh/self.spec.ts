import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ownPlace, type Place } from '../../lib/refresh/self.ts'
import { ID } from '../support/container.ts'

const OTHER = 'd'.repeat(64)

const place = (mounts: readonly string[], cgroup = '0::/'): Promise<Place | undefined> =>
  ownPlace({ readText: async (path) => (path.endsWith('cgroup') ? `${cgroup}\n` : mounts.join('\n')) })
const line = (root: string, at: string): string => `438 348 254:0 ${root} ${at} rw,relatime - ext4 /dev/vda rw`
const docker = (id: string, file: string): string => line(`/var/lib/docker/containers/${id}/${file}`, `/etc/${file}`)
const podman = (id: string, file: string): string =>
  line(`/containers/storage/overlay-containers/${id}/userdata/${file}`, `/etc/${file}`)

test('in a container of docker its id stands in the mounts of its hostname and resolv.conf, which may be those of another', async () => {
  for (const file of ['hostname', 'hosts', 'resolv.conf'])
    assert.deepEqual(await place([line('/', '/'), docker(ID, file)]), { id: ID, sure: false, layer: undefined })
})

for (const [what, cgroup] of [
  ['by docker', `9:memory:/docker/${ID}\n0::/`],
  ['by docker with systemd', `0::/system.slice/docker-${ID}.scope`],
  ['by podman', `9:name=systemd:/libpod_parent/libpod-${ID}`],
  ['by podman with systemd', `0::/machine.slice/libpod-${ID}.scope/container`],
  ['in a container of a container', `9:memory:/docker/${OTHER}/docker/${ID}`],
] as const) {
  test(`the cgroup, where it is shown ${what}, is sure, and told before the files of another container`, async () => {
    const found = await place([docker(OTHER, 'hosts'), podman(OTHER, 'hosts')], cgroup)
    assert.deepEqual([found?.id, found?.sure], [ID, true])
  })
}

test('podman mounts hosts and resolv.conf of the container whose network it is, the hostname is its own', async () => {
  const found = await place([podman(OTHER, 'resolv.conf'), podman(OTHER, 'hosts'), podman(ID, 'hostname')])
  assert.deepEqual([found?.id, found?.sure], [ID, true])
})

test('the layer that a container writes to is told by its root', async () => {
  const root =
    '440 315 0:76 / / rw,relatime master:8 - overlay overlay rw,lowerdir=/d/l/A:/d/l/B,upperdir=/d/overlay2/9f/diff,workdir=/d/overlay2/9f/work'
  const below = root.replace(' / / ', ' / /other ').replace('9f/diff', '00/diff')
  assert.equal((await place([below, root, docker(ID, 'hosts')]))?.layer, '/d/overlay2/9f/diff')
})

test('outside of a container, and where there is no such file, there is none', async () => {
  assert.equal(await place([line('/', '/'), line('/', '/proc')], '0::/user.slice/session-3.scope'), undefined)
  assert.equal(await ownPlace({ readText: async () => undefined }), undefined)
  assert.equal(await ownPlace({ readText: async () => Promise.reject(new Error('EACCES')) }), undefined)
})

test('the files of other containers that the machine or a collector of logs has mounted are not the own', async () => {
  const others = [
    line(`/var/lib/docker/containers/${ID}/mounts/shm`, `/var/lib/docker/containers/${ID}/mounts/shm`),
    line('/var/lib/docker/containers', '/logs'),
    line(`/var/lib/docker/containers/${ID}/${ID}-json.log`, '/log'),
    line('/var/lib/docker/containers/short/hostname', '/etc/hostname'),
  ]
  assert.equal(await place(others), undefined)
})
