import { hasCode } from '../base/errors.ts'
import { isObject, objectAt, textAt, type JsonObject } from '../base/json.ts'
import type { LibpodContainer } from '../engine/schema/libpod-container.ts'
import type { RefreshEngine, Seen } from './container.ts'
import { readCreateCommand, valuesOf, type Flag } from './successor/create-command.ts'
import { userAnnotations } from './successor/host-config.ts'
import { askedFor, rightsOf } from './successor/podman-asked.ts'
import { isOfPodman } from './successor/podman.ts'

/** What podman's own inspect tells; `undefined` on other engines, and where a proxy before the socket withholds it. */
export async function libpodOf(
  { containers }: Pick<RefreshEngine, 'containers'>,
  seen: Seen,
): Promise<LibpodContainer | undefined> {
  if (!isOfPodman(seen.raw)) return undefined
  try {
    return await containers.libpodInspect(seen.id)
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND', 'FORBIDDEN')) return undefined
    throw error
  }
}

/**
 * Why a container of podman cannot be made anew over its Docker API, or `undefined`. That API has no word for some of what
 * podman can do, and leaves it out without a sound.
 */
export async function podmanRefusal(
  engine: Pick<RefreshEngine, 'containers' | 'info'>,
  seen: Seen,
): Promise<string | undefined> {
  const libpod = await libpodOf(engine, seen)
  if (libpod === undefined) return undefined
  const flags = readCreateCommand(libpod.Config.CreateCommand)
  if (libpod.IsInfra) return `it is the infra container of pod ${podName(libpod, flags)}`
  if (libpod.Pod !== '') return `it is a member of pod ${podName(libpod, flags)}`
  const lost = [...ofInspect(libpod, seen.raw, flags), ...ofCommand(flags ?? []), ...ofDevices(seen.raw, flags)]
  lost.push(...(await ofPodman4(engine, seen.raw, flags ?? [])))
  const names = [...new Set(lost)]
  return names.length === 0
    ? undefined
    : `podman's Docker API cannot set what it has (${names.join('; ')}): re-create it with podman itself`
}

// The API of podman 4 takes these and forgets them.
async function ofPodman4(
  engine: Pick<RefreshEngine, 'info'>,
  raw: JsonObject,
  flags: readonly Flag[],
): Promise<string[]> {
  const { deviceRules } = askedFor(raw, flags)
  const cgroupns = valuesOf(flags, 'cgroupns').at(-1)
  if (deviceRules.length === 0 && cgroupns === undefined) return []
  const { ServerVersion, CgroupVersion } = await engine.info()
  if (Number.parseInt(ServerVersion, 10) >= 5) return []
  const usual = CgroupVersion === '1' ? 'host' : 'private'
  return [
    ...(deviceRules.length === 0 ? [] : [`device rule ${deviceRules.join(', ')}`]),
    ...(cgroupns === undefined || cgroupns === usual ? [] : [`--cgroupns ${cgroupns}`]),
  ]
}

function podName({ Pod }: LibpodContainer, flags: readonly Flag[] | undefined): string {
  const given = valuesOf(flags ?? [], 'pod')
    .at(-1)
    ?.replace(/^new:/, '')
  return given === undefined || given === '' ? Pod.slice(0, 12) : given
}

