import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { hasCode } from '../../../lib/base/errors.ts'
import type { Docker } from '../../../lib/engine/connect.ts'
import { untar } from '../../../lib/engine/untar.ts'
import { undiciTransport } from '../../../lib/wire/undici-transport.ts'
import { atLeast } from '../../../lib/wire/version.ts'
import { busyboxFiles, importBusybox } from '../support/busybox.ts'
import {
  connectStrictly,
  profileOf,
  removeContainer,
  removeImage,
  uniqueName,
  type Profile,
} from '../support/profile.ts'
import { observingTransport } from '../support/observing-transport.ts'
import { pastEvents } from '../support/past-events.ts'
import { OperationTable } from '../support/operation-table.ts'
import { DIFFERENCES, REGISTRY, SWARM } from './differences.ts'

const IMAGE = uniqueName('image')
const NAME = uniqueName('main')
const OTHER = uniqueName('other')
const PLUGIN = uniqueName('plugin')
const LABEL = `dockline.spec=${process.pid}`
const MINE = { filters: { label: [LABEL] } }
const LABELS = { 'dockline.spec': String(process.pid) }
const FOREVER = ['sh', '-c', 'trap "exit 3" TERM; echo out; echo err >&2; while :; do sleep 0.1; done']
const REMOTE = `${REGISTRY ?? '127.0.0.1:1'}/engine/spec`

let docker: Docker
let profile: Profile
let table: OperationTable

before(async () => {
  await using plain = await connectStrictly()
  profile = await profileOf(plain)
  table = new OperationTable(profile, DIFFERENCES)
  docker = await connectStrictly({
    transport: (endpoint) =>
      observingTransport(undiciTransport(endpoint), (operation, status) => table.observe(operation, status)),
  })
})

after(async () => {
  await Promise.all([NAME, OTHER].map((name) => removeContainer(docker, name)))
  for (const name of [`${IMAGE}:built`, `${IMAGE}:committed`, `${REMOTE}:1`, `${IMAGE}:latest`]) {
    await removeImage(docker, name)
  }
  await docker.plugins.remove(PLUGIN, { force: true }).catch(() => {})
  if (SWARM) {
    await docker.swarm.leave({ force: true }).catch(() => {})
    await docker.networks.remove('docker_gwbridge').catch(() => {}) // which dockerd makes for a swarm, and keeps
  }
  await docker.close()
  console.log(String(table))
})

test('the engine tells what it is', async () => {
  await table.drive('SystemPing', () => docker.ping())
  const ping = await table.drive('SystemPingHead', () => docker.system.pingHead())
  assert.equal(ping?.apiVersion, profile.apiVersion)
  const version = await table.drive('SystemVersion', () => docker.version())
  assert.equal(version?.Os, 'linux')
  const info = await table.drive('SystemInfo', () => docker.info())
  assert.equal(info?.OSType, 'linux')
  await table.drive('SystemAuth', () =>
    docker.system.auth({ username: 'u', password: 'p', serveraddress: REGISTRY ?? '127.0.0.1:1' }),
  )
})

test('images are imported, listed, inspected, tagged, saved and loaded', async () => {
  const id = await table.drive('ImageCreate', () => importBusybox(docker, IMAGE))
  assert.match(id ?? '', /^sha256:[0-9a-f]{64}$/)
  const list = await table.drive('ImageList', () => docker.images.list({ all: true }))
  assert(list?.some((image) => image.Id === id))
  const image = await table.drive('ImageInspect', () => docker.images.inspect(IMAGE))
  assert.equal(image?.Id, id)
  assert.deepEqual(image?.Config.Cmd, ['sh'])
  const history = await table.drive('ImageHistory', () => docker.images.history(IMAGE))
  assert.equal(history?.length, 1)
  await table.drive('ImageTag', () => docker.images.tag(IMAGE, { repo: REMOTE, tag: '1' }))
  const saved = await table.drive('ImageGet', () => docker.images.save(IMAGE).bytes())
  const names: string[] = []
  for await (const { name } of untar(chunked(saved as Uint8Array))) names.push(name)
  assert(names.includes('manifest.json'))
  const load = await table.drive('ImageLoad', () => docker.images.load(saved as Uint8Array))
  assert(load?.images.some((name) => name.includes(IMAGE)))
  await table.drive('ImageGetAll', () => docker.images.saveAll([IMAGE]).bytes())
  await table.drive('ImageAttestations', () => docker.images.attestations(IMAGE))
  await table.drive('ImageSearch', () => docker.images.search({ term: 'busybox', limit: 1 }))
})

