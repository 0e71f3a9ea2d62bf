import { printJson } from '../../base/json.ts'
import { bodyObject } from './call.ts'
import { createContainer } from './container-create.ts'
import { start } from './lifecycle.ts'
import type { World } from './world.ts'

/** A container that is there from the start: the body of its create call, its name, and whether it runs (default). */
export interface ContainerSeed {
  readonly name: string
  readonly Image: string
  readonly running?: boolean | undefined
  /** What podman itself made it with: members of its own inspect, such as `{ Config: { CreateCommand: […] } }`. */
  readonly libpod?: object | undefined
  readonly [setting: string]: unknown
}

/** Makes and starts it as a call would. @throws what the engine would answer */
export function seedContainer(world: World, { name, running, libpod, ...body }: ContainerSeed): void {
  const bytes = Buffer.from(printJson(body))
  const headers = { 'content-type': 'application/json' }
  const container = createContainer(world, {
    method: 'POST',
    path: '/containers/create',
    version: world.profile.api,
    query: new URLSearchParams({ name }),
    headers,
    body: bytes,
    signal: new AbortController().signal,
    object: () => bodyObject(world, headers, bytes),
    flag: () => false,
  })
  if (libpod !== undefined) Object.assign(container.libpod, libpod)
  if (running !== false) start(world, container)
}
