import type { Hold, InstallOptions, Layers, Patch } from './hold.ts'
import { patchFetch } from './fetch/patch-fetch.ts'
import { observe } from './observe.ts'
import { http } from './http/node-http.ts'
import { patchHttp } from './http/patch-http.ts'
import { dispatcherWatch, patchUndici, watchModules } from './undici/patch-undici.ts'

/** The layers of this process, each put in place once and only where somebody wants it. */
export function processLayers(): Layers {
  const changed = dispatcherWatch()
  let observing = false
  return {
    install(hold: Hold, { realm, eager }: InstallOptions): readonly Patch[] {
      const patches: (Patch | undefined)[] = []
      if (hold.claimants.fetch.length > 0) patches.push(patchFetch(hold, realm))
      if (hold.claimants.undici.length > 0) {
        if (eager) wakeUndici()
        patches.push(...patchUndici(hold, realm), watchModules(hold))
      }
      if (hold.claimants.http.length > 0) patches.push(patchHttp(hold))
      if (!observing) {
        observing = true
        const observer = observe(hold)
        patches.push({
          restore() {
            observing = false
            observer.restore()
          },
        })
      }
      changed(realm)
      return patches.filter((patch) => patch !== undefined)
    },
    changed,
  }
}

/** Node loads its undici when it is first needed; its classes cannot be reached before. */
function wakeUndici(): void {
  // The least that loads it, and nobody sees it.
  void http.WebSocket
}
