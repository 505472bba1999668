import type { HttpResponse } from '@holdfast/core'
import type { RawBody } from './raw-body.ts'

/** What one layer knows of the answers that came over it from the network. */
export class Networks<Network extends { readonly raw: RawBody }> {
  readonly #networks = new WeakMap<HttpResponse, Network>()

  add(response: HttpResponse, network: Network): void {
    this.#networks.set(response, network)
  }

  /** The answer from the network that this response is, or was made from. */
  of(response: HttpResponse): Network | undefined {
    for (let at: HttpResponse | undefined = response; at !== undefined; at = at.from) {
      const network = this.#networks.get(at)
      if (network !== undefined) return network
    }
    return undefined
  }

  /** True where the handler left the answer as it came. */
  isUntouched(response: HttpResponse): boolean {
    return this.#networks.get(response)?.raw.touched === false
  }
}
