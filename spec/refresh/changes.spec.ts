import assert from 'node:assert/strict'
import { test } from 'node:test'

import { replace } from '../../lib/refresh/replace.ts'
import { refresh } from '../../lib/refresh/refresh.ts'
import { changesRefusal, writtenPaths } from '../../lib/refresh/changes.ts'
import { seen, type Change } from '../support/container.ts'
import { APP, everything, setStage, version, withCalls, type Stage } from '../support/stage.ts'

const [MODIFIED, ADDED, DELETED] = [0, 1, 2] as const
type Row = readonly [path: string, kind: number]

const MOUNTS: Change = {
  HostConfig: { Binds: ['/srv:/mnt/deep/bind/:ro'], Tmpfs: { '/var/tf': '' } },
  Mounts: [{ Type: 'volume', Name: 'v', Source: '/v', Destination: '/data/vol', Mode: '', RW: true, Propagation: '' }],
}

for (const [title, rows, expected] of [
  ['nothing', [], []],
  ['a file that was added', [['/opt/f', ADDED]], ['/opt/f']],
  [
    'files in new folders count, the folders on the way to them do not',
    [
      ['/opt', MODIFIED],
      ['/opt/new', ADDED],
      ['/opt/new/f', ADDED],
      ['/opt/new/g', ADDED],
    ],
    ['/opt/new/f', '/opt/new/g'],
  ],
  [
    'a file that was modified',
    [
      ['/etc', MODIFIED],
      ['/etc/passwd', MODIFIED],
    ],
    ['/etc/passwd'],
  ],
  ['a new folder with nothing in it', [['/var/lib/app', ADDED]], ['/var/lib/app']],
  [
    'what was deleted, also where others were deleted in it',
    [
      ['/bin', MODIFIED],
      ['/bin/wget', DELETED],
      ['/opt', DELETED],
      ['/opt/f', DELETED],
    ],
    ['/bin/wget', '/opt', '/opt/f'],
  ],
  [
    'the files that docker makes',
    [
      ['/.dockerenv', ADDED],
      ['/etc', MODIFIED],
      ['/etc/hosts', ADDED],
      ['/etc/hostname', ADDED],
      ['/etc/resolv.conf', MODIFIED],
      ['/dev', ADDED],
      ['/dev/console', ADDED],
      ['/dev/shm', ADDED],
      ['/proc', ADDED],
      ['/sys', ADDED],
      ['/run', ADDED],
      ['/run/secrets', ADDED],
      ['/run/secrets/key', ADDED],
      ['/sbin/docker-init', ADDED],
    ],
    [],
  ],
  [
    'the files that podman makes',
    [
      ['/etc', MODIFIED],
      ['/etc/mtab', ADDED],
      ['/run', ADDED],
      ['/run/.containerenv', ADDED],
    ],
    [],
  ],
  [
    'where it mounts, and the way to it, in whatever spelling',
    [
      ['/data', ADDED],
      ['/data/vol', ADDED],
      ['/mnt', ADDED],
      ['/mnt/deep', ADDED],
      ['/mnt/deep/bind', ADDED],
      ['/var', ADDED],
      ['/var/tf', ADDED],
    ],
    [],
  ],
  [
    'what lies under a mount, but not beside it',
    [
      ['/data/vol/hidden', ADDED],
      ['/data/volume', ADDED],
      ['/data/other', ADDED],
    ],
    ['/data/other', '/data/volume'],
  ],
  ['a file whose name begins like one of the engine', [['/etc/hosts.bak', ADDED]], ['/etc/hosts.bak']],
] as const satisfies readonly (readonly [string, readonly Row[], readonly string[]])[]) {
  test(`of the changes of a container: ${title}`, () => {
    const changes = rows.map(([Path, Kind]) => ({ Path, Kind }))
    const paths = writtenPaths(changes, seen(MOUNTS)).map(({ Path }) => Path)
    assert.deepEqual(paths.toSorted(), expected)
  })
}

async function written(...files: string[]): Promise<Stage> {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  stage.model.publish(APP, version(2))
  await stage.docker.containers.putArchive(
    'ws-1',
    { path: '/etc' },
    files.map((name) => ({ name, content: 'mine' })),
  )
  return stage
}

