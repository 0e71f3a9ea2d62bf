import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, createServer } from 'node:net'
import { test } from 'node:test'

import { connect, type Docker } from '../../../lib/engine/connect.ts'
import { modelEngine, type ModelEngine, type ModelEngineOptions } from '../../../lib/testing/model/index.ts'
import { ask } from '../../support/raw-http.ts'

interface Rig {
  readonly docker: Docker
  readonly engine: ModelEngine
  /** Asks as a program that is not dockline does. */
  readonly ask: (asked: string, body?: object | Uint8Array) => Promise<{ status: number; bytes: Buffer }>
}

/** A model with an image `busybox`, and a client of it. */
async function withModel(run: (rig: Rig) => Promise<void>, options: ModelEngineOptions = {}): Promise<void> {
  await using engine = modelEngine({ images: { busybox: { config: { Cmd: ['sh'] } } }, ...options })
  await using listening = await engine.listen()
  await using docker = await connect({ host: listening.host })
  await run({
    docker,
    engine,
    ask: async (asked, body) => {
      const isJson = body !== undefined && !(body instanceof Uint8Array)
      const headers = isJson ? { 'Content-Type': 'application/json' } : {}
      const reply = await ask(listening.socketPath, asked, isJson ? JSON.stringify(body) : body, { headers })
      return { status: reply.status, bytes: Buffer.concat(reply.chunks) }
    },
  })
}

/** Runs a command in a new container to its end: what it logged and its exit code. */
async function ran({ docker, ask }: Rig, Cmd: string[]): Promise<{ text: string; code: number }> {
  const { Id } = await docker.containers.create({ Image: 'busybox', Cmd })
  await docker.containers.start(Id)
  const { StatusCode } = await docker.containers.wait(Id)
  const { bytes } = await ask(`GET /containers/${Id}/logs?stdout=1&stderr=1`)
  // Frames of eight bytes and their text.
  // oxlint-disable-next-line no-control-regex -- the head of a frame has control characters
  return { text: bytes.toString('latin1').replace(/[\u0001\u0002]\0\0\0[^]{4}/g, ''), code: StatusCode }
}

for (const [script, text, code] of [
  ['echo a; echo b', 'a\nb\n', 0],
  ['X=1; echo $X-${Y:-2}', '1-2\n', 0],
  ['false && echo no || echo yes', 'yes\n', 0],
  ['echo kept > /tmp/f && cat /tmp/f', 'kept\n', 0],
  ['echo one >> /tmp/f; echo two >> /tmp/f; wc -l < /tmp/f', '2\n', 0],
  ["printf '%s\\n' a | cat", 'a\n', 0],
  ['nosuch', 'sh: nosuch: not found\n', 127],
  ['exit 3', '', 3],
] as const) {
  test(`the small shell runs: ${script}`, () =>
    withModel(async (rig) => {
      assert.deepEqual(await ran(rig, ['sh', '-c', script]), { text, code })
    }))
}

test('a program is scripted in one line', () =>
  withModel(
    async (rig) => {
      assert.deepEqual(await ran(rig, ['migrate', 'up']), { text: 'migrated\n', code: 0 })
      assert.deepEqual(await ran(rig, ['sh', '-c', 'fail now || echo rescued']), {
        text: 'no: now\nrescued\n',
        code: 0,
      })
    },
    { programs: { 'migrate *': 'migrated\n', 'fail *': ([, why]) => ({ exitCode: 2, stdout: `no: ${why}\n` }) } },
  ))

test('an exec reads its stdin, and sees what the container wrote', () =>
  withModel(async ({ docker }) => {
    const { Id } = await docker.containers.create({ Image: 'busybox', Cmd: ['sleep', '600'] })
    await docker.containers.start(Id)
    await docker.exec.run(Id, { Cmd: ['sh', '-c', 'echo text > /tmp/f'] })
    assert.equal((await docker.exec.run(Id, { Cmd: ['cat', '/tmp/f'] })).stdout, 'text\n')
    assert.equal((await docker.exec.run(Id, { Cmd: ['cat'] }, { stdin: 'input' })).stdout, 'input')
    assert.equal((await docker.exec.run(Id, { Cmd: ['false'] })).exitCode, 1)
  }))

const STRICT: ModelEngineOptions = { unknownPrograms: 'refuse' }

/** A container that runs until it is killed. */
async function sleeping({ docker }: Rig, body: object = {}): Promise<string> {
  const { Id } = await docker.containers.create({ Image: 'busybox', Cmd: ['sleep', '600'], ...body })
  await docker.containers.start(Id)
  return Id
}

test('by default a program that the model does not know runs', () =>
  withModel(async (rig) => {
    assert.equal((await rig.docker.exec.run(await sleeping(rig), { Cmd: ['serve'] })).exitCode, 0)
  }))

