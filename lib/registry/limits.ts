// Limits of the talk with registries, with who else draws them there.

/** Milliseconds to connect, TLS included (distribution and containers/image give 5 to 15 s). */
export const CONNECT_TIMEOUT = 10_000
/** Milliseconds for one request, body included; a server that drips bytes ends here. */
export const REQUEST_TIMEOUT = 30_000
/** Bytes of a token reply (oras-go). */
export const MAX_TOKEN_BYTES: number = 128 << 10
/** Bytes read of an error (go-containerregistry). */
export const MAX_ERROR_BYTES: number = 64 << 10
/** Bytes of a manifest or index (containers/image iolimits). */
export const MAX_MANIFEST_BYTES: number = 4 << 20
/** Redirects of one request. */
export const MAX_REDIRECTS = 3
/** Requests to one host at a time. */
export const PER_HOST = 2
/** Milliseconds for which a host may send us away at most: an hour. */
export const MAX_RETRY_AFTER = 3_600_000
/** Milliseconds to leave a host alone when it asked for it without a time. */
export const DEFAULT_RETRY_AFTER = 60_000
/** Milliseconds a retry waits at most before the failure is reported instead. */
export const MAX_PATIENCE = 10_000
/** Milliseconds a token lives at least and at most, whatever it says of itself (distribution session.go has the floor). */
export const MIN_TOKEN_LIFE = 60_000
export const MAX_TOKEN_LIFE = 3_600_000
/** Milliseconds before its end from which a token is not used any more. */
export const TOKEN_MARGIN = 10_000
