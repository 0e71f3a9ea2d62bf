import { checkTimes } from './numbers.ts'
import type { JsonObject } from '../../base/json.ts'
import { diskUsage } from './disk-usage.ts'
import { events, eventsType } from './event-stream.ts'
import { json, stream, text, type Reply } from './reply.ts'
import type { RouteTable } from './routes.ts'
import { goTime, now, type World } from './world.ts'

const NO_CACHE = { 'Cache-Control': 'no-cache, no-store, must-revalidate', Pragma: 'no-cache' }

export const systemRoutes: RouteTable = {
  'GET /_ping': ping,
  'GET /version': (world) => json(version(world)),
  'GET /info': (world) => json(info(world)),
  'GET /events': (world, call) => {
    checkTimes(world, call, 'events')
    return stream(events(world, call), eventsType(world, call))
  },
  'GET /system/df': (world, call) => json(diskUsage(world, call)),
}

function ping({ profile }: World): Reply {
  const podman = profile.family === 'podman'
  const headers = {
    ...NO_CACHE,
    ...(profile.builder === '' ? {} : { 'Builder-Version': profile.builder }),
    ...(podman
      ? { 'Docker-Experimental': 'true', Ostype: 'linux' }
      : profile.pingTellsSwarm
        ? { Swarm: 'inactive' }
        : {}),
  }
  return { ...text('OK'), headers }
}

function version({ profile }: World): JsonObject {
  const podman = profile.family === 'podman'
  const engine: JsonObject = {
    ApiVersion: profile.api,
    Arch: 'amd64',
    BuildTime: '2026-01-01T00:00:00.000000000+00:00',
    Experimental: 'false',
    GitCommit: 'model',
    GoVersion: profile.goVersion,
    KernelVersion: '6.1.0',
    MinAPIVersion: profile.minApi,
    Os: 'linux',
  }
  return {
    Platform: { Name: '' },
    Components: [
      podman
        ? {
            Name: 'Podman Engine',
            Version: profile.version,
            Details: { ...engine, APIVersion: profile.version, MinAPIVersion: '4.0.0' },
          }
        : { Name: 'Engine', Version: profile.version, Details: engine },
    ],
    Version: profile.version,
    ApiVersion: profile.api,
    MinAPIVersion: podman ? '1.24' : profile.minApi,
    GitCommit: podman ? '' : 'model',
    GoVersion: profile.goVersion,
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.1.0',
    BuildTime: '2026-01-01T00:00:00.000000000+00:00',
  }
}

function info(world: World): JsonObject {
  const { profile, state } = world
  const count = (...wanted: string[]): number =>
    [...state.containers.values()].filter(({ status }) => wanted.includes(status)).length
  return {
    ID: profile.family === 'podman' ? '' : '00000000-0000-4000-8000-000000000000',
    Containers: state.containers.size,
    ContainersRunning: count('running', 'restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('created', 'exited', 'dead', 'removing'),
    Images: state.images.size,
    Driver: profile.driver,
    DriverStatus:
      profile.store === 'manifest'
        ? [['driver-type', 'io.containerd.snapshotter.v1']]
        : [
            ['Backing Filesystem', 'extfs'],
            ['Supports d_type', 'true'],
          ],
    Plugins: { Volume: ['local'], Network: ['bridge', 'host', 'null'], Authorization: null, Log: ['json-file'] },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
    Debug: false,
    NFd: 1,
    OomKillDisable: false,
    NGoroutines: 1,
    SystemTime: goTime(now(world)),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '2',
    NEventsListener: 0,
    KernelVersion: '6.1.0',
    OperatingSystem: 'dockline model engine',
    OSVersion: '',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: { IndexConfigs: {}, InsecureRegistryCIDRs: ['127.0.0.0/8'], Mirrors: profile.lean ? [] : null },
    NCPU: 2,
    MemTotal: 8_589_934_592,
    GenericResources: null,
    DockerRootDir: profile.root,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: 'model',
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: profile.version,
    Runtimes: { runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: '', Expected: '' },
    RuncCommit: { ID: '', Expected: '' },
    InitCommit: { ID: '', Expected: '' },
    SecurityOptions: ['name=seccomp,profile=builtin'],
    ...(profile.lean ? { FirewallBackend: { Driver: 'iptables', Info: [['EnableUserlandProxy', 'true']] } } : {}),
    Warnings: profile.lean ? [] : null,
  }
}
