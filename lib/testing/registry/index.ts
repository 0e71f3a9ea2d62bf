// The model registry: the Distribution API in memory. Withheld: how it stores and answers.
export type { ImageSpec, IndexSpec, LayerSpec } from './image.ts'
export { layer, type LayerFile } from './layer.ts'
export { modelRegistry, type ModelRegistry, type ModelRegistryOptions, type RegistryCall } from './registry.ts'
export type { RegistryRequest, Trouble } from './trouble.ts'
