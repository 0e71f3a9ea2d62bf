// What of version negotiation matters to who decides by it: the wire itself is out of reach from above the engine.
export { SINCE, type Feature } from '../wire/gates.ts'
export { atLeast } from '../wire/version.ts'
