// Containers and images as anybody may have made them: what the fidelity property draws from.
import fc from 'fast-check'

import { isObject, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import type { ModelImage } from '../../lib/testing/model/index.ts'
import type { Made } from '../support/fidelity.ts'

/** Networks that are there. */
export const NETWORKS: readonly string[] = ['front', 'back']
const MiB = 1 << 20

/** Members that may be absent, null, or one of these. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constant(null), { weight: 4, arbitrary })
const some = <T>(...values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values])
const text = fc.constantFrom('', 'x', 'a b', 'a=b=c', 'żółw 🐢', '{"json":[null]}', '$HOME', '__proto__')
const dictionary = (...keys: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  // Own members also under the names that objects have already.
  fc.array(fc.tuple(fc.constantFrom(...keys, '__proto__', 'constructor', 'a.b/c'), text)).map(Object.fromEntries)
const int64 = fc.constantFrom<JsonValue>(0, 6 * MiB, 64 * MiB, 9_007_199_254_740_993n, 4_611_686_018_427_387_904n)

const env = (from: string): fc.Arbitrary<string[]> =>
  fc
    .dictionary(fc.constantFrom('A', 'B', 'SHARED', `ONLY_${from}`), text)
    .map((values) => Object.entries(values).map(([name, value]) => `${name}=${from}${value}`))
const check = (from: string, number: number): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    fc.constant<JsonObject>({ Test: ['NONE'] }),
    fc.record(
      {
        Test: fc.constantFrom<string[]>(['CMD', '/check', from], ['CMD-SHELL', `/check ${from} -x`]),
        Interval: fc.constant(number * 1e9),
        Timeout: fc.constant(number * 1e9 + 1e8),
        StartPeriod: fc.constant(number * 2e9),
        Retries: fc.constant(number),
      },
      { requiredKeys: ['Test'] },
    ),
  )

// What the user sets never equals what the old image has: nobody could tell the two apart.
const config: fc.Arbitrary<JsonObject> = fc
  .record({
    Env: maybe(env('user')),
    Labels: maybe(dictionary('own', 'shared', 'of.image')),
    Cmd: maybe(fc.constantFrom<string[]>([], ['user'], ['user', 'x y', ''])),
    Entrypoint: maybe(fc.constantFrom<string[]>(['user'], ['/bin/sh', '-c'])),
    User: maybe(fc.constantFrom('', 'user', '7:7')),
    WorkingDir: maybe(fc.constantFrom('', '/user')),
    Hostname: maybe(fc.constantFrom('', 'web', 'web.example.org')),
    Domainname: maybe(fc.constantFrom('', 'example.org')),
    StopSignal: maybe(fc.constantFrom('', 'SIGUSR1', '10')),
    StopTimeout: maybe(fc.constantFrom(0, 1, 30)),
    Tty: maybe(fc.boolean()),
    OpenStdin: maybe(fc.boolean()),
    Shell: maybe(fc.constantFrom(['/bin/ash', '-c'])),
    Healthcheck: maybe(check('user', 3)),
    ExposedPorts: maybe(some('8000/tcp', '53/udp').map(keys)),
    Volumes: maybe(some('/own', '/new').map(keys)),
  })
  .map(defined)

function keys(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, {}]))
}

function defined(members: object): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

const port = fc.constantFrom('8000/tcp', '53/udp', '9000/tcp')
const binding = fc.record({
  HostIp: fc.constantFrom('', '127.0.0.1'),
  HostPort: fc.constantFrom('', '0', '18080', '15353'),
})
const mount = fc.constantFrom<JsonObject>(
  { Type: 'bind', Source: '/srv', Target: '/m/bind', ReadOnly: true },
  { Type: 'volume', Source: 'faults-kept', Target: '/m/kept' },
  { Type: 'volume', Target: '/m/anonymous' },
  { Type: 'tmpfs', Target: '/m/tmpfs', TmpfsOptions: { SizeBytes: MiB } },
)
const policy = fc.constantFrom<JsonObject>(
  { Name: '' },
  { Name: 'no' },
  { Name: 'always' },
  { Name: 'unless-stopped' },
  { Name: 'on-failure', MaximumRetryCount: 3 },
)

const hostConfig: fc.Arbitrary<JsonObject> = fc
  .record({
    Binds: maybe(some('/srv:/b/srv', 'faults-named:/b/named:ro', '/etc/hostname:/b/x:ro')),
    Mounts: maybe(fc.uniqueArray(mount, { selector: ({ Target }) => Target, maxLength: 3 })),
    Tmpfs: maybe(fc.constantFrom({ '/run': '' }, { '/run': 'size=1m', '/t': '' })),
    PortBindings: maybe(fc.dictionary(port, fc.array(binding, { minLength: 1, maxLength: 1 }))),
    PublishAllPorts: maybe(fc.boolean()),
    RestartPolicy: maybe(policy),
    Memory: maybe(int64),
    MemorySwap: maybe(fc.constantFrom(-1, 0)),
    MemorySwappiness: maybe(fc.constantFrom(0, 60)),
    OomKillDisable: maybe(fc.boolean()),
    NanoCpus: maybe(fc.constantFrom(0, 500_000_000)),
    CpuShares: maybe(fc.constantFrom(0, 512)),
    CpusetCpus: maybe(fc.constantFrom('', '0-1')),
    PidsLimit: maybe(fc.constantFrom(0, -1, 100)),
    ShmSize: maybe(fc.constantFrom(MiB)),
    Init: maybe(fc.boolean()),
    Privileged: maybe(fc.boolean()),
    ReadonlyRootfs: maybe(fc.boolean()),
    CapAdd: maybe(some('NET_ADMIN', 'SYS_TIME')),
    CapDrop: maybe(some('ALL', 'MKNOD')),
    SecurityOpt: maybe(some('no-new-privileges', 'seccomp=unconfined')),
    MaskedPaths: maybe(some('/proc/kcore', '/proc/keys')),
    ReadonlyPaths: maybe(some('/proc/sys')),
    Devices: maybe(fc.constantFrom([{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }])),
    DeviceRequests: maybe(
      fc.constantFrom([{ Driver: '', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }]),
    ),
    Ulimits: maybe(fc.constantFrom([], [{ Name: 'nofile', Soft: 1, Hard: 2 }])),
    Sysctls: maybe(fc.constantFrom({ 'net.core.somaxconn': '512' })),
    Dns: maybe(some('1.1.1.1', '9.9.9.9')),
    ExtraHosts: maybe(some('a:10.0.0.1', 'b:10.0.0.2')),
    GroupAdd: maybe(some('audio', '7')),
    LogConfig: maybe(
      fc.constantFrom({ Type: 'local', Config: {} }, { Type: 'json-file', Config: { 'max-size': '1m' } }),
    ),
    IpcMode: maybe(fc.constantFrom('', 'private', 'shareable', 'host')),
    PidMode: maybe(fc.constantFrom('', 'host')),
    Annotations: maybe(fc.constantFrom({ 'org.example': 'x' })),
  })
  .map(defined)

/** `NetworkMode`, its endpoint, and what is connected afterwards. */
const networking: fc.Arbitrary<Pick<Made, 'connect'> & { mode: string | undefined; endpoint: JsonObject | undefined }> =
  fc.oneof(
    fc.constantFrom<string | undefined>(undefined, 'bridge', 'default', 'none', 'host').map((mode) => ({
      mode,
      endpoint: undefined,
      connect: {},
    })),
    fc.record({
      mode: fc.constant<string | undefined>('front'),
      endpoint: fc.option(
        fc
          .record({
            Aliases: maybe(some('web', 'www')),
            IPAMConfig: maybe(fc.constantFrom({ IPv4Address: '10.44.0.77' })),
            DriverOpts: maybe(fc.constantFrom({ 'com.example': '1' })),
            MacAddress: maybe(fc.constantFrom('02:42:0a:63:01:55')),
          })
          .map(defined),
        { nil: undefined },
      ),
      connect: fc.constantFrom<Record<string, JsonObject>>({}, { back: {} }, { back: { Aliases: ['inner'] } }),
    }),
  )

/** A container. */
const made: fc.Arbitrary<Made> = fc
  .record({
    config,
    hostConfig,
    networking,
    state: fc.constantFrom<Made['state']>('running', 'running', 'exited', 'paused', 'created'),
  })
  .map(({ config, hostConfig, networking: { mode, endpoint, connect }, state }) => ({
    name: 'app-1',
    state,
    connect,
    body: {
      ...config,
      HostConfig: { ...hostConfig, ...(mode === undefined ? {} : { NetworkMode: mode }) },
      ...(mode === undefined || endpoint === undefined
        ? {}
        : { NetworkingConfig: { EndpointsConfig: { [mode]: endpoint } } }),
    },
  }))

/** An image all of whose settings tell that they came from it. */
const imageOf = (from: string, number: number): fc.Arbitrary<ModelImage> =>
  fc
    .record({
      Env: maybe(env(from)),
      Labels: maybe(dictionary('shared', 'of.image', from).map((labels) => stamped(labels, from))),
      Cmd: fc.constant([from]),
      Entrypoint: maybe(fc.constantFrom([from], [from, '-c'])),
      User: maybe(fc.constant(from)),
      WorkingDir: maybe(fc.constant(`/${from}`)),
      StopSignal: maybe(fc.constant(number === 1 ? 'SIGINT' : 'SIGQUIT')),
      Shell: maybe(fc.constant([`/bin/${from}`])),
      ExposedPorts: maybe(some('80/tcp', `8${number}/tcp`).map(keys)),
      Volumes: maybe(some('/data', `/${from}`).map(keys)),
      Healthcheck: maybe(check(from, number)),
    })
    .map((members) => ({ config: withoutNulls(members) }))

function stamped(labels: Record<string, string>, from: string): JsonObject {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, `${from} ${value}`]))
}

function withoutNulls(members: object): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))
}

/** What is made on which image, and the image of its successor. What user and old image set alike nobody could tell apart. */
export const worlds: fc.Arbitrary<[before: ModelImage, after: ModelImage, made: Made]> = fc
  .tuple(imageOf('old', 1), imageOf('new', 2), made)
  .filter(
    ([before, , { body }]) => !('config' in before && isOff(before.config?.Healthcheck) && isOff(body['Healthcheck'])),
  )

function isOff(check: unknown): boolean {
  return isObject(check) && Array.isArray(check['Test']) && check['Test'][0] === 'NONE'
}
