import type { Adapter } from 'holdfast'

/** Ties the AI SDK to Holdfast. */
export const adapter: Adapter = { name: 'ai-sdk', targets: [] }
