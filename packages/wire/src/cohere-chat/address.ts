import type { AddressRules } from '../request/retarget.ts'

/** Base URLs and keys as Cohere's SDK takes them: the version belongs to the path, not to the base. */
export const address: AddressRules = {
  suffix(path, base) {
    const ending = path.slice(path.lastIndexOf('/v2/'))
    return base.endsWith('/v2') ? ending.slice('/v2'.length) : ending
  },
  keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
}