test('images go to a registry and come from it', async () => {
  const push = await table.drive('ImagePush', () => docker.images.push(REMOTE, { tag: '1' }))
  if (push !== undefined) assert.match(push.digest ?? '', /^sha256:/)
  const seen = await table.drive('DistributionInspect', () => docker.distribution.inspect(`${REMOTE}:1`))
  if (seen !== undefined) assert.equal(seen.Descriptor.digest, push?.digest)
  const pull = docker.images.pull(`${REMOTE}:1`)
  // podman 4 answers 200 and says it in the stream, where other engines refuse.
  if (REGISTRY !== undefined) assert.equal((await pull).changed, false)
  else await assert.rejects(Promise.resolve(pull), (error) => hasCode(error, 'REGISTRY_UNAVAILABLE', 'PULL_FAILED'))
})

test('an image is built from files, and a failing step fails the build', async () => {
  const dockerfile = `FROM ${IMAGE}\nRUN echo built > /made\nCMD ["cat", "/made"]\n`
  const options = { t: `${IMAGE}:built`, networkmode: 'none', rm: true, forcerm: true }
  const built = await table.drive('ImageBuild', () =>
    docker.images.build([{ name: 'Dockerfile', content: dockerfile }], options),
  )
  assert.equal(
    (await docker.images.inspect(`${IMAGE}:built`)).Id.includes(built?.id.replace('sha256:', '') ?? '-'),
    true,
  )
  const broken = docker.images.build([{ name: 'Dockerfile', content: `FROM ${IMAGE}\nRUN false\n` }], {
    networkmode: 'none',
    rm: true,
    forcerm: true,
  })
  await assert.rejects(Promise.resolve(broken), { code: 'STREAM_FAILED' })
  await table.drive('BuildPrune', () => docker.images.buildPrune({ filters: { id: ['none-of-this-name'] } }))
})

test('files go into a container that does not run and come out', async () => {
  const body = { Image: IMAGE, Cmd: FOREVER, Labels: LABELS, OpenStdin: true, StopTimeout: 5 }
  const created = await table.drive('ContainerCreate', () => docker.containers.create(body, { name: NAME }))
  assert.match(created?.Id ?? '', /^[0-9a-f]{64}$/)
  await table.drive('PutContainerArchive', () =>
    docker.containers.putArchive(NAME, { path: '/tmp' }, [{ name: 'spec/a.txt', content: 'grüß dich', mode: 0o640 }]),
  )
  const stat = await table.drive('ContainerArchiveInfo', () =>
    docker.containers.archiveInfo(NAME, { path: '/tmp/spec/a.txt' }),
  )
  assert.deepEqual([stat?.name, stat?.size, (stat?.mode ?? 0) & 0o777], ['a.txt', 11, 0o640])
  const entries: [string, string][] = []
  await table.drive('ContainerArchive', async () => {
    for await (const { name, content } of docker.containers.archive(NAME, { path: '/tmp/spec' }).entries())
      entries.push([name, await content.text()])
  })
  assert.deepEqual(entries, [
    ['spec', ''],
    ['spec/a.txt', 'grüß dich'],
  ])
  const changes = await table.drive('ContainerChanges', () => docker.containers.changes(NAME))
  assert(changes?.some(({ Path }) => Path === '/tmp/spec/a.txt'))
  const exported: string[] = []
  await table.drive('ContainerExport', async () => {
    for await (const { name } of docker.containers.export(NAME).entries({ unsafe: 'skip' })) exported.push(name)
  })
  assert(exported.includes('tmp/spec/a.txt'))
  await assert.rejects(docker.containers.archiveInfo(NAME, { path: '/none' }), { code: 'NOT_FOUND' })
  const committed = await table.drive('ImageCommit', () =>
    docker.images.commit({ container: NAME, repo: IMAGE, tag: 'committed', changes: ['ENV A=b'] }),
  )
  assert(committed?.Id !== undefined)
})

