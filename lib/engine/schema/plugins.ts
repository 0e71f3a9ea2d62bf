import * as z from 'zod/mini'

import { jsonObject, list, maybe } from './shape.ts'

/** `GET /plugins`, `GET /plugins/{name}/json` */
export interface Plugin {
  Id?: string | undefined
  Name: string
  Enabled: boolean
  PluginReference?: string | undefined
  /** What may be set, as it is set now. */
  Settings: { Args: string[]; Env: string[]; Mounts: PluginMount[]; Devices: PluginDevice[] }
  Config: PluginConfig
}

export interface PluginMount {
  Name: string
  Description: string
  Settable: string[]
  Source?: string | undefined
  Destination: string
  Type: string
  Options: string[]
}

export interface PluginDevice {
  Name: string
  Description: string
  Settable: string[]
  Path?: string | undefined
}

/** What the plugin's author wrote (`config.json`). */
export interface PluginConfig {
  Description: string
  Documentation: string
  Interface?:
    | {
        /** Rows such as `docker.volumedriver/1.0`; objects below API 1.52. */
        Types: (string | object)[]
        Socket: string
        ProtocolScheme?: string | undefined
      }
    | undefined
  Entrypoint: string[]
  WorkDir: string
  User?: { UID?: number | undefined; GID?: number | undefined } | undefined
  Network?: { Type: string } | undefined
  Linux?: { Capabilities: string[]; AllowAllDevices: boolean; Devices: PluginDevice[] } | undefined
  PropagatedMount?: string | undefined
  IpcHost?: boolean | undefined
  PidHost?: boolean | undefined
  Mounts: PluginMount[]
  Env: { Name: string; Description: string; Settable: string[]; Value?: string | undefined }[]
  Args?: { Name: string; Description: string; Settable: string[]; Value: string[] } | undefined
  rootfs?: { type?: string | undefined; diff_ids: string[] } | undefined
}

const settable = { Name: z.string(), Description: z.string(), Settable: list(z.string()) }

const pluginMounts: z.ZodMiniType<PluginMount[]> = list(
  z.looseObject({
    ...settable,
    Source: maybe(z.string()),
    Destination: z.string(),
    Type: z.string(),
    Options: list(z.string()),
  }),
)

const pluginDevices: z.ZodMiniType<PluginDevice[]> = list(z.looseObject({ ...settable, Path: maybe(z.string()) }))

const pluginConfig: z.ZodMiniType<PluginConfig> = z.looseObject({
  Description: z.string(),
  Documentation: z.string(),
  Interface: maybe(
    z.looseObject({
      Types: list(z.union([z.string(), jsonObject])),
      Socket: z.string(),
      ProtocolScheme: maybe(z.string()),
    }),
  ),
  Entrypoint: list(z.string()),
  WorkDir: z.string(),
  User: maybe(z.looseObject({ UID: maybe(z.number()), GID: maybe(z.number()) })),
  Network: maybe(z.looseObject({ Type: z.string() })),
  Linux: maybe(z.looseObject({ Capabilities: list(z.string()), AllowAllDevices: z.boolean(), Devices: pluginDevices })),
  PropagatedMount: maybe(z.string()),
  IpcHost: maybe(z.boolean()),
  PidHost: maybe(z.boolean()),
  Mounts: pluginMounts,
  Env: list(z.looseObject({ ...settable, Value: maybe(z.string()) })),
  Args: maybe(z.looseObject({ ...settable, Value: list(z.string()) })),
  rootfs: maybe(z.looseObject({ type: maybe(z.string()), diff_ids: list(z.string()) })),
})

export const plugin: z.ZodMiniType<Plugin> = z.looseObject({
  Id: maybe(z.string()),
  Name: z.string(),
  Enabled: z.boolean(),
  PluginReference: maybe(z.string()),
  Settings: z.looseObject({
    Args: list(z.string()),
    Env: list(z.string()),
    Mounts: pluginMounts,
    Devices: pluginDevices,
  }),
  Config: pluginConfig,
})

export const plugins: z.ZodMiniType<Plugin[]> = list(plugin)

/** A right that a plugin asks for: a row of `GET /plugins/privileges`. To be granted as it came. */
export interface PluginPrivilege {
  Name: string
  Description: string
  Value: string[]
}

export const pluginPrivileges: z.ZodMiniType<PluginPrivilege[]> = list(
  z.looseObject({ Name: z.string(), Description: z.string(), Value: list(z.string()) }),
)
