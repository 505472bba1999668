import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

// The clients that capture is tested against are installed beside it.
const require = createRequire(new URL('../../packages/capture/package.json', import.meta.url))

/** Loads a client package as an application would import it. */
export async function importClient<Client>(name: string): Promise<Client> {
  return (await import(pathToFileURL(require.resolve(name)).href)) as Client
}
