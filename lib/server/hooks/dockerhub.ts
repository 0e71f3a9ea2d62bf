import * as z from 'zod/mini'

import { otherwise, text, type ReadDelivery } from './release.ts'

const event = z.looseObject({
  push_data: z.looseObject({ tag: text, pushed_at: otherwise(z.number(), 0) }),
  repository: z.looseObject({ repo_name: text }),
})

/** Docker Hub's push. Its `callback_url` is not called: it would be a request to wherever the body says. */
export const readDockerHub: ReadDelivery = (body) => {
  const read = event.safeParse(body)
  if (!read.success) return undefined
  const { push_data: push, repository } = read.data
  const releases = push.tag === '' ? [] : [{ reference: `docker.io/${repository.repo_name}:${push.tag}` }]
  return { releases, at: push.pushed_at === 0 ? undefined : push.pushed_at * 1000 }
}