for (const [what, body, output] of [
  ['program', { Cmd: ['serve'] }, 'exec: "serve": executable file not found in $PATH'],
  ['path', { Cmd: ['/bin/serve'] }, 'exec: "/bin/serve": stat /bin/serve: no such file or directory'],
  ['folder', { Cmd: ['true'], WorkingDir: '/nowhere' }, 'chdir to cwd ("/nowhere")'],
] as const) {
  test(`a strict model refuses an exec with an unknown ${what} within its output`, () =>
    withModel(async (rig) => {
      const { exitCode, stdout } = await rig.docker.exec.run(await sleeping(rig), body)
      assert.equal(exitCode, 127)
      assert.ok(stdout.startsWith('OCI runtime exec failed: '), stdout)
      assert.ok(stdout.includes(output), stdout)
    }, STRICT))
}

test('a strict model refuses an exec of an unknown user, and takes one that is there', () =>
  withModel(async (rig) => {
    const id = await sleeping(rig)
    await assert.rejects(rig.docker.exec.create(id, { Cmd: ['true'], User: 'ghost' }), {
      status: 400,
      message: /unable to find user ghost: no matching entries in passwd file/,
    })
    assert.equal((await rig.docker.exec.run(id, { Cmd: ['true'], User: 'nobody' })).exitCode, 0)
    assert.equal((await rig.docker.exec.run(id, { Cmd: ['true'], User: '1000:1000' })).exitCode, 0)
  }, STRICT))

test('a strict model refuses the start of an unknown program with exit code 127', () =>
  withModel(async (rig) => {
    await assert.rejects(sleeping(rig, { Cmd: ['serve'] }), { message: /executable file not found in \$PATH/ })
    assert.equal((rig.engine.containers()[0] as { exitCode: number }).exitCode, 127)
  }, STRICT))

test('a scripted program is known to a strict model', () =>
  withModel(
    async (rig) => {
      assert.deepEqual(await ran(rig, ['migrate', 'up']), { text: 'migrated\n', code: 0 })
    },
    { ...STRICT, programs: { 'migrate *': 'migrated\n' } },
  ))

test('a bind mount needs its source on the host', () =>
  withModel(
    async ({ docker }) => {
      const create = (Source: string) =>
        docker.containers.create({
          Image: 'busybox',
          HostConfig: { Mounts: [{ Type: 'bind', Source, Target: '/x' }] },
        })
      await assert.rejects(create('/nowhere'), { status: 400, message: /bind source path does not exist: \/nowhere/ })
      await create('/srv')
    },
    { hostPaths: (path) => path === '/srv' },
  ))

test('a wait ends at an exit, also where a restart follows', () =>
  withModel(async ({ docker }) => {
    const body = { Image: 'busybox', Cmd: ['sh', '-c', 'exit 5'], HostConfig: { RestartPolicy: { Name: 'always' } } }
    const { Id } = await docker.containers.create(body)
    const waiting = docker.containers.wait(Id, { condition: 'next-exit' })
    await docker.containers.start(Id)
    await waiting
    await docker.containers.wait(Id)
    await docker.containers.remove(Id, { force: true })
  }))

test('a list by published port looks at the port of the host', () =>
  withModel(async (rig) => {
    const PortBindings = { '80/tcp': [{ HostPort: '18080' }] }
    await sleeping(rig, { ExposedPorts: { '80/tcp': {} }, HostConfig: { PortBindings } })
    const found = async (publish: string): Promise<number> =>
      (await rig.docker.containers.list({ filters: { publish: [publish] } })).length
    assert.equal(await found('18080'), 1)
    assert.equal(await found('80'), 0)
  }))

for (const [version, members] of [
  ['1.43', ['VirtualSize', 'ContainerConfig']],
  ['1.44', ['ContainerConfig']],
  ['1.45', []],
] as const) {
  test(`at API ${version} an image has ${members.length === 0 ? 'no members of old' : members.join(' and ')}`, () =>
    withModel(async ({ ask }) => {
      const image = JSON.parse(String((await ask(`GET /v${version}/images/busybox/json`)).bytes)) as object
      const old = ['VirtualSize', 'ContainerConfig'].filter((name) => Object.hasOwn(image, name))
      assert.deepEqual(old, members)
    }))
}

/** What is read over a TCP connection until its end. */
async function readFrom(port: number): Promise<string> {
  let text = ''
  for await (const chunk of connectTcp(port, '127.0.0.1')) text += String(chunk)
  return text
}

