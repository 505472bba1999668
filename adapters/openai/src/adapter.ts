import type { Adapter } from 'holdfast'

/** Ties openai to Holdfast. */
export const adapter: Adapter = { name: 'openai', targets: [] }
