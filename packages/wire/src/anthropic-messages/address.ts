import type { AddressRules } from '../request/retarget.ts'

/** Base URLs and keys as Anthropic's SDK takes them: the version belongs to the path, not to the base. */
export const address: AddressRules = {
  suffix(path, base) {
    const ending = path.slice(path.lastIndexOf('/messages'))
    return base.endsWith('/v1') ? ending : `/v1${ending}`
  },
  keyHeaders: (apiKey) => ({ 'x-api-key': apiKey, authorization: undefined }),
}