test('a container goes through its whole life', async () => {
  const exit = docker.containers.wait(NAME, { condition: 'next-exit' })
  await exit.armed
  assert.deepEqual(await table.drive('ContainerStart', () => docker.containers.start(NAME)), { changed: true })
  assert.deepEqual(await docker.containers.start(NAME), { changed: false })
  const listed = await table.drive('ContainerList', () => docker.containers.list({ ...MINE, size: true }))
  assert.deepEqual(
    listed?.map(({ Names }) => Names),
    [[`/${NAME}`]],
  )
  const inspected = await table.drive('ContainerInspect', () => docker.containers.inspect(NAME, { size: true }))
  assert.equal(inspected?.Name, `/${NAME}`)
  assert.deepEqual(inspected?.Config.Cmd, FOREVER)
  await table.drive('ContainerPause', () => docker.containers.pause(NAME))
  await table.drive('ContainerUnpause', () => docker.containers.unpause(NAME))
  await table.drive('ContainerUpdate', () => docker.containers.update(NAME, { Memory: 64 << 20, MemorySwap: 64 << 20 }))
  await table.drive('ContainerRename', () => docker.containers.rename(NAME, OTHER))
  await docker.containers.rename(OTHER, NAME)
  await table.drive('ContainerTop', () => docker.containers.top(NAME))
  assert.deepEqual(await table.drive('ContainerStop', () => docker.containers.stop(NAME, { t: 5 })), { changed: true })
  assert.deepEqual(await docker.containers.stop(NAME), { changed: false })
  assert.equal((await table.drive('ContainerWait', () => exit))?.StatusCode, 3)
  await table.drive('ContainerRestart', () => docker.containers.restart(NAME, { t: 5 }))
  await table.drive('ContainerKill', () => docker.containers.kill(NAME, { signal: 'SIGKILL' }))
  assert.equal((await docker.containers.wait(NAME)).StatusCode, 137)
  await docker.containers.start(NAME)
})

test('output is read as logs, by attaching and by statistics', async () => {
  const output = await table.drive('ContainerLogs', () => docker.containers.logs(NAME, { tail: 2 }).collect())
  assert.deepEqual(output, { stdout: 'out\n', stderr: 'err\n' })
  const statistics = await table.drive('ContainerStats', async () => {
    const reports = docker.containers.stats(NAME)
    const { value } = await reports.next()
    await reports.return()
    return value
  })
  assert(statistics?.cpu_stats !== undefined)
  await docker.containers.create(
    {
      Image: IMAGE,
      Cmd: ['sh', '-c', 'read line; echo "got $line"; stty size'],
      OpenStdin: true,
      Tty: true,
      Labels: LABELS,
    },
    { name: OTHER },
  )
  const session = await table.drive('ContainerAttach', () => docker.containers.attach(OTHER, { stdin: true }))
  await docker.containers.start(OTHER)
  await table.drive('ContainerResize', () => docker.containers.resize(OTHER, { h: 33, w: 77 }))
  session?.stdin?.write('hello\n')
  assert.match((await session?.text()) ?? '', /got hello\r\n33 77\r\n/)
  await docker.containers.wait(OTHER)
  await removeContainer(docker, OTHER)
  await table.drive('ContainerAttachWebsocket', async () => {
    using socket = await docker.containers.attachWebsocket(NAME, { logs: true, stream: false })
    assert.match(await socket.text(), /out\n/)
  })
})

test('commands run in a container', async () => {
  const exec = await table.drive('ContainerExec', () =>
    docker.exec.create(NAME, { Cmd: ['sh', '-c', 'cat; exit 5'], AttachStdin: true, AttachStdout: true, Tty: true }),
  )
  const session = await table.drive('ExecStart', () => docker.exec.start(exec?.Id ?? '', { Tty: true }))
  await table.drive('ExecResize', () => docker.exec.resize(exec?.Id ?? '', { h: 10, w: 20 }))
  session?.stdin?.write('hi\n\u0004')
  assert.match((await session?.text()) ?? '', /hi\r\n/)
  const inspected = await table.drive('ExecInspect', () => docker.exec.inspect(exec?.Id ?? ''))
  assert.equal(inspected?.ID, exec?.Id)
  const run = await docker.exec.run(NAME, { Cmd: ['sh', '-c', 'cat; echo err >&2; exit 5'] }, { stdin: 'in' })
  assert.deepEqual(run, { exitCode: 5, stdout: 'in', stderr: 'err\n' })
  const missing = await docker.exec.run(NAME, { Cmd: ['/none'] })
  assert([126, 127].includes(missing.exitCode))
})

test('networks connect containers', async () => {
  const name = uniqueName('net')
  const created = await table.drive('NetworkCreate', () => docker.networks.create({ Name: name, Labels: LABELS }))
  assert(created?.Id !== undefined)
  const listed = await table.drive('NetworkList', () => docker.networks.list(MINE))
  assert.deepEqual(
    listed?.map(({ Name }) => Name),
    [name],
  )
  await table.drive('NetworkConnect', () => docker.networks.connect(name, { Container: NAME }))
  const inspected = await table.drive('NetworkInspect', () => docker.networks.inspect(name))
  assert.equal(Object.keys(inspected?.Containers ?? {}).length, 1)
  await table.drive('NetworkDisconnect', () => docker.networks.disconnect(name, { Container: NAME, Force: true }))
  await table.drive('NetworkDelete', () => docker.networks.remove(name))
  await docker.networks.create({ Name: name, Labels: LABELS })
  const pruned = await table.drive('NetworkPrune', () => docker.networks.prune(MINE))
  assert.deepEqual(pruned?.NetworksDeleted, [name])
})

