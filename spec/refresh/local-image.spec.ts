// Images that no registry knows, and containers that follow none.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ApiError, type ErrorCode } from '../../lib/base/errors.ts'
import { refresh, type RefreshOptions, type RefreshPorts } from '../../lib/refresh/refresh.ts'
import type { RefreshReport } from '../../lib/refresh/report.ts'
import type { ContainerSeed, ProfileName } from '../../lib/testing/model/index.ts'
import { APP, everything, setStage, version, type Stage } from '../support/stage.ts'

const PROFILES = ['20.10', '28', '28-containerd', 'podman'] as const
const BUILT = 'registry.example.org/acme/built:latest'
const NEXT = 'registry.example.org/acme/built:next'

/** A tag that was moved here, as a build or a load does, to an image that the registry does not have under it. */
async function rebuilt(profile: ProfileName, refused: 'no-manifest' | 'unreachable' | 'denied'): Promise<Stage> {
  const images = { [BUILT]: version(1), [NEXT]: version(2) }
  const stage = await setStage({ profile, images, containers: [{ name: 'ws-1', Image: BUILT }] })
  await stage.docker.images.tag(NEXT, { repo: BUILT.replace(':latest', ''), tag: 'latest' })
  stage.model.publish(BUILT, version(3), { refused })
  return stage
}

const refusing = (code: ErrorCode): RefreshPorts['remote'] => ({
  digest: () => Promise.reject(new ApiError(code, 'the registry says no')),
})
const run = (stage: Stage, options: Partial<RefreshOptions> = {}, remote?: RefreshPorts['remote']) =>
  refresh({ ...stage.ports, remote }, { ...everything, ...options })
const outcome = ({ containers }: RefreshReport): string | undefined => containers[0]?.outcome
const imageOutcome = ({ images }: RefreshReport): string | undefined => images[0]?.outcome

for (const profile of PROFILES) {
  for (const [refused, code] of [
    ['no-manifest', 'NOT_FOUND'],
    ['unreachable', 'REGISTRY_UNAVAILABLE'],
  ] as const) {
    test(`a tag that moved here is followed where the registry says ${refused} (${profile})`, async () => {
      const stage = await rebuilt(profile, refused)
      const plan = await run(stage, { dryRun: true }, refusing(code))
      const report = await run(stage)
      assert.equal(outcome(report), 'replaced')
      assert.equal(imageOutcome(report), 'local')
      assert.deepEqual(report.failed, [])
      assert.equal(outcome(plan), outcome(report))
      assert.equal(imageOutcome(plan), imageOutcome(report))
    })
  }

  test(`a refused login stays a failure, wherever the tag has moved (${profile})`, async () => {
    const stage = await rebuilt(profile, 'denied')
    const report = await run(stage)
    assert.equal(imageOutcome(report), 'failed')
    assert.equal(outcome(report), 'skipped')
  })

  test(`--no-pull moves to what the tag names here, and asks nobody (${profile})`, async () => {
    const stage = await rebuilt(profile, 'denied')
    const plan = await run(stage, { pull: false, dryRun: true }, refusing('TIMEOUT'))
    const report = await run(stage, { pull: false })
    assert.equal(outcome(plan), 'replaced')
    assert.equal(outcome(report), 'replaced')
    assert.ok(!stage.changes().includes('POST /images/create'))
    assert.equal(outcome(await run(stage, { pull: false })), 'current')
  })

  test(`--no-pull says of an image that is not there what to do (${profile})`, async () => {
    const stage = await setStage({ profile })
    const [image] = (await run(stage, { pull: false, targets: [target(BUILT)] })).images
    assert.equal(image?.outcome, 'failed')
    assert.match(image?.error?.message ?? '', /not on the engine.*--no-pull/)
  })
}

// podman shows the name of the image that the id was of, and so such a container follows its tag there.
for (const profile of ['20.10', '28', '28-containerd'] as const) {
  test(`containers that were made from an image id are pinned, one line each (${profile})`, async () => {
    const stage = await setStage({ profile, containers: [{ name: 'ws-1', Image: APP }] })
    const { id } = await stage.docker.images.pull(APP)
    const hex = id.replace('sha256:', '')
    const spellings = [id, hex, hex.slice(0, 12), `sha256:${hex.slice(0, 12)}`]
    for (const [i, Image] of spellings.entries()) await stage.docker.containers.create({ Image }, { name: `id-${i}` })
    stage.model.publish(APP, version(2))
    for (const dryRun of [true, false]) {
      const { images, containers } = await run(stage, { dryRun, selection: { namePrefix: 'id-' } })
      assert.deepEqual(images, [])
      assert.deepEqual(
        containers.map(({ name, cause }) => `${name} ${cause}`).toSorted(),
        spellings.map((_, i) => `id-${i} pinned`),
      )
      assert.match(containers[0]?.reason ?? '', /made from an image id/)
    }
  })
}

function target(ref: string): RefreshOptions['targets'][number] {
  const [repository = '', tag = ''] = ref.replace('registry.example.org/', '').split(':')
  return { label: ref, ref: { registry: 'registry.example.org', repository, tag, digest: undefined } }
}

test('an unreachable registry is a failure where the tag has not moved', async () => {
  const stage = await setStage({ images: { [BUILT]: version(1) }, containers: [{ name: 'ws-1', Image: BUILT }] })
  stage.model.publish(BUILT, version(2), { refused: 'unreachable' })
  const report = await run(stage)
  assert.deepEqual(report.failed, [BUILT])
  assert.equal(outcome(report), 'skipped')
})

test('an image that came from no registry is local, and no failure, also when nothing has moved', async () => {
  const stage = await setStage({ images: { [APP]: version(1) } })
  await stage.docker.images.tag(APP, { repo: 'own', tag: 'latest' })
  await stage.docker.containers.create({ Image: 'own:latest' }, { name: 'ws-1' })
  const report = await run(stage)
  assert.equal(imageOutcome(report), 'local')
  assert.equal(outcome(report), 'current')
  assert.match(report.images[0]?.warning ?? '', /what the tag names here counts/)
})

test('an image whose name is hexadecimal is no id, although its own id begins so', async () => {
  const containers: ContainerSeed[] = [{ name: 'ws-1', Image: APP }]
  const stage = await setStage({ containers })
  const { Id } = await stage.docker.images.inspect(APP)
  const name = Id.replace('sha256:', '').slice(0, 4)
  await stage.docker.images.tag(APP, { repo: name, tag: 'latest' })
  await stage.docker.containers.create({ Image: name }, { name: 'ws-2' })
  const report = await run(stage, { pull: false, selection: { names: ['ws-2'] } })
  assert.equal(report.images[0]?.ref, `docker.io/library/${name}:latest`)
  assert.equal(outcome(report), 'current')
})

test('with an image asked for, one made from an id is told of where it was named', async () => {
  const stage = await setStage({ containers: [{ name: 'ws-1', Image: APP }] })
  const { id } = await stage.docker.images.pull(APP)
  await stage.docker.containers.create({ Image: id }, { name: 'ws-2' })
  const targets = [
    { label: APP, ref: { registry: 'ghcr.io', repository: 'acme/app', tag: 'latest', digest: undefined } },
  ]
  const named = await run(stage, { targets, selection: { names: ['ws-2'] } })
  assert.equal(named.containers[0]?.cause, 'pinned')
  const all = await run(stage, { targets })
  assert.deepEqual(
    all.containers.map(({ name }) => name),
    ['ws-1'],
  )
})
