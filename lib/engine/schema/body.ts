/**
 * What may be written where `T` is read: every member at every depth may be left out or null.
 */
export type Body<T> = T extends string | number | bigint | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Body<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Body<T[Key]> | null | undefined }
      : T