test('volumes are made and removed', async () => {
  const name = uniqueName('vol')
  const created = await table.drive('VolumeCreate', () => docker.volumes.create({ Name: name, Labels: LABELS }))
  assert.equal(created?.Name, name)
  const listed = await table.drive('VolumeList', () => docker.volumes.list(MINE))
  assert.deepEqual(
    listed?.Volumes.map(({ Name }) => Name),
    [name],
  )
  assert.equal((await table.drive('VolumeInspect', () => docker.volumes.inspect(name)))?.Name, name)
  await table.drive('VolumeUpdate', () => docker.volumes.update(name, { Spec: {} }, { version: 1 }))
  await table.drive('VolumeDelete', () => docker.volumes.remove(name))
  await docker.volumes.create({ Labels: LABELS })
  const all = atLeast(profile.apiVersion, '1.42') && !profile.podman ? { all: ['true'] } : {}
  const pruned = await table.drive('VolumePrune', () => docker.volumes.prune({ filters: { label: [LABEL], ...all } }))
  assert.equal(pruned?.VolumesDeleted.length, 1)
})

test('what happened is told, and what it takes on the disk', async () => {
  const events = await table.drive('SystemEvents', () => pastEvents(docker, { container: [NAME] }))
  assert(events?.some(({ Action }) => Action === 'start'))
  const usage = await table.drive('SystemDataUsage', () => docker.system.df())
  assert((usage?.Images.length ?? 0) > 0)
})

test('plugins are made, set and removed', async () => {
  const name = PLUGIN
  const config = {
    description: 'of a spec',
    entrypoint: ['/bin/sleep', '60'],
    interface: { types: ['docker.dummy/1.0'], socket: 'spec.sock' },
    env: [{ name: 'A', value: 'b', settable: ['value'] }],
    network: { type: 'none' },
    linux: { capabilities: null },
  }
  const files = [
    { name: 'config.json', content: JSON.stringify(config) },
    { name: 'rootfs/' },
    ...busyboxFiles().map((file) => ({ ...file, name: `rootfs/${file.name}` })),
  ]
  await table.drive('PluginCreate', () => docker.plugins.create(files, { name }))
  await table.drive('PluginList', () => docker.plugins.list())
  await table.drive('PluginInspect', () => docker.plugins.inspect(name))
  await table.drive('PluginSet', () => docker.plugins.set(name, ['A=c']))
  await table.drive('PluginEnable', () => docker.plugins.enable(name, { timeout: 1 }))
  await table.drive('PluginDisable', () => docker.plugins.disable(name, { force: true }))
  await table.drive('GetPluginPrivileges', () => docker.plugins.privileges({ remote: '127.0.0.1:1/a/plugin:1' }))
  await table.drive('PluginPull', () => docker.plugins.pull([], { remote: '127.0.0.1:1/a/plugin:1' }))
  await table.drive('PluginUpgrade', () => docker.plugins.upgrade(name, [], { remote: '127.0.0.1:1/a/plugin:1' }))
  await table.drive('PluginPush', () => docker.plugins.push(name))
  await table.drive('PluginDelete', () => docker.plugins.remove(name, { force: true }))
})

test('a swarm of one has nodes, services, tasks, secrets and configs', async () => {
  const spec = { Name: 'default' }
  if (SWARM) await docker.swarm.leave({ force: true }).catch(() => {})
  if (SWARM || profile.podman) {
    await table.drive('SwarmInit', () =>
      docker.swarm.init({ ListenAddr: '127.0.0.1:0', AdvertiseAddr: '127.0.0.1', Spec: spec }),
    )
  }
  const swarm = await table.drive('SwarmInspect', () => docker.swarm.inspect())
  const version = swarm?.Version.Index ?? 1
  await table.drive('SwarmUpdate', () => docker.swarm.update(swarm?.Spec ?? spec, { version, rotateWorkerToken: true }))
  await table.drive('SwarmUnlockkey', () => docker.swarm.unlockkey())
  await nodes()
  await services()
  await secrets('Secret', docker.secrets)
  await secrets('Config', docker.configs)
})

