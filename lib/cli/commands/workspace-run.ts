import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { InputError, printable } from '../../base/errors.ts'
import type { Env, Log } from '../../base/ports.ts'
import { Secret } from '../../base/secret.ts'
import { systemClock, systemRandom } from '../../base/system.ts'
import { checkAccess } from '../../workspace/access.ts'
import type { Backend } from '../../workspace/backend.ts'
import { chooseBackend, usesControlPlane } from '../../workspace/choose.ts'
import { dockerBackend, type DockerBackend } from '../../workspace/docker/backend.ts'
import { platformInstance } from '../../workspace/labels.ts'
import { isRemovedIn, workspaceLife, type Life } from '../../workspace/life.ts'
import { connectPostgres } from '../../workspace/store/connect-postgres.ts'
import { jsonFileStore } from '../../workspace/store/json-file.ts'
import type { InstanceStore } from '../../workspace/store/store.ts'
import { sweepOnce, type Sightings, type SweepReport } from '../../workspace/sweep.ts'
import { systemTemplates } from '../../workspace/template.ts'
import type { Workspace } from '../../workspace/workspace.ts'
import { EXIT, exitCodeOf } from '../exit.ts'
import { isReaderGone } from '../output.ts'
import { openLine, type Session } from '../session.ts'
import { columns } from '../text.ts'
import type { LogFlags, StartFlags, SweepFlags, WorkspaceFlags } from './workspace.ts'

/** What a workspace command works with. */
interface Bench {
  readonly backend: Backend
  /** `undefined` on a control plane. */
  readonly docker: DockerBackend | undefined
  readonly store: InstanceStore
  readonly life: Life
  readonly log: Log
}

async function withBench(
  session: Session,
  flags: WorkspaceFlags & Pick<StartFlags, 'pull'>,
  run: (bench: Bench) => Promise<number>,
): Promise<number> {
  const { env } = session
  const log = warningsOf(session)
  await using store = await openStore(env, flags, log)
  if (usesControlPlane(env)) {
    await using backend = chooseBackend({ env, store, random: systemRandom, log })
    return await run({ backend, docker: undefined, store, life: workspaceLife(backend, store), log })
  }
  await using line = await openLine(session, flags)
  const ports = { ...line.ports, engine: line.docker, env, host: process, templates: systemTemplates, log }
  const settings = { network: flags.network, pull: flags.pull, isRemoved: isRemovedIn(store) }
  const docker = dockerBackend(ports, settings)
  return await run({ backend: docker, docker, store, life: workspaceLife(docker, store), log })
}

function openStore(env: Env, flags: WorkspaceFlags, log: Log): Promise<InstanceStore> | InstanceStore {
  const database = env['DATABASE_URL'] ?? ''
  if (database !== '' && flags.state === undefined) return connectPostgres(database, log)
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local/state')
  return jsonFileStore(flags.state ?? join(state, 'dockline/workspaces.json'))
}

function warningsOf({ stderr }: Session): Log {
  return { info: () => {}, warn: (message, fields) => void stderr.write(`warning: ${message}${told(fields)}\n`) }
}

function told(fields: Readonly<Record<string, unknown>> = {}): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${printable(String(value), 300)}`)
  return words.length === 0 ? '' : ` (${words.join(' ')})`
}

/** `dockline workspace start` */
export async function start(session: Session, id: string, flags: StartFlags): Promise<number> {
  const workspace = await workspaceOf(session.env, id, flags)
  return withBench(session, flags, async ({ life }) => {
    const { url, instanceId, warnings } = await life.start(workspace, { signal: session.signal })
    for (const warning of warnings) session.stderr.write(`warning: ${printable(warning)}\n`)
    print(session, flags, { id, url, instanceId, warnings }, url ?? instanceId ?? id)
    return EXIT.ok
  })
}

async function workspaceOf(env: Env, id: string, flags: StartFlags): Promise<Workspace> {
  const { access, workspacePath } = flags
  checkAccess(access, workspacePath)
  const files = (flags.file ?? []).map((pair) => split(pair, '--file'))
  const token = flags.tokenFile === undefined ? undefined : (await readFile(flags.tokenFile, 'utf8')).trim()
  return {
    id,
    runtime: flags.runtime,
    image: flags.image,
    tier: flags.tier,
    platformUrl: flags.platformUrl ?? env['PLATFORM_URL'] ?? `http://host.docker.internal:${env['PORT'] || '8080'}`,
    env: Object.fromEntries((flags.env ?? []).map((pair) => variable(pair, env))),
    template: flags.template,
    files: Object.fromEntries(
      await Promise.all(files.map(async ([name, path]) => [name, { content: await readFile(path) }] as const)),
    ),
    token: token === undefined ? undefined : new Secret(token),
    workspacePath,
    workspaceAccess: access,
    resetSession: flags.resetSession,
  }
}

