// What the engine of the bench answers with. The client imports the sizes to check that nothing was lost.

function strings(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, i) => `${name}_${i}=${'x'.repeat(40)}`)
}

/** A JSON answer of about the size that engines give. */
export function inspectOf(id: string): object {
  return {
    Id: id.padEnd(64, '0'),
    Created: '2026-01-01T00:00:00.000000000Z',
    Path: 'node',
    Args: strings(4, 'arg'),
    State: {
      Status: 'running',
      Running: true,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: 4242,
      ExitCode: 0,
      Error: '',
      StartedAt: '2026-01-01T00:00:00.000000000Z',
      FinishedAt: '0001-01-01T00:00:00Z',
    },
    Image: `sha256:${'a'.repeat(64)}`,
    Name: `/${id}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    HostConfig: {
      Binds: strings(3, '/data'),
      NetworkMode: 'bridge',
      PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] },
      RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
      AutoRemove: false,
      Memory: 536_870_912,
      NanoCpus: 0,
      Privileged: false,
      CapAdd: null,
      Dns: [],
      LogConfig: { Type: 'json-file', Config: {} },
    },
    Mounts: Array.from({ length: 3 }, (_, i) => ({
      Type: 'bind',
      Source: `/data/${i}`,
      Destination: `/mnt/${i}`,
      Mode: '',
      RW: true,
      Propagation: 'rprivate',
    })),
    Config: {
      Hostname: id.slice(0, 12),
      User: '',
      Tty: false,
      Env: strings(20, 'NAME'),
      Cmd: ['node', 'main.js'],
      Image: 'ghcr.io/acme/app:latest',
      Entrypoint: null,
      Labels: Object.fromEntries(strings(15, 'com.acme.label').map((text) => text.split('=') as [string, string])),
    },
    NetworkSettings: {
      Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] },
      Networks: {
        bridge: {
          NetworkID: 'b'.repeat(64),
          IPAddress: '172.17.0.2',
          MacAddress: '',
          Gateway: '172.17.0.1',
          Aliases: null,
        },
      },
    },
  }
}

/** A row of a list of containers. */
export function summaryOf(id: string): object {
  return {
    Id: id.padEnd(64, '0'),
    Names: [`/${id}`],
    Image: 'ghcr.io/acme/app:latest',
    ImageID: `sha256:${'a'.repeat(64)}`,
    Command: 'node main.js',
    Created: 1_760_000_000,
    Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
    Labels: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`com.acme.label${i}`, 'x'.repeat(20)])),
    State: 'running',
    Status: 'Up 2 hours',
    HostConfig: { NetworkMode: 'bridge' },
    NetworkSettings: { Networks: { bridge: { NetworkID: 'b'.repeat(64), IPAddress: '172.17.0.2' } } },
    Mounts: [],
  }
}

/** Lines of the pull stream, the two closing ones included. */
export const PULL_LINES: number = 200_000

export function* pullLines(): Generator<string, void, undefined> {
  for (let i = 0; i < PULL_LINES - 2; i++) {
    const current = i * 1024
    yield `{"status":"Downloading","progressDetail":{"current":${current},"total":204800000},"progress":"[=====>      ]  ${current}B/204.8MB","id":"${(i % 12).toString(16).padStart(12, 'a')}"}\r\n`
  }
  yield `{"status":"Digest: sha256:${'d'.repeat(64)}"}\r\n`
  yield '{"status":"Status: Downloaded newer image for acme/app:latest"}\r\n'
}

/** Kinds of log streams: size of a frame's payload, and how many there are. */
export const LOGS: Readonly<Record<LogKind, { payload: number; frames: number }>> = {
  large: { payload: 16 << 10, frames: 4000 },
  small: { payload: 128, frames: 200_000 },
}

export type LogKind = 'large' | 'small'
export type Chunking = 'each' | '64k'
