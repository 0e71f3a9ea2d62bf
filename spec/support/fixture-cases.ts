import type { ErrorCode } from '../../lib/base/errors.ts'
import type { RegistryAuth } from '../../lib/base/registry-auth.ts'
import type { ContainerCreateBody } from '../../lib/engine/containers.ts'
import type { Docker } from '../../lib/engine/connect.ts'

/** A call that is recorded from real engines by `npm run record`, and made again over the recording by the specs. */
export interface FixtureCase {
  /** Of the file too. */
  readonly name: string
  /** What it gives is compared with the recorded answer when `reads` is set. */
  run(docker: Docker, place: Place): PromiseLike<unknown>
  /** The result is the JSON of the last answer, apart from Go's nils. */
  readonly reads?: boolean
  /** It is refused with one of these codes. */
  readonly fails?: readonly ErrorCode[]
}

/** What differs between the recording and its replay. */
export interface Place {
  readonly registry: string
  readonly auth: RegistryAuth
  readonly wrongAuth: RegistryAuth
}

/** As it stands in the fixtures. */
export const REPLAYED: Place = {
  registry: '127.0.0.1:5000',
  auth: { username: 'any', password: 'any' },
  wrongAuth: { username: 'any', password: 'any' },
}

export const BASE = 'testing-base:v1'
export const TAGGED = 'testing-base:v2'
export const APP = 'testing/app'
export const BROKEN = 'testing/broken'
export const VOLUME = 'testing-data'
export const NETWORKS: readonly string[] = ['testing-front', 'testing-back']
export const CONTAINERS: readonly string[] = ['testing-web', 'testing-web-renamed']

const [FRONT = '', BACK = ''] = NETWORKS
const [WEB = '', RENAMED = ''] = CONTAINERS
const OURS = { label: ['dockline.fixture=yes'] }
const LABELS = { 'dockline.fixture': 'yes' }

const CREATE: ContainerCreateBody = {
  Image: BASE,
  Cmd: ['/bin/sh', '-c', 'trap "exit 0" TERM; echo out; echo err >&2; while :; do sleep 0.1; done'],
  Env: ['MODE=fixture', 'API_TOKEN=not-a-real-token'],
  Labels: LABELS,
  ExposedPorts: { '8080/tcp': {} },
  Healthcheck: { Test: ['CMD', '/bin/true'], Interval: 1_000_000_000, Timeout: 1_000_000_000, Retries: 2 },
  HostConfig: {
    Binds: [`${VOLUME}:/data`],
    NetworkMode: FRONT,
    RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
    PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
  },
  NetworkingConfig: { EndpointsConfig: { [FRONT]: { Aliases: ['web'] } } },
}

