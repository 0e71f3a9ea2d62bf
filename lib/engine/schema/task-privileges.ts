import * as z from 'zod/mini'

import { maybe } from './shape.ts'

/** Rights of a service's tasks. Seccomp, AppArmor and NoNewPrivileges need API 1.44. */
export interface TaskPrivileges {
  /** Of a managed Windows account: one of the three. */
  CredentialSpec?: { Config?: string | undefined; File?: string | undefined; Registry?: string | undefined } | undefined
  SELinuxContext?:
    | {
        Disable?: boolean | undefined
        User?: string | undefined
        Role?: string | undefined
        Type?: string | undefined
        Level?: string | undefined
      }
    | undefined
  /** The profile is JSON in base64. */
  Seccomp?:
    | { Mode?: 'default' | 'unconfined' | 'custom' | (string & {}) | undefined; Profile?: string | undefined }
    | undefined
  AppArmor?: { Mode?: 'default' | 'disabled' | (string & {}) | undefined } | undefined
  NoNewPrivileges?: boolean | undefined
}

export const taskPrivileges: z.ZodMiniType<TaskPrivileges> = z.looseObject({
  CredentialSpec: maybe(
    z.looseObject({ Config: maybe(z.string()), File: maybe(z.string()), Registry: maybe(z.string()) }),
  ),
  SELinuxContext: maybe(
    z.looseObject({
      Disable: maybe(z.boolean()),
      User: maybe(z.string()),
      Role: maybe(z.string()),
      Type: maybe(z.string()),
      Level: maybe(z.string()),
    }),
  ),
  Seccomp: maybe(z.looseObject({ Mode: maybe(z.string()), Profile: maybe(z.string()) })),
  AppArmor: maybe(z.looseObject({ Mode: maybe(z.string()) })),
  NoNewPrivileges: maybe(z.boolean()),
})
