import { knownProvider } from '../endpoints/provider.ts'
import type { AddressRules } from '../request/retarget.ts'

/** Base URLs and keys as Google's SDK takes them: the version belongs to the path, not to the base. */
export const address: AddressRules = {
  suffix(path, base) {
    const model = path.slice(path.lastIndexOf('/models/'))
    if (/\/v1(alpha|beta\d*)?$/.test(base)) return model
    // Vertex AI, where version, project and location stand before it.
    if (/\/publishers\/[^/]+$/.test(base)) return model
    const version = /\/(v1(?:alpha|beta\d*)?)\//.exec(path)
    // Project and location are Vertex AI's; the Gemini API knows the model alone.
    if (knownProvider(base) === 'gcp.gemini') return `/v1beta${model}`
    return version ? path.slice(version.index) : `/v1beta${model}`
  },
  keyHeaders: (apiKey, request) =>
    /[?&]key=/.test(request.url)
      ? { authorization: undefined, 'x-goog-api-key': undefined }
      : { 'x-goog-api-key': apiKey, authorization: undefined },
}
