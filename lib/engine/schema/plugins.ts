import * as z from 'zod/mini'

import { list, maybe } from './shape.ts'

/** `GET /plugins`, `GET /plugins/{name}/json` */
export interface Plugin {
  Id?: string | undefined
  Name: string
  Enabled: boolean
  PluginReference?: string | undefined
  Settings: { Args: string[]; Env: string[] }
  Config: { Description: string; Documentation: string; Entrypoint: string[]; WorkDir: string }
}

export const plugin: z.ZodMiniType<Plugin> = z.looseObject({
  Id: maybe(z.string()),
  Name: z.string(),
  Enabled: z.boolean(),
  PluginReference: maybe(z.string()),
  Settings: z.looseObject({ Args: list(z.string()), Env: list(z.string()) }),
  Config: z.looseObject({
    Description: z.string(),
    Documentation: z.string(),
    Entrypoint: list(z.string()),
    WorkDir: z.string(),
  }),
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
