import type { Adapter } from 'holdfast'

/** Ties anthropic to Holdfast. */
export const adapter: Adapter = { name: 'anthropic', targets: [] }
