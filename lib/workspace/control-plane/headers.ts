import type { Secret } from '../../base/secret.ts'
import type { ControlPlaneConfig } from './config.ts'

/** Headers of `/cp/workspaces/…`: the shared secret. */
export function provisionHeaders(config: ControlPlaneConfig): Record<string, string> {
  return headersWith(config.sharedSecret, config.adminToken)
}

/** Headers of `/cp/admin/…`: a bearer of its own, which the other routes do not take and the other way round. */
export function adminHeaders(config: ControlPlaneConfig): Record<string, string> {
  return headersWith(config.adminApiToken, config.adminToken)
}

// What is empty is left out: an empty bearer would be taken for a wrong one.
function headersWith(bearer: Secret, adminToken: Secret): Record<string, string> {
  return {
    ...(bearer.reveal() === '' ? {} : { Authorization: `Bearer ${bearer.reveal()}` }),
    ...(adminToken.reveal() === '' ? {} : { 'X-Molecule-Admin-Token': adminToken.reveal() }),
  }
}
