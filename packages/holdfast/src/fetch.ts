import { activeHoldfast } from './instrument.ts'

/**
 * fetch with every policy of the Holdfast that is on, to pass where a client wants one: `new OpenAI({ fetch })`.
 * While none is on it is the global fetch.
 */
export const fetch: typeof globalThis.fetch = function fetch(...request) {
  return (activeHoldfast()?.fetch ?? globalThis.fetch)(...request)
}
