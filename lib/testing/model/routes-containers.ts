import type { JsonObject } from '../../base/json.ts'
import { archivePath, changesOf, pathStat, readArchive, writeArchive } from './archive.ts'
import { isTrue, type Call } from './call.ts'
import { createContainer, createWarnings, nameIsValid } from './container-create.ts'
import { containerInspect } from './container-inspect.ts'
import { listContainers } from './container-list.ts'
import { isUp, named, needContainer } from './container.ts'
import { beginExec, createExec, execJson, execOutput, needExec, runExec, speak } from './exec.ts'
import { healthJson, runProbe } from './health.ts'
import { commit, exportContainer } from './image-archive.ts'
import { libpodInspect } from './libpod-view.ts'
import { start } from './lifecycle.ts'
import { checkLogs, logs } from './logs.ts'
import { kill, pause, removeByOrder, restart, stop, unpause } from './orders.ts'
import { numberIn } from './numbers.ts'
import { frame, outputType } from './output.ts'
import { argvOf } from './process.ts'
import { attachOutput } from './attach.ts'
import { refuse, refuseIf } from './refusal.ts'
import { renameContainer, updateContainer } from './rename.ts'
import { empty, json, stream, type Reply } from './reply.ts'
import type { RouteTable } from './routes.ts'
import { pruneContainers } from './prune.ts'
import { statsReply } from './stats.ts'
import { wait } from './wait.ts'
import type { World } from './world.ts'

const changed = (yes: boolean): Reply => empty(yes ? 204 : 304)

function orderOf(world: World, call: Call): { grace: number | undefined; signal: string | undefined } {
  return { grace: numberIn(world, call, 't'), signal: call.query.get('signal') ?? undefined }
}

