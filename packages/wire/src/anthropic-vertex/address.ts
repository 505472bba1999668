import type { AddressRules } from '../request/retarget.ts'

/** Base URLs and keys as Anthropic's Vertex SDK takes them: with the version, and an access token of Google's. */
export const address: AddressRules = {
  suffix(path, base) {
    const project = path.lastIndexOf('/projects/')
    const version = /\/(v1(?:beta\d*)?)\/projects\//.exec(path)
    if (/\/v1(beta\d*)?$/.test(base) || version === null) return path.slice(Math.max(0, project))
    return path.slice(version.index)
  },
  keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
}
