import assert from 'node:assert/strict'
import { test } from 'node:test'

import { missingFields } from './described-fields.ts'
import { PLACES } from './places.ts'

// `Operation.role: Field.Field`, with `*` for any of a kind, and why the types do not have it.
const LEFT_OUT: Readonly<Record<string, string>> = {
  'ContainerInspect.answer: Storage': 'passed on without a type: paths of the image store',
  '*Identity.*': 'passed on without a type: the details of a signature',
  '*ImageData.Platform.os.*': 'passed on without a type: Windows',
  'ImageInspect.answer: Config.ArgsEscaped': 'passed on without a type: Windows',
  'ImageInspect.answer: DockerVersion': 'passed on without a type: empty since BuildKit',
  'ImageInspect.answer: GraphDriver': 'passed on without a type: paths of the image store',
  'SystemDataUsage.answer: BuildCache.Parents': 'passed on without a type',
  'ConfigCreate.answer: Id': 'the engine answers `ID` (moby api/types/swarm, SecretCreateResponse)',
  'SecretCreate.answer: Id': 'the engine answers `ID` (moby api/types/swarm, SecretCreateResponse)',
  'ExecStart.body: Detach': '`exec.startDetached` sends it',
  'PluginDelete.answer: no place': 'nothing of a removed plugin is of use; no engine before 29 sends it',
  'PluginPull.body: no place': '`plugins.pull` takes the privileges as a list of their own type',
  'PluginUpgrade.body: no place': '`plugins.upgrade` takes the privileges as a list of their own type',
  'TaskInspect.answer: NetworksAttachments.Network.*':
    'the engine sends the network as the swarm stores it: ID and Spec',
  'TaskList.answer: NetworksAttachments.Network.*': 'the engine sends the network as the swarm stores it: ID and Spec',
  '*ClusterVolume*.AccessMode.*': 'moby reads these beside AccessMode (api/types/volume/cluster_volume.go)',
  'VolumeUpdate.body: Spec.AccessMode.*': 'moby reads these beside AccessMode (api/types/volume/cluster_volume.go)',
}

test('the types name every field of bodies and answers that the API describes', () => {
  const missing = missingFields(PLACES)
  assert.deepEqual(
    missing.filter((line) => reasonOf(line) === undefined),
    [],
  )
  const used = new Set(missing.map(reasonOf))
  assert.deepEqual(
    Object.keys(LEFT_OUT).filter((pattern) => !used.has(pattern)),
    [],
    'reasons that nothing needs',
  )
})

test('a field that no type names is seen', () => {
  const missing = missingFields({ ...PLACES, SystemAuth: { body: '{ username: string }', answer: 'string' } })
  assert.deepEqual(
    missing.filter((line) => line.startsWith('SystemAuth')),
    [
      'SystemAuth.answer: IdentityToken',
      'SystemAuth.answer: Status',
      'SystemAuth.body: email',
      'SystemAuth.body: password',
      'SystemAuth.body: serveraddress',
    ],
  )
})

function reasonOf(line: string): string | undefined {
  return Object.keys(LEFT_OUT).find((pattern) =>
    new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`).test(line),
  )
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
