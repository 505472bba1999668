import type { Adapter } from 'holdfast'

/** Ties mcp to Holdfast. */
export const adapter: Adapter = { name: 'mcp', targets: [] }