function split(pair: string, flag: string): [name: string, value: string] {
  const equals = pair.indexOf('=')
  if (equals < 1) throw new InputError('INPUT_INVALID', `${flag} wants name=value, and got ${JSON.stringify(pair)}`)
  return [pair.slice(0, equals), pair.slice(equals + 1)]
}

// Without value it is this process's own, as with docker: a secret need not be on the command line.
function variable(pair: string, env: Env): [name: string, value: string] {
  if (pair.includes('=')) return split(pair, '--env')
  const value = env[pair]
  if (value === undefined) throw new InputError('INPUT_INVALID', `--env ${pair}: this process has no such variable`)
  return [pair, value]
}

/** `dockline workspace stop` */
export function stop(session: Session, id: string, flags: WorkspaceFlags): Promise<number> {
  return withBench(session, flags, async ({ life }) => {
    await life.stop(id, { signal: session.signal })
    print(session, flags, { id, stopped: true }, `${id} is stopped`)
    return EXIT.ok
  })
}

/** `dockline workspace remove` */
export function remove(session: Session, id: string, flags: WorkspaceFlags & { data?: boolean }): Promise<number> {
  return withBench(session, flags, async ({ life }) => {
    await life.remove(id, { signal: session.signal, data: flags.data })
    print(session, flags, { id, removed: true }, `${id} is removed`)
    return EXIT.ok
  })
}

/** `dockline workspace status` */
export function status(session: Session, id: string, flags: WorkspaceFlags): Promise<number> {
  return withBench(session, flags, async ({ backend, docker }) => {
    const found = await backend.status(id, { signal: session.signal })
    const reason = found.state === 'unknown' ? printable(found.reason) : undefined
    const url = found.state === 'running' ? await docker?.url(id, { signal: session.signal }) : undefined
    const words = [found.state, url, reason].filter((part) => part !== undefined).join(' ')
    print(session, flags, { id, state: found.state, url, reason }, words)
    return found.state === 'unknown' ? exitCodeOf(found.error) : EXIT.ok
  })
}

/** `dockline workspace logs` */
export function logs(session: Session, id: string, flags: LogFlags): Promise<number> {
  return withBench(session, flags, async ({ backend, docker }) => {
    const { signal, stdout, stderr } = session
    if (docker === undefined) stdout.write(await backend.console(id, { signal }))
    else {
      const output = docker.logs(id, { follow: flags.follow, tail: flags.tail, signal })
      for await (const { stream, data } of output)
        if (!(await write(stream === 'stderr' ? stderr : stdout, data))) break
    }
    return EXIT.ok
  })
}

// A reader that waits makes the engine wait. Gives false once the reader has left, as `head` does.
function write(target: NodeJS.WritableStream, data: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    target.write(data, (error) => {
      if (!error) resolve(true)
      else if (isReaderGone((error as NodeJS.ErrnoException).code ?? '')) resolve(false)
      else reject(error)
    })
  })
}

const PAUSE = 10

/** `dockline workspace sweep`: as many looks as confirmations are wanted, and the report of the last. */
export function sweep(session: Session, flags: SweepFlags): Promise<number> {
  const { env, signal } = session
  return withBench(session, flags, async ({ docker, store, log }) => {
    if (docker === undefined) throw new InputError('INPUT_INVALID', 'a control plane sweeps its machines itself')
    const { dryRun, allowEmptyStore, max, confirmations = 2, pause = PAUSE } = flags
    const minAge = flags.minAge === undefined ? undefined : flags.minAge * 1000
    const wishes = { instance: platformInstance(env), dryRun, allowEmptyStore, minAge, confirmations, signal }
    const sightings: Sightings = new Map()
    let report: SweepReport = { items: [], skipped: [] }
    const done: SweepReport['items'][number][] = []
    for (let look = 0; look < confirmations; look++) {
      if (look > 0) await systemClock.sleep(pause * 1000, signal)
      report = await sweepOnce(
        { reaper: docker, store, clock: systemClock, log },
        { ...wishes, maxReaped: max },
        sightings,
      )
      done.push(...report.items.filter(({ outcome }) => outcome !== 'waiting'))
    }
    const rest = report.items.filter(({ outcome }) => outcome === 'waiting')
    const items = dryRun === true ? report.items : [...done, ...rest]
    const rows = items.map(({ id, pass, outcome, reason = '' }) => [id, pass, outcome, printable(reason)])
    const skipped = report.skipped.map(({ pass, reason }) => `skipped the pass "${pass}": ${printable(reason)}`)
    const lines = [...columns(rows), ...skipped]
    print(
      session,
      flags,
      { items, skipped: report.skipped, dryRun: dryRun === true },
      lines.join('\n') || 'nothing to sweep',
    )
    return report.skipped.length > 0 || items.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok
  })
}

function print(session: Session, flags: WorkspaceFlags, value: object, text: string): void {
  session.stdout.write(`${flags.json === true ? JSON.stringify(value) : text}\n`)
}