test('a container with changes is left alone where they are to be kept, with their number and the first three', async () => {
  const stage = await written('d', 'b', 'a', 'c')
  const before = stage.container('ws-1')?.id
  for (const dryRun of [false, true]) {
    const report = await refresh(stage.ports, { ...everything, keepChanges: true, dryRun })
    const [container] = report.containers
    assert.equal(container?.outcome, 'skipped')
    assert.match(
      container?.reason ?? '',
      /^4 paths outside of its mounts were changed and would be lost \(\/etc\/a, \/etc\/b, \/etc\/c, …\): put them in a volume/,
    )
  }
  assert.equal(stage.container('ws-1')?.id, before)
})

test('without the word it is moved, and no call asks for its changes', async () => {
  const stage = await written('a')
  const report = await refresh(stage.ports, everything)
  assert.deepEqual(report.recreated, ['ws-1'])
  assert.equal(
    stage.model.calls.some(({ path }) => path.endsWith('/changes')),
    false,
  )
})

test('with the word one without changes is moved, also by the strategy remove', async () => {
  for (const strategy of ['replace', 'remove'] as const) {
    const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
    stage.model.publish(APP, version(2))
    const report = await refresh(stage.ports, { ...everything, keepChanges: true, strategy })
    assert.deepEqual(report.recreated, ['ws-1'], strategy)
  }
})

test('a folder in which a file came and went is no change, a modified file is', async () => {
  const stage = await written('a')
  const changes = async () => [
    { Path: '/tmp', Kind: MODIFIED },
    { Path: '/etc/a', Kind: MODIFIED },
    { Path: '/gone-again', Kind: MODIFIED },
  ]
  const engine = withCalls(stage, { changes })
  const about = await stage.docker.containers.inspectRaw('ws-1')
  const reason = await changesRefusal(engine, seen({ top: { Id: about['Id'] } }))
  assert.match(reason ?? '', /^2 paths .* \(\/etc\/a, \/gone-again\)/)
})

test('a working directory that the engine made is no change, a file in it is', async () => {
  const stage = await written()
  const refusal = async (...rows: Row[]): Promise<string | undefined> => {
    const changes = async () => rows.map(([Path, Kind]) => ({ Path, Kind }))
    const archiveInfo = async (_: string, { path }: { path: string }) => ({ mode: path === '/made/new' ? 2 ** 31 : 0 })
    const about = await stage.docker.containers.inspectRaw('ws-1')
    return changesRefusal(
      withCalls(stage, { changes, archiveInfo }),
      seen({ top: { Id: about['Id'] }, Config: { WorkingDir: '/made/new/' } }),
    )
  }
  const made: Row[] = [
    ['/made', ADDED],
    ['/made/new', ADDED],
  ]
  assert.equal(await refusal(...made), undefined)
  assert.match((await refusal(...made, ['/made/new/f', ADDED])) ?? '', /^1 path .*\/made\/new\/f/)
})

test('an engine that cannot tell the changes is a reason too', async () => {
  const stage = await written()
  const changes = () => Promise.reject(new Error('no diff for this driver'))
  const reason = await changesRefusal(withCalls(stage, { changes }), seen())
  assert.match(reason ?? '', /cannot be told: no diff for this driver/)
})

test('what is written after the plan is seen when the container is about to be moved', async () => {
  const stage = await written('late')
  const { id = '', image = '' } = stage.container('ws-1') ?? {}
  const context = { ...stage.ports, holder: 'me', keepChanges: true }
  const [done] = await replace(context, [{ id, name: 'ws-1', imageId: `${image}-newer` }])
  assert.equal(done?.outcome, 'skipped')
  assert.match(done?.reason ?? '', /\/etc\/late/)
})

test('of a group the one with changes is named', async () => {
  const stage = await setStage({
    containers: [
      { name: 'ws-1', Image: APP },
      { name: 'ws-2', Image: APP, HostConfig: { NetworkMode: 'container:ws-1' } },
    ],
  })
  stage.model.publish(APP, version(2))
  await stage.docker.containers.putArchive('ws-2', { path: '/etc' }, [{ name: 'own', content: 'x' }])
  const report = await refresh(stage.ports, { ...everything, keepChanges: true })
  assert.deepEqual(
    report.containers.map(({ outcome }) => outcome),
    ['skipped', 'skipped'],
  )
  assert.match(report.containers[0]?.reason ?? '', /^ws-2, which it moves with: 1 path .*\/etc\/own/)
})
