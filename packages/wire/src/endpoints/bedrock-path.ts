import { pathOf } from './path.ts'

/** What Bedrock does with a model, as its address says it. */
export interface BedrockPath {
  readonly model: string
  readonly method: string
}

/** Model and method out of `/model/<model>/<method>`; undefined for another address. */
export function bedrockPath(url: string): BedrockPath | undefined {
  const path = pathOf(url)
  const methodAt = path.lastIndexOf('/')
  const modelAt = path.lastIndexOf('/', methodAt - 1)
  if (modelAt < 0 || !path.endsWith('/model', modelAt)) return undefined
  return { model: decoded(path.slice(modelAt + 1, methodAt)), method: path.slice(methodAt + 1) }
}

/** The address with another model or method. */
export function withBedrockPath(url: string, { model, method }: BedrockPath): string {
  const start = url.indexOf(pathOf(url))
  const before = url.slice(0, start)
  const after = url.slice(start)
  return (
    before +
    after.replace(/\/model\/[^/?#]+\/[^/?#]+/, () => {
      return `/model/${encodeURIComponent(model)}/${method}`
    })
  )
}

function decoded(source: string): string {
  try {
    return decodeURIComponent(source)
  } catch {
    return source
  }
}