async function nodes(): Promise<void> {
  const [node] = (await table.drive('NodeList', () => docker.nodes.list())) ?? []
  const id = node?.ID ?? 'self'
  await table.drive('NodeInspect', () => docker.nodes.inspect(id))
  const spec = { ...node?.Spec, Labels: { of: 'spec' } }
  await table.drive('NodeUpdate', () => docker.nodes.update(id, spec, { version: node?.Version.Index ?? 1 }))
  await table.drive('NodeDelete', () => docker.nodes.remove(id))
}

async function services(): Promise<void> {
  const name = uniqueName('service')
  const body = {
    Name: name,
    TaskTemplate: {
      ContainerSpec: { Image: `${IMAGE}:latest`, Command: FOREVER },
      RestartPolicy: { Condition: 'none' },
    },
    Mode: { Replicated: { Replicas: 1 } },
  }
  await table.drive('ServiceCreate', () => docker.services.create(body))
  await table.drive('ServiceList', () => docker.services.list({ status: true }))
  const service = await table.drive('ServiceInspect', () => docker.services.inspect(name, { insertDefaults: true }))
  const [task] = (await table.drive('TaskList', () => runningTasks(name))) ?? []
  await table.drive('TaskInspect', () => docker.tasks.inspect(task?.ID ?? 'none'))
  const logs = { tail: 10 }
  const read = await table.drive('ServiceLogs', () => docker.services.logs(name, logs).collect())
  if (read !== undefined) assert.match(read.stdout, /out/)
  const ofTask = await table.drive('TaskLogs', () => docker.tasks.logs(task?.ID ?? 'none', logs).collect())
  if (ofTask !== undefined) assert.match(ofTask.stderr, /err/)
  const changed = { ...body, Labels: LABELS }
  await table.drive('ServiceUpdate', () =>
    docker.services.update(name, changed, { version: service?.Version.Index ?? 1 }),
  )
  await table.drive('ServiceDelete', () => docker.services.remove(name))
}

// Waits until the service's one task runs, or says why it does not; there is none at all without a swarm.
async function runningTasks(service: string) {
  for (let tries = 0; ; tries++) {
    const tasks = await docker.tasks.list({ filters: { service: [service] } })
    if (tasks.some(({ Status }) => Status.State === 'running')) return tasks
    assert(tries < 150, JSON.stringify(tasks.map(({ Status }) => Status)))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function secrets(kind: 'Secret' | 'Config', store: Docker['secrets']): Promise<void> {
  const spec = { Name: uniqueName(kind.toLowerCase()), Labels: {}, Data: Buffer.from('hidden').toString('base64') }
  const id = (await table.drive(`${kind}Create`, () => store.create(spec)))?.ID ?? spec.Name
  await table.drive(`${kind}List`, () => store.list({ filters: { name: [spec.Name] } }))
  const found = await table.drive(`${kind}Inspect`, () => store.inspect(id))
  if (found !== undefined) assert.equal(found.Spec.Data === undefined, kind === 'Secret')
  const options = { version: found?.Version.Index ?? 1 }
  await table.drive(`${kind}Update`, () => store.update(id, { ...spec, Labels: LABELS }, options))
  await table.drive(`${kind}Delete`, () => store.remove(id))
}

test('joining, unlocking and leaving are refused where they cannot be', async () => {
  const join = { ListenAddr: '127.0.0.1:0', RemoteAddrs: ['127.0.0.1:1'], JoinToken: 'SWMTKN-1-none' }
  await table.drive('SwarmJoin', () => docker.swarm.join(join))
  await table.drive('SwarmUnlock', () => docker.swarm.unlock({ UnlockKey: 'SWMKEY-1-none' }))
  if (!SWARM && !profile.podman) {
    await table.drive('SwarmInit', () => docker.swarm.init({ ListenAddr: 'not an address' }))
  }
  await table.drive('SwarmLeave', () => docker.swarm.leave({ force: SWARM }))
})

test('what is left over goes by prune and removal', async () => {
  await docker.containers.stop(NAME, { t: 5 })
  const pruned = await table.drive('ContainerPrune', () => docker.containers.prune(MINE))
  assert.equal(pruned?.ContainersDeleted.length, 1)
  await docker.containers.create({ Image: IMAGE, Labels: LABELS }, { name: NAME })
  await table.drive('ContainerDelete', () => docker.containers.remove(NAME, { v: true }))
  await table.drive('ImagePrune', () => docker.images.prune({ filters: { label: [LABEL], dangling: ['true'] } }))
  const removed = await table.drive('ImageDelete', () => docker.images.remove(`${IMAGE}:built`))
  assert((removed?.length ?? 0) > 0)
})

test('every operation of the API but the session of BuildKit was driven', () => {
  assert.deepEqual(table.missing(), ['Session'])
})

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
