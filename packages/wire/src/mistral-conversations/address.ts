import type { AddressRules } from '../request/retarget.ts'

/** Base URLs and keys as Mistral's SDK takes them: the version belongs to the path, not to the base. */
export const address: AddressRules = {
  suffix: (_path, base) => (base.endsWith('/v1') ? '/conversations' : '/v1/conversations'),
  keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
}
