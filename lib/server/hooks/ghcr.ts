import * as z from 'zod/mini'

import { newest, otherwise, text, type ReadDelivery } from './release.ts'

// `package` and `registry_package` differ in the name of one member. Most others may be absent or null.
const pack = z.looseObject({
  name: text,
  namespace: text,
  package_type: text,
  created_at: text,
  updated_at: text,
  owner: otherwise(z.looseObject({ login: text }), { login: '' }),
  package_version: z.looseObject({
    package_url: text,
    created_at: text,
    updated_at: text,
    container_metadata: otherwise(z.looseObject({ tag: otherwise(z.looseObject({ name: text }), { name: '' }) }), {
      tag: { name: '' },
    }),
  }),
})

const event = z.looseObject({
  action: text,
  package: z.optional(pack),
  registry_package: z.optional(pack),
})

/** GitHub's events `package` and `registry_package`. Only containers with a tag are releases: parts of an index have none. */
export const readGhcr: ReadDelivery = (body) => {
  const read = event.safeParse(body)
  const found = read.success ? (read.data.registry_package ?? read.data.package) : undefined
  if (found === undefined) return undefined
  const { package_version: version } = found
  const at = newest([version.created_at, version.updated_at, found.updated_at, found.created_at])
  const tag = version.container_metadata.tag.name
  const isRelease =
    found.package_type.toUpperCase() === 'CONTAINER' &&
    tag !== '' &&
    /^(?:published|updated)$/.test(read.data?.action ?? '')
  return { releases: isRelease ? [{ reference: `${repository(found)}:${tag}` }] : [], at }
}

// The URL bears the whole name, with or without the tag; a namespace is told with or without the repository.
function repository({ name, namespace, owner, package_version: { package_url: url } }: z.infer<typeof pack>): string {
  const named = /^(ghcr\.io\/[^:@]+)/.exec(url)?.[1]
  return (named ?? `ghcr.io/${owner.login || namespace.split('/', 1)[0]}/${name}`).toLowerCase()
}
