// Fidelity as a property: whatever is created, on whatever images, its successor has it.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import fc from 'fast-check'

import { atLeast } from '../../lib/engine/api-version.ts'
import { connect } from '../../lib/engine/connect.ts'
import { manualClock, modelEngine, type ModelImage, type ProfileName } from '../../lib/testing/model/index.ts'
import { replaced, type Made, type Result } from '../support/fidelity.ts'
import { NETWORKS, worlds } from './made.ts'
import { emptyTally, leaveTally, seed } from './tally.ts'

const numRuns = Number(process.env['FIDELITY_RUNS'] ?? 400)
const PROFILES: readonly ProfileName[] = [
  '20.10',
  '26',
  '28',
  '28-containerd',
  '29',
  '29-containerd',
  'podman',
  'podman-4',
  'podman-6',
]
// Versions of the API in which an inspect shows something else.
const TURNS = ['1.41', '1.44', '1.51']
const tally = emptyTally()
const REPOSITORY = 'ghcr.io/acme/app'

async function trial(profile: ProfileName, before: ModelImage, after: ModelImage, made: Made): Promise<Result> {
  const clock = manualClock({ auto: true })
  await using engine = modelEngine({
    profile,
    clock,
    programs: () => ({}), // it is about settings, so whatever the command line is, it runs on
    images: { [`${REPOSITORY}:before`]: before, [`${REPOSITORY}:after`]: after },
  })
  await using docker = await connect({ host: 'unix:///model', transport: () => engine.transport(), validate: 'strict' })
  for (const [i, Name] of NETWORKS.entries())
    await docker.networks.create({ Name, IPAM: { Config: [{ Subnet: `10.${44 + i}.0.0/24` }] } })
  const id = async (tag: string): Promise<string> => (await docker.images.inspect(`${REPOSITORY}:${tag}`)).Id
  const { api, minApi } = engine.profile
  const older = TURNS.filter((one) => atLeast(one, minApi) && !atLeast(one, api))
  const versions = await Promise.all(
    older.map((apiVersion) => connect({ host: 'unix:///model', transport: () => engine.transport(), apiVersion })),
  )
  return await replaced(
    {
      docker,
      repository: REPOSITORY,
      before: await id('before'),
      after: await id('after'),
      clock,
      judge: { versions },
    },
    made,
  )
}

const NOT_SHOWN = /^podman's Docker API cannot set what it has \(the rights on [^;]*, which podman does not show\)/

const DRAWN = /^NetworkSettings\.Networks\.([^/]+)\/(?:MacAddress|IPAMConfig)/

// podman shows no address that was asked for over its API: each that is drawn anew is named in the report.
function isTold({ outcome, details, told = [] }: Result): boolean {
  if (outcome !== 'unfaithful') return false
  return details.every((detail) => {
    const [, network] = DRAWN.exec(detail) ?? []
    return told.some((note) => note.startsWith(`Networks.${network}: `) && note.includes('drawn anew'))
  })
}

for (const profile of PROFILES) {
  test(`whatever is created on ${profile}, its successor has it (FAULT_SEED=${seed})`, async (t) => {
    const outcomes = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(worlds, async ([before, after, made]) => {
        const result = await trial(profile, before, after, made)
        const { details } = result
        const outcome = isTold(result) ? 'faithful' : result.outcome
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        tally.fidelity[outcome] = (tally.fidelity[outcome] ?? 0) + 1
        // podman shows the rights on a device in no inspect, and of what was made over its API nowhere else.
        const refused = outcome === 'refused by dockline' && details.every((detail) => NOT_SHOWN.test(detail))
        assert.ok(
          outcome === 'faithful' || outcome === 'refused by the engine' || (profile.startsWith('podman') && refused),
          `${outcome}: ${details.join('; ')}`,
        )
      }),
      { numRuns: Math.ceil(numRuns / PROFILES.length), seed, includeErrorInReport: true },
    )
    t.diagnostic(`${profile}: ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`)
    const judged = (outcomes.get('faithful') ?? 0) + (outcomes.get('refused by dockline') ?? 0)
    assert.ok(judged > numRuns / PROFILES.length / 2, `only ${judged} came as far as that`)
  })
}

after(() => leaveTally('fidelity', tally))
