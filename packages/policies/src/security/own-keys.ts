import { closed } from './decide.ts'
import { OwnKeys } from './keys/own-keys.ts'
import type { SecurityParts } from './options.ts'
import { OwnKeyCutter } from './redaction/own-key-cutter.ts'
import type { Security } from './security.ts'

export type { SecurityParts } from './options.ts'
export type { Security } from './security.ts'

/**
 * Keys of this process are kept from models, and nothing else is done: what applies where nobody asks for more.
 * @throws HoldfastError CALL_REFUSED where a key stands where it cannot be taken out
 */
export function keepOwnKeys({
  environment,
  bug,
}: Pick<SecurityParts, 'environment' | 'bug'> = {}): Security {
  const cutter = new OwnKeyCutter(new OwnKeys(environment === undefined ? {} : { environment }))
  return {
    llm: async function ownKeys(call, next) {
      return next(closed('security.redaction', () => cutter.cut(call), bug))
    },
    tool: (call, next) => next(call),
    added: [],
    attempt: [],
    mayAsk: () => true,
    permit: () => undefined,
    reveal: (text) => text,
    failsClosed: false,
    mayNotGoOut: (http) => cutter.hasChanged(http),
  }
}
