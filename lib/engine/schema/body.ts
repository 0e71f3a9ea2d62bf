/**
 * What may be written where `T` is read: every member at every depth may be left out or null. Members that are newer
 * than this library may be added.
 */
export type Body<T> = T extends string
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Body<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Body<T[Key]> | null | undefined } & Readonly<Record<string, unknown>>
      : T
