/** The members that are given; those that are explicitly `undefined` are as if absent. */
export function given<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T
}
