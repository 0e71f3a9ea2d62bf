import * as z from 'zod/mini'

import { newest, otherwise, text, type ReadDelivery } from './release.ts'

const nowhere = { repository: '', tag: '' }
const envelope = z.looseObject({
  events: z.array(
    z.looseObject({
      timestamp: text,
      action: text,
      target: otherwise(z.looseObject({ repository: text, tag: text }), nowhere),
      request: otherwise(z.looseObject({ host: text }), { host: '' }),
    }),
  ),
})

/** Notifications of CNCF distribution (`docs/content/about/notifications.md`): a push of a manifest by tag is a release. */
export const readDistribution: ReadDelivery = (body) => {
  const read = envelope.safeParse(body)
  if (!read.success) return undefined
  const { events } = read.data
  const pushes = events.filter(({ action, target }) => action === 'push' && target.tag !== '')
  return {
    releases: pushes.map(({ target, request }) => ({
      reference: `${request.host}/${target.repository}:${target.tag}`,
    })),
    at: newest(events.map(({ timestamp }) => timestamp)),
  }
}