function ofInspect(
  { Config, HostConfig, UseImageHosts, UseImageHostname, HostsPath }: LibpodContainer,
  raw: JsonObject,
  flags: readonly Flag[] | undefined,
): string[] {
  const lost = [
    ...Config.Secrets.map(({ Name }) => `secret ${Name}`),
    // podman 5 shows a secret of the environment by its name, with stars for what it is.
    ...entriesOf(raw).flatMap((entry) => (entry.endsWith('=*******') ? [`secret ${entry.slice(0, -8)}`] : [])),
  ]
  const told = (is: boolean, name: string): void => {
    if (is) lost.push(name)
  }
  told((Config.Timezone ?? '') !== '', `timezone ${Config.Timezone}`)
  // 0000 stands for none where no command line said it.
  const defaults = flags === undefined ? ['', '0000', '0022'] : ['', '0022']
  told(!defaults.includes(Config.Umask ?? ''), `umask ${Config.Umask}`)
  told((Config.Timeout ?? 0) !== 0, `timeout ${Config.Timeout}`)
  told(!['', 'container'].includes(Config.sdNotifyMode ?? ''), `sdnotify ${Config.sdNotifyMode}`)
  told(
    !['', 'none'].includes(Config.HealthcheckOnFailureAction ?? ''),
    `health-on-failure ${Config.HealthcheckOnFailureAction}`,
  )
  told(Config.StartupHealthCheck !== undefined, 'a startup health check')
  told(
    !['', 'local'].includes(Config.HealthLogDestination ?? ''),
    `health-log-destination ${Config.HealthLogDestination}`,
  )
  told((Config.HealthcheckMaxLogCount ?? 5) !== 5, `health-max-log-count ${Config.HealthcheckMaxLogCount}`)
  told((Config.HealthcheckMaxLogSize ?? 500) !== 500, `health-max-log-size ${Config.HealthcheckMaxLogSize}`)
  told(Config.Passwd === false, 'passwd=false')
  told(Config.ChrootDirs.length > 0, 'chrootdirs')
  told(!['', 'default'].includes(HostConfig.Cgroups ?? ''), `cgroups ${HostConfig.Cgroups}`)
  told(Object.keys(HostConfig.CgroupConf).length > 0, `cgroup-conf ${Object.keys(HostConfig.CgroupConf).join(', ')}`)
  const ran = textAt(objectAt(raw, 'State'), 'StartedAt') > '0001-01-02'
  told(UseImageHosts === true || (UseImageHosts === undefined && ran && HostsPath === ''), '--no-hosts')
  told(HostConfig.UsernsMode === 'private', 'a user namespace of its own')
  told(UseImageHostname === true, '--no-hostname')
  told(!['', 'none'].includes(HostConfig.HostsFile ?? ''), `--hosts-file ${HostConfig.HostsFile}`)
  // The API of podman 4 has no annotations, and its inspect therefore none either.
  if (!isObject(objectAt(raw, 'HostConfig')['Annotations']))
    lost.push(...Object.keys(userAnnotations(Config.Annotations)).map((key) => `annotation ${key}`))
  return lost
}

function entriesOf(raw: JsonObject): string[] {
  const { Env } = objectAt(raw, 'Config')
  return Array.isArray(Env) ? Env.filter((entry) => typeof entry === 'string') : []
}

// Flags for which the Docker API has no word, and of which no inspect tells.
const NO_WORD: ReadonlySet<string> = new Set(
  (
    'cgroup-conf chrootdirs decryption-key gpus group-entry hosts-file hostuser image-volume init-ctr init-path no-hosts ' +
    'no-hostname passwd-entry personality preserve-fd preserve-fds rdt-class requires secret shm-size-systemd ' +
    'subgidname subuidname unsetenv unsetenv-all'
  ).split(' '),
)

function ofCommand(flags: readonly Flag[]): string[] {
  return flags.flatMap(({ name, value }) => {
    if (name === 'read-only-tmpfs' && value === 'false') return ['--read-only-tmpfs=false']
    if (name === 'systemd' && value !== 'true') return [`--systemd ${value}`]
    if (name === 'security-opt' && /^(?:un)?mask=/.test(value)) return [`--security-opt ${value}`]
    if (!NO_WORD.has(name) || value === 'false') return []
    if (name === 'secret') return [`secret ${value.split(',')[0]}`]
    return [value === 'true' ? `--${name}` : `--${name} ${value}`]
  })
}

// podman shows no rights of any device. Without them the successor could do more to it than the container may.
function ofDevices(raw: JsonObject, flags: readonly Flag[] | undefined): string[] {
  const { Devices } = objectAt(raw, 'HostConfig')
  const { devices } = askedFor(raw, flags)
  const unknown = (Array.isArray(Devices) ? Devices : []).filter((device) => rightsOf(device, devices) === undefined)
  return unknown.map((device) => `the rights on ${textAt(device, 'PathInContainer')}, which podman does not show`)
}
