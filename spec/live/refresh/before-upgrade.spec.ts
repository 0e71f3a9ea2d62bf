// The containers that a Docker 29 would not load, made on an engine that still takes them.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { doctorCommand, type Diagnosis } from '../../../lib/cli/commands/doctor.ts'
import { testSession } from '../../support/session.ts'
import { importBusybox } from '../support/busybox.ts'
import { connectStrictly, profileOf, removeContainer, removeImage, uniqueName } from '../support/profile.ts'

const LINKED = uniqueName('upgrade-linked')
const CASES: readonly (readonly [kind: string, effect: string | undefined, body: object])[] = [
  [
    'host-ip',
    'lost',
    { ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostIp: 'localhost' }] } } },
  ],
  ['dns', 'lost', { HostConfig: { Dns: ['nope'] } }],
  ['range', 'lost', { ExposedPorts: { '80-82/tcp': {} } }],
  ['empty', 'changed', { ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [] } } }],
  ['link', 'deprecated', { HostConfig: { Links: [`${LINKED}:db`] } }],
  ['well', undefined, { HostConfig: { Dns: ['1.1.1.1'] } }],
]

test('doctor --before-upgrade names one container of each kind, and none that is well', async () => {
  await using docker = await connectStrictly()
  const { podman, major } = await profileOf(docker)
  // Others refuse such bodies, or show them otherwise: there it is only that nothing is made up.
  const cases = podman || major !== 28 ? CASES.filter(([, effect]) => effect === undefined) : CASES
  const image = uniqueName('upgrade-image')
  const names = [LINKED, ...cases.map(([kind]) => uniqueName(`upgrade-${kind}`))]
  try {
    await importBusybox(docker, image)
    await docker.containers.create({ Image: image }, { name: LINKED })
    for (const [kind, , body] of cases)
      await docker.containers.createRaw({ Image: image, ...body }, { name: uniqueName(`upgrade-${kind}`) })
    const session = testSession({ DOCKER_HOST: process.env['DOCKER_HOST'] ?? '' })
    const code = await doctorCommand(session, { json: true, beforeUpgrade: true })
    const { upgrade = [] } = JSON.parse(session.printed().stdout) as Diagnosis
    for (const [kind, effect] of cases)
      assert.equal(upgrade.find(({ name }) => name === uniqueName(`upgrade-${kind}`))?.effect, effect, kind)
    if (cases === CASES) assert.equal(code, 1)
  } finally {
    for (const name of names.toReversed()) await removeContainer(docker, name)
    await removeImage(docker, image)
  }
})