/** All cases, in an order in which each finds what it needs on a fresh engine. */
export const CASES: readonly FixtureCase[] = [
  { name: 'ping', run: (docker) => docker.ping() },
  { name: 'version', run: (docker) => docker.version(), reads: true },
  { name: 'info', run: (docker) => docker.info(), reads: true },

  { name: 'image-inspect', run: (docker) => docker.images.inspect(BASE), reads: true },
  { name: 'image-inspect-missing', run: (docker) => docker.images.inspect('testing-none'), fails: ['NOT_FOUND'] },
  {
    name: 'image-list',
    run: (docker) => docker.images.list({ filters: { reference: ['testing-base'] } }),
    reads: true,
  },
  { name: 'image-tag', run: (docker) => docker.images.tag(BASE, { repo: 'testing-base', tag: 'v2' }) },
  { name: 'image-remove', run: (docker) => docker.images.remove(TAGGED), reads: true },

  { name: 'volume-create', run: (docker) => docker.volumes.create({ Name: VOLUME, Labels: LABELS }), reads: true },
  { name: 'volume-inspect', run: (docker) => docker.volumes.inspect(VOLUME), reads: true },
  { name: 'volume-list', run: (docker) => docker.volumes.list({ filters: OURS }), reads: true },

  { name: 'network-create', run: (docker) => docker.networks.create({ Name: FRONT, Labels: LABELS }), reads: true },
  {
    name: 'network-create-conflict',
    run: (docker) => docker.networks.create({ Name: FRONT, CheckDuplicate: true }),
    fails: ['CONFLICT'],
  },
  {
    name: 'network-create-second',
    run: (docker) => docker.networks.create({ Name: BACK, Labels: LABELS }),
    reads: true,
  },
  { name: 'network-inspect', run: (docker) => docker.networks.inspect(FRONT), reads: true },
  { name: 'network-list', run: (docker) => docker.networks.list({ filters: OURS }), reads: true },

  {
    name: 'container-create-no-image',
    run: (docker) => docker.containers.create({ Image: 'testing-none' }, { name: WEB }),
    fails: ['NOT_FOUND'],
  },
  { name: 'container-create', run: (docker) => docker.containers.create(CREATE, { name: WEB }), reads: true },
  {
    name: 'container-create-conflict',
    run: (docker) => docker.containers.create(CREATE, { name: WEB }),
    fails: ['CONFLICT', 'ENGINE_ERROR'], // podman says 500
  },
  { name: 'container-inspect-created', run: (docker) => docker.containers.inspect(WEB), reads: true },
  { name: 'container-start', run: (docker) => docker.containers.start(WEB) },
  { name: 'container-start-again', run: (docker) => docker.containers.start(WEB) },
  { name: 'network-connect', run: (docker) => docker.networks.connect(BACK, { Container: WEB }) },
  { name: 'container-inspect', run: (docker) => docker.containers.inspect(WEB), reads: true },
  { name: 'container-inspect-raw', run: (docker) => docker.containers.inspectRaw(WEB), reads: true },
  { name: 'container-list', run: (docker) => docker.containers.list({ all: true, filters: OURS }), reads: true },
  { name: 'network-inspect-used', run: (docker) => docker.networks.inspect(FRONT), reads: true },
  { name: 'network-disconnect', run: (docker) => docker.networks.disconnect(BACK, { Container: WEB }) },
  { name: 'container-logs', run: (docker) => output(docker) },
  {
    name: 'container-update',
    run: (docker) => docker.containers.update(WEB, { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } }),
    reads: true,
  },
  { name: 'container-pause', run: (docker) => docker.containers.pause(WEB) },
  { name: 'container-inspect-paused', run: (docker) => docker.containers.inspect(WEB), reads: true },
  { name: 'container-unpause', run: (docker) => docker.containers.unpause(WEB) },
  { name: 'container-restart', run: (docker) => docker.containers.restart(WEB, { t: 5 }) },
  { name: 'container-rename', run: (docker) => docker.containers.rename(WEB, RENAMED) },
  {
    name: 'container-remove-running',
    run: (docker) => docker.containers.remove(RENAMED),
    fails: ['CONFLICT', 'ENGINE_ERROR'],
  },
  { name: 'container-kill', run: (docker) => docker.containers.kill(RENAMED, { signal: 'SIGTERM' }) },
  { name: 'container-wait', run: (docker) => docker.containers.wait(RENAMED), reads: true },
  { name: 'container-stop-again', run: (docker) => docker.containers.stop(RENAMED) },
  { name: 'container-start-after-exit', run: (docker) => docker.containers.start(RENAMED) },
  { name: 'container-stop', run: (docker) => docker.containers.stop(RENAMED, { t: 5 }) },
  { name: 'container-kill-stopped', run: (docker) => docker.containers.kill(RENAMED), fails: ['CONFLICT'] },
  { name: 'container-inspect-exited', run: (docker) => docker.containers.inspect(RENAMED), reads: true },
  { name: 'volume-remove-used', run: (docker) => docker.volumes.remove(VOLUME), fails: ['CONFLICT'] },
  { name: 'container-remove', run: (docker) => docker.containers.remove(RENAMED, { v: false }) },
  { name: 'container-inspect-missing', run: (docker) => docker.containers.inspect(RENAMED), fails: ['NOT_FOUND'] },

  { name: 'network-remove', run: (docker) => docker.networks.remove(FRONT) },
  { name: 'network-inspect-missing', run: (docker) => docker.networks.inspect(FRONT), fails: ['NOT_FOUND'] },
  { name: 'volume-remove', run: (docker) => docker.volumes.remove(VOLUME) },
  { name: 'volume-inspect-missing', run: (docker) => docker.volumes.inspect(VOLUME), fails: ['NOT_FOUND'] },

  {
    name: 'image-pull-no-login',
    run: (docker, { registry }) => docker.images.pull(`${registry}/${APP}:v1`),
    fails: ['CREDENTIALS_MISSING'],
  },
  {
    name: 'image-pull-wrong-password',
    run: (docker, { registry, wrongAuth }) => docker.images.pull(`${registry}/${APP}:v1`, { auth: wrongAuth }),
    fails: ['CREDENTIALS_REJECTED'],
  },
  { name: 'image-pull', run: (docker, { registry, auth }) => docker.images.pull(`${registry}/${APP}:v1`, { auth }) },
  {
    name: 'image-pull-up-to-date',
    run: (docker, { registry, auth }) => docker.images.pull(`${registry}/${APP}:v1`, { auth }),
  },
  {
    name: 'image-pull-unknown-tag',
    run: (docker, { registry, auth }) => docker.images.pull(`${registry}/${APP}:none`, { auth }),
    fails: ['NOT_FOUND'],
  },
  {
    name: 'image-pull-broken',
    run: (docker, { registry, auth }) => docker.images.pull(`${registry}/${BROKEN}:v1`, { auth }),
    fails: ['PULL_FAILED'],
  },
]

async function output(docker: Docker): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for await (const { stream, data } of docker.containers.logs(WEB))
    texts[stream] = (texts[stream] ?? '') + Buffer.from(data).toString()
  return texts
}
