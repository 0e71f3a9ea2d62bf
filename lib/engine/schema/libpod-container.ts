import * as z from 'zod/mini'

import { list, maybe, stringMap } from './shape.ts'

/**
 * What podman's own inspect of a container tells and its compatible one does not (libpod define/container_inspect.go).
 * Older releases leave members out; unknown ones are passed on.
 */
export interface LibpodContainer {
  /** Full id of its pod, or empty. */
  Pod: string
  /** The container that holds the namespaces of a pod. */
  IsInfra: boolean
  /** Path of the hosts file on the machine; empty before the first start, and with `--no-hosts`. */
  HostsPath: string
  /** `/etc/hosts` is the image's (`--no-hosts`). Since podman 5.5. */
  UseImageHosts?: boolean | undefined
  /** `/etc/hostname` is the image's (`--no-hostname`). Since podman 5.5. */
  UseImageHostname?: boolean | undefined
  Config: {
    /** The command line of podman; empty for a container that was made over an API. */
    CreateCommand: string[]
    /** Names of the files under `/run/secrets`; those in the environment are not among them. */
    Secrets: { Name: string }[]
    /** A zone or `local`. */
    Timezone?: string | undefined
    /** Octal. `0022` is the default of the command line, `0000` stands for none. */
    Umask?: string | undefined
    /** Seconds until podman kills the container; 0 for never. */
    Timeout?: number | undefined
    sdNotifyMode?: string | undefined
    /** `none`, `kill`, `restart`, `stop`. */
    HealthcheckOnFailureAction?: string | undefined
    StartupHealthCheck?: object | undefined
    /** `local`, `events_logger` or a folder. */
    HealthLogDestination?: string | undefined
    HealthcheckMaxLogCount?: number | undefined
    HealthcheckMaxLogSize?: number | undefined
    /** podman's own among them. */
    Annotations: Record<string, string>
    /** Whether podman adds the user to `/etc/passwd`. */
    Passwd?: boolean | undefined
    ChrootDirs: string[]
  }
  HostConfig: {
    /** `default`, `no-conmon`, `split`, `disabled`. */
    Cgroups?: string | undefined
    CgroupConf: Record<string, string>
    /** Where `/etc/hosts` begins: empty for the file of the machine, `none`, `image` or a path. Since podman 5.4. */
    HostsFile?: string | undefined
    IDMappings?: object | undefined
    UsernsMode: string
  }
}

export const libpodContainer: z.ZodMiniType<LibpodContainer> = z.looseObject({
  Pod: z.string(),
  IsInfra: z.boolean(),
  HostsPath: z.string(),
  UseImageHosts: maybe(z.boolean()),
  UseImageHostname: maybe(z.boolean()),
  Config: z.looseObject({
    CreateCommand: list(z.string()),
    Secrets: list(z.looseObject({ Name: z.string() })),
    Timezone: maybe(z.string()),
    Umask: maybe(z.string()),
    Timeout: maybe(z.number()),
    sdNotifyMode: maybe(z.string()),
    HealthcheckOnFailureAction: maybe(z.string()),
    StartupHealthCheck: maybe(z.looseObject({})),
    HealthLogDestination: maybe(z.string()),
    HealthcheckMaxLogCount: maybe(z.number()),
    HealthcheckMaxLogSize: maybe(z.number()),
    Annotations: stringMap,
    Passwd: maybe(z.boolean()),
    ChrootDirs: list(z.string()),
  }),
  HostConfig: z.looseObject({
    Cgroups: maybe(z.string()),
    CgroupConf: stringMap,
    HostsFile: maybe(z.string()),
    IDMappings: maybe(z.looseObject({})),
    UsernsMode: z.string(),
  }),
})
