import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { JsonValue } from '../../../lib/base/json.ts'
import { clean, mountsOf, newlyLent } from '../../../lib/refresh/successor/volumes.ts'
import { member, planOf, type Change, type PlanOptions } from '../../support/container.ts'

const ANONYMOUS = '3c0d7f'.padEnd(64, '0')

/** A volume as the top-level `Mounts` of an inspect shows it. */
const volume = (Destination: string, Name = ANONYMOUS, RW = true): JsonValue => ({
  Type: 'volume',
  Name,
  Source: `/var/lib/docker/volumes/${Name}/_data`,
  Destination,
  Driver: 'local',
  Mode: '',
  RW,
  Propagation: '',
})

const mounts = (change: Change, options?: PlanOptions) => member(planOf(change, options), 'Mounts')

test('14 an anonymous volume is carried by its name, so that its data stays with the container', () => {
  const plan = planOf({ Config: { Volumes: { '/data': {} } }, Mounts: [volume('/data')] })
  assert.deepEqual(member(plan, 'Mounts'), [{ Type: 'volume', Source: ANONYMOUS, Target: '/data', ReadOnly: false }])
  assert.deepEqual(plan.notes.carried, [`volume ${ANONYMOUS} at /data`])
})

test('14 a volume that only the old image asked for is carried too', () => {
  const Volumes = { '/data': {} }
  assert.deepEqual(mounts({ Config: { Volumes }, Mounts: [volume('/data')] }, { oldImage: { Volumes } }), [
    { Type: 'volume', Source: ANONYMOUS, Target: '/data', ReadOnly: false },
  ])
})

test('14 a volume that may not be written to stays so', () => {
  assert.deepEqual(mounts({ Mounts: [volume('/data', ANONYMOUS, false)] }), [
    { Type: 'volume', Source: ANONYMOUS, Target: '/data', ReadOnly: true },
  ])
})

test('14 what Binds, Mounts and Tmpfs bring is not brought twice, in whatever spelling', () => {
  for (const HostConfig of [
    { Binds: ['named:/data:ro'] },
    { Binds: ['/srv:/data/'] },
    { Binds: ['named://data'] },
    { Mounts: [{ Type: 'volume', Source: 'named', Target: '/data/' }] },
    { Tmpfs: { '/x/../data': '' } },
  ]) {
    const carried = planOf({ HostConfig, Mounts: [volume('/data', 'named')] }).notes.carried
    assert.deepEqual(carried, [], JSON.stringify(HostConfig))
  }
})

test('14 volumes from another container come from there again, in whatever spelling', () => {
  const lender = { Mounts: [volume('/lent/')] }
  const change = { HostConfig: { VolumesFrom: ['lender'] }, Mounts: [volume('/lent'), volume('/own', 'own')] }
  assert.deepEqual(mounts(change, { volumesFrom: [lender] }), [
    { Type: 'volume', Source: 'own', Target: '/own', ReadOnly: false },
  ])
})

test('14 a mount that named no source gets the volume that the engine made for it, and keeps its options', () => {
  const stated = { Type: 'volume', Target: '/data', VolumeOptions: { Labels: { a: 'b' } } }
  assert.deepEqual(mounts({ HostConfig: { Mounts: [stated] }, Mounts: [volume('/data')] }), [
    { ...stated, Source: ANONYMOUS },
  ])
})

test('15 mounts of every kind are passed on with their options', () => {
  const stated = [
    { Type: 'bind', Source: '/srv', Target: '/srv', BindOptions: { Propagation: 'rslave', CreateMountpoint: true } },
    { Type: 'tmpfs', Target: '/run', TmpfsOptions: { SizeBytes: 1048576, Mode: 448 } },
    { Type: 'volume', Source: 'named', Target: '/sub', VolumeOptions: { Subpath: 'a/b', NoCopy: true } },
    { Type: 'image', Source: 'acme/assets', Target: '/assets' },
    { Type: 'future', Target: '/x', FutureOptions: { a: 1 } },
  ]
  assert.deepEqual(mounts({ HostConfig: { Mounts: stated } }), stated)
})

test('14 binds and temporary file systems in the top-level Mounts are no volumes and are not carried', () => {
  const shown = [
    { Type: 'bind', Source: '/srv', Destination: '/srv', RW: true },
    { Type: 'tmpfs', Source: '', Destination: '/run', RW: true },
  ]
  assert.equal(mounts({ HostConfig: { Binds: ['/srv:/srv'] }, Mounts: shown }), undefined)
})

test('16 where there is nothing to add, Mounts stays null, [] or absent as it was', () => {
  for (const value of [null, [], undefined]) assert.deepEqual(mounts({ HostConfig: { Mounts: value } }), value)
})

test('a destination has one spelling', () => {
  for (const [path, same] of [
    ['/a', '/a'],
    ['/a/', '/a'],
    ['//a//b/./c/../', '/a/b'],
    ['/', '/'],
  ] as const)
    assert.equal(clean(path), same)
})

test('Mounts that are no list are none', () => {
  for (const value of [null, {}, 'x']) assert.deepEqual(mountsOf({ Mounts: value }), [])
  assert.deepEqual(mountsOf({}), [])
})

test('a container whose volumes are borrowed is named by its final name, and an ending of an older run is taken off', () => {
  const moved = new Map([['data', 'data.dockline-next']])
  const from = (VolumesFrom: string[]): unknown =>
    member(planOf({ HostConfig: { VolumesFrom } }, { moved }), 'VolumesFrom')
  assert.deepEqual(from(['data:ro']), ['data:ro'])
  assert.deepEqual(from(['data.dockline-next:ro']), ['data:ro'])
})

test('a container whose volumes are borrowed by its id is named by the id of its successor', () => {
  const [before, after] = ['a'.repeat(64), 'b'.repeat(64)]
  const moved = new Map([[before, after]])
  assert.deepEqual(member(planOf({ HostConfig: { VolumesFrom: [before] } }, { moved }), 'VolumesFrom'), [after])
})

test('a volume that only the new image of a lender declares is mounted too, read-only where the loan is', () => {
  const lender = { Mounts: [{ Type: 'volume', Name: 'old', Destination: '/old', RW: true }] }
  const next = { Mounts: [...lender.Mounts, { Type: 'volume', Name: 'new', Destination: '/new', RW: true }] }
  const lent = newlyLent({ VolumesFrom: ['data:ro'] }, [lender], new Map([['data', next]]))
  assert.deepEqual(lent, [{ Type: 'volume', Source: 'new', Target: '/new', ReadOnly: true }])
})