test('published ports can be bound, and a program serves their connections', () =>
  withModel(
    async (rig) => {
      const HostConfig = { PortBindings: { '80/tcp': [{ HostPort: '' }] } }
      const id = await sleeping(rig, { Cmd: ['httpd', '-f'], ExposedPorts: { '80/tcp': {} }, HostConfig })
      const { NetworkSettings } = await rig.docker.containers.inspect(id)
      const port = Number(NetworkSettings?.Ports?.['80/tcp']?.[0]?.HostPort)
      assert.equal(await readFrom(port), 'hello from 80')
      assert.equal((await rig.docker.exec.run(id, { Cmd: ['nc', '-vz', 'localhost', '80'] })).exitCode, 0)
      await rig.docker.containers.stop(id)
      await assert.rejects(readFrom(port), { code: 'ECONNREFUSED' })
    },
    { ports: 'bind', programs: { 'httpd *': { serves: (connection, port) => connection.end(`hello from ${port}`) } } },
  ))

test('a chosen port that another program of the machine holds fails the start', () =>
  withModel(
    async (rig) => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const HostPort = String((other.address() as { port: number }).port)
      const HostConfig = { PortBindings: { '80/tcp': [{ HostPort }] } }
      await assert.rejects(sleeping(rig, { ExposedPorts: { '80/tcp': {} }, HostConfig }), { message: /already in use/ })
      assert.equal(rig.engine.containers()[0]?.status, 'exited')
      other.close()
    },
    { ports: 'bind' },
  ))

test('a prune deletes what its filters name, and nothing else', () =>
  withModel(async ({ docker, engine, ask }) => {
    const filters = (value: object): string => encodeURIComponent(JSON.stringify(value))
    await docker.containers.create({ Image: 'busybox', Labels: { keep: '1' } }, { name: 'kept' })
    await docker.containers.create({ Image: 'busybox' }, { name: 'gone' })
    await ask(`POST /containers/prune?filters=${filters({ 'label!': ['keep'] })}`)
    assert.deepEqual(
      engine.containers().map(({ name }) => name),
      ['kept'],
    )
    await ask('POST /networks/create', { Name: 'stays' })
    await ask(`POST /networks/prune?filters=${filters({ label: ['none'] })}`)
    assert.equal((await ask('GET /networks/stays')).status, 200)
  }))

for (const [what, method, path, status, message] of [
  ['an unknown filter', 'GET', '/networks?filters={"nosuch":["1"]}', 400, "invalid filter 'nosuch'"],
  ['swarm', 'GET', '/services', 503, 'This node is not a swarm manager'],
  ['what the model has not', 'POST', '/build', 501, 'the model has no POST /build'],
] as const) {
  test(`${what} is answered ${status}`, () =>
    withModel(async ({ ask }) => {
      const reply = await ask(`${method} ${encodeURI(path)}`)
      assert.equal(reply.status, status)
      assert.ok(String(reply.bytes).includes(message), String(reply.bytes))
    }))
}

for (const [hostConfig, message] of [
  [{ Memory: 1_048_576 }, 'Minimum memory limit allowed is 6MB'],
  [{ NanoCpus: 9e9 }, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ Runtime: 'nowhere' }, 'unknown or invalid runtime name: nowhere'],
  [{ LogConfig: { Type: 'nowhere' } }, 'error looking up logging plugin nowhere: plugin "nowhere" not found'],
  [{ Binds: ['/tmp:x'] }, 'mount path must be absolute'],
] as const) {
  test(`a create with ${JSON.stringify(hostConfig)} is refused in the words of the engine`, () =>
    withModel(async ({ ask }) => {
      const reply = await ask('POST /containers/create', { Image: 'busybox', HostConfig: hostConfig })
      assert.equal(reply.status, 400)
      assert.ok((JSON.parse(String(reply.bytes)) as { message: string }).message.includes(message), String(reply.bytes))
    }))
}

test('a committed container is an image with its files and its changes', () =>
  withModel(async ({ docker, ask }) => {
    const { Id } = await docker.containers.create({ Image: 'busybox', Cmd: ['sleep', '600'] })
    await docker.containers.start(Id)
    await docker.exec.run(Id, { Cmd: ['touch', '/tmp/f'] })
    const changes = encodeURIComponent('ENV A=1')
    assert.equal((await ask(`POST /commit?container=${Id}&repo=made&tag=2&changes=${changes}`)).status, 201)
    const { Config } = await docker.images.inspect('made:2')
    assert.deepEqual(Config?.Env, ['A=1'])
    assert.deepEqual(Config?.Cmd, ['sleep', '600'])
  }))

test('an image that was saved is there again after a load', () =>
  withModel(async ({ docker, ask }) => {
    const { Id } = await docker.images.inspect('busybox')
    const { bytes } = await ask('GET /images/busybox/get')
    await ask('DELETE /images/busybox')
    await ask('POST /images/load', bytes)
    assert.equal((await docker.images.inspect('busybox')).Id, Id)
  }))
