import { knownAdapters } from '../../adapters/known-adapters.ts'
import { providerClients } from './provider-clients.ts'

/** The packages of frameworks and providers that Holdfast knows. */
export const coveredPackages: ReadonlySet<string> = new Set([
  ...Object.keys(providerClients),
  ...knownAdapters.flatMap(({ packages }) => packages),
])
