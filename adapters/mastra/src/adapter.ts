import type { Adapter } from 'holdfast'

/** Ties Mastra to Holdfast. */
export const adapter: Adapter = { name: 'mastra', targets: [] }
