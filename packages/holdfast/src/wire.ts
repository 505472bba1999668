import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

type Wire = typeof import('@holdfast/wire')

let loaded: Wire | undefined

/** What is known of providers' formats: a third of all that Holdfast is, loaded when a model is called. */
export function wire(): Wire {
  return (loaded ??= require('@holdfast/wire') as Wire)
}
