import type { Adapter } from 'holdfast'

/** Ties bedrock to Holdfast. */
export const adapter: Adapter = { name: 'bedrock', targets: [] }
