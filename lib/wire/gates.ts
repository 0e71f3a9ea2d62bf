/** A feature that needs a certain API version. */
export type Feature =
  | 'MAC address of an endpoint'
  | 'manifests of an image inspect'
  | 'platform of an image inspect'
  | 'several networks at create'
  | 'signal of stop and restart'

/**
 * What came with which API version. Every version-gated option goes through this one table: asking for what the
 * engine cannot do is an error that names the version needed, never a silent nothing.
 */
export const SINCE: Readonly<Record<Feature, `1.${number}`>> = {
  'MAC address of an endpoint': '1.44',
  'manifests of an image inspect': '1.48',
  'platform of an image inspect': '1.49',
  'several networks at create': '1.44',
  'signal of stop and restart': '1.42',
}
