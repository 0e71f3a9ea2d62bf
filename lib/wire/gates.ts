/** A feature that needs a certain API version. */
export type Feature =
  | 'MAC address of an endpoint'
  | 'attestations of an image'
  | 'console size of an exec'
  | 'identity in an image list'
  | 'limits of a build prune'
  | 'manifests in an image list'
  | 'manifests of an image inspect'
  | 'one-shot stats'
  | 'platform of a push'
  | 'platform of an image history'
  | 'platform of an image inspect'
  | 'platform of a save or load'
  | 'platforms of an image removal'
  | 'several networks at create'
  | 'several platforms of a save or load'
  | 'shared size in an image list'
  | 'signal of stop and restart'
  | 'types of a disk usage report'
  | 'update of a volume'
  | 'verbose disk usage report'

/**
 * What came with which API version. Every version-gated option goes through this one table: asking for what the
 * engine cannot do is an error that names the version needed, never a silent nothing.
 */
export const SINCE: Readonly<Record<Feature, `1.${number}`>> = {
  'MAC address of an endpoint': '1.44',
  'attestations of an image': '1.55',
  'console size of an exec': '1.42',
  'identity in an image list': '1.54',
  'limits of a build prune': '1.48',
  'manifests in an image list': '1.47',
  'manifests of an image inspect': '1.48',
  'one-shot stats': '1.41',
  'platform of a push': '1.46',
  'platform of an image history': '1.48',
  'platform of an image inspect': '1.49',
  'platform of a save or load': '1.48',
  'platforms of an image removal': '1.50',
  'several networks at create': '1.44',
  'several platforms of a save or load': '1.52',
  'shared size in an image list': '1.42',
  'signal of stop and restart': '1.42',
  'types of a disk usage report': '1.42',
  'update of a volume': '1.42',
  'verbose disk usage report': '1.52',
}

/** The features whose option was given: what an operation needs. */
export function needs(wanted: Readonly<Partial<Record<Feature, unknown>>>): Feature[] {
  return (Object.keys(wanted) as Feature[]).filter(
    (feature) => wanted[feature] !== undefined && wanted[feature] !== false,
  )
}