/** Containers and execs. */
export const containerRoutes: RouteTable = {
  'GET /containers/json': (world, call) => json(listContainers(world, call)),
  'POST /containers/create': (world, call) => {
    const { id } = createContainer(world, call)
    return json({ Id: id, Warnings: createWarnings(world, call) }, 201)
  },
  'POST /containers/prune': (world, call) => json(pruneContainers(world, call)),
  'GET /containers/{id}/json': (world, { version, query }, id) =>
    json(containerInspect(world, needContainer(world, id), version, isTrue(query.get('size')))),
  'GET /libpod/containers/{id}/json': (world, _, id) => {
    if (world.profile.family !== 'podman') return refuse(world.profile.words.notFound())
    return json(libpodInspect(world, needContainer(world, id)))
  },
  'GET /libpod/containers/{id}/healthcheck': (world, _, id) => {
    if (world.profile.family !== 'podman') return refuse(world.profile.words.notFound())
    const container = needContainer(world, id)
    if (!isUp(container)) refuse([409, `container ${container.id} is not running`])
    if (container.health === undefined) refuse([409, `container ${container.id} has no defined healthcheck`])
    runProbe(world, container)
    return json({ ...healthJson(world.profile, container), Log: null })
  },
  'POST /containers/{id}/start': (world, call, id) => {
    const container = needContainer(world, id)
    // dockerd takes no host configuration here since API 1.24.
    if (call.body.length > 7 && world.profile.family === 'docker')
      refuse([
        400,
        'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
      ])
    return changed(start(world, container))
  },
  'POST /containers/{id}/stop': async (world, call, id) =>
    changed(await stop(world, needContainer(world, id), orderOf(world, call))),
  'POST /containers/{id}/restart': async (world, call, id) => {
    await restart(world, needContainer(world, id), orderOf(world, call))
    return empty()
  },
  'POST /containers/{id}/kill': (world, { query }, id) => {
    kill(world, needContainer(world, id, 'noContainerToKill'), query.get('signal') ?? '', id)
    return empty()
  },
  'POST /containers/{id}/pause': (world, _, id) => {
    pause(world, needContainer(world, id))
    return empty()
  },
  'POST /containers/{id}/unpause': (world, _, id) => {
    unpause(world, needContainer(world, id))
    return empty()
  },
  'POST /containers/{id}/wait': (world, call, id) => wait(world, needContainer(world, id, 'noContainerToWait'), call),
  'POST /containers/{id}/rename': (world, { query }, id) => {
    renameContainer(world, id, query.get('name') ?? '', nameIsValid)
    return empty()
  },
  'POST /containers/{id}/update': (world, call, id) => {
    refuseIf(world.profile.words.noUpdate())
    const body = call.object()
    updateContainer(world, needContainer(world, id), body)
    return json({ Warnings: null })
  },
  'DELETE /containers/{id}': async (world, call, id) => {
    const container = needContainer(world, id, 'noContainerToRemove')
    await removeByOrder(world, container, { name: id, force: call.flag('force'), volumes: call.flag('v') })
    return empty()
  },
  'GET /containers/{id}/logs': (world, call, id) => {
    if (world.profile.family === 'podman') checkLogs(world, call)
    const container = needContainer(world, id)
    checkLogs(world, call)
    return {
      status: 200,
      body: { stream: logs(world, container, call), type: outputType(call, container.config['Tty'] === true, 'logs') },
    }
  },
  'POST /containers/{id}/attach': (world, call, id) => attachOutput(world, needContainer(world, id), call),
  'GET /containers/{id}/top': (world, _, id) => {
    const container = needContainer(world, id)
    if (!isUp(container)) refuse(world.profile.words.pauseStopped(named(container)))
    const row = ['root', String(container.pid), '1', '0', '00:00', '?', '00:00:00', argvOf(container).join(' ')]
    return json({ Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'], Processes: [row] })
  },
  'GET /containers/{id}/changes': (world, _, id) => {
    const changes = changesOf(needContainer(world, id))
    return json(changes.length === 0 ? null : changes)
  },
  'GET /containers/{id}/export': async (world, _, id) => ({
    status: 200,
    body: { bytes: await exportContainer(world, needContainer(world, id)), type: 'application/octet-stream' },
  }),
  'POST /commit': async (world, call) => {
    const { query } = call
    const container = needContainer(world, query.get('container') ?? '')
    const config = call.body.length === 0 ? {} : call.object()
    const [repo, tag] = [query.get('repo') ?? '', query.get('tag') ?? '']
    return json({ Id: await commit(world, container, { repo, tag, config, changes: query.getAll('changes') }) }, 201)
  },
  'GET /containers/{id}/stats': (world, call, id) => statsReply(world, needContainer(world, id), call),
  'GET /containers/{id}/archive': async (world, { query, method }, id) => {
    const container = needContainer(world, id)
    const path = archivePath(world, container, query.get('path'))
    const headers = { 'X-Docker-Container-Path-Stat': pathStat(world, container, path) }
    if (method === 'HEAD') return { status: 200, headers }
    return {
      status: 200,
      headers,
      body: { bytes: await readArchive(world, container, path), type: 'application/x-tar' },
    }
  },
  'PUT /containers/{id}/archive': async (world, { query, body }, id) => {
    const container = needContainer(world, id)
    await writeArchive(world, container, archivePath(world, container, query.get('path')), body)
    return empty(200)
  },
  'POST /containers/{id}/resize': (world, _, id) => {
    needContainer(world, id)
    return empty(200)
  },
  'POST /containers/{id}/exec': (world, call, id) => {
    const body = call.object()
    return json({ Id: createExec(world, needContainer(world, id), body).id }, 201)
  },
  'GET /exec/{id}/json': (world, _, id) => json(execJson(world, needExec(world, id))),
  'POST /exec/{id}/start': startExec,
  'POST /exec/{id}/resize': (world, _, id) => {
    needExec(world, id)
    return empty(200)
  },
}

function startExec(world: World, call: Call, id: string): Reply {
  const exec = needExec(world, id)
  const body: JsonObject = call.body.length === 0 ? {} : call.object()
  const again = beginExec(world, exec)
  if (body['Detach'] === true) {
    runExec(world, exec, '')
    return empty(200)
  }
  const tty = exec.config['Tty'] === true
  const type = outputType(call, tty, 'hijack') ?? ''
  if (again !== undefined) {
    const told = frame('stderr', again.stderr ?? '', tty)
    if (call.headers['upgrade'] === undefined)
      return { status: 200, body: { bytes: told, type: 'application/vnd.docker.raw-stream' } }
    return { status: 101, body: { hijack: async (socket) => void socket.resume().end(told), type } }
  }
  if (call.headers['upgrade'] === undefined) {
    runExec(world, exec, '')
    return stream(execOutput(world, exec, call.signal), 'application/vnd.docker.raw-stream')
  }
  return { status: 101, body: { hijack: (socket) => speak(world, exec, socket, call.signal), type } }
}
