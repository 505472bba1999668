import type { Adapter } from 'holdfast'

/** Ties the framework to Holdfast. */
export const adapter: Adapter = { name: 'llamaindex', targets: [] }
