import type { AddressRules } from '../request/retarget.ts'

/** Base URLs as Ollama's SDK takes them: the host alone. Only ollama.com wants a key. */
export const address: AddressRules = {
  suffix: (path) => path.slice(path.lastIndexOf('/api/')),
  keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
}
