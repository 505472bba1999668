import type { Agent } from 'node:http'

// Not imported: an ES import of node:http looks at every export, and one of them starts Node's undici (40 ms).

/** Node's own http module. */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http')

/** The agent that node:https uses by itself. */
export function httpsAgent(): Agent {
  // Loaded when it is needed: TLS takes a while.
  return process.getBuiltinModule('node:https').globalAgent
}
