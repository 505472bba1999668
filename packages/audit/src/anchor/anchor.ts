import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { claimFile, HoldfastError } from '@holdfast/core'
import type { AuditHead } from './head.ts'

/**
 * Where heads go: a file, best where this process may only append; an `https://` address, or `http://` on this machine,
 * that takes each as a POST of JSON; or a function.
 */
export type AnchorPlace = string | ((head: AuditHead) => void | Promise<void>)

/** Takes a head. A promise where that takes its time. */
export type Anchor = (head: AuditHead) => void | Promise<void>

/** @throws HoldfastError OPTIONS_INVALID for an address that others could listen to, STORE_UNUSABLE for a file of others */
export function openAnchor(place: AnchorPlace): Anchor {
  if (typeof place === 'function') return place
  return /^[a-z][a-z\d+.-]*:\/\//i.test(place) ? webhook(place) : file(resolve(place))
}

function file(path: string): Anchor {
  claimFile(path)
  return function anchorInFile(head) {
    // A line of its own, also behind a piece that a killed process has left.
    appendFileSync(path, `\n${JSON.stringify(head)}\n`, { mode: 0o600 })
  }
}

const timeoutMs = 5_000

function webhook(address: string): Anchor {
  const url = URL.parse(address)
  const isOurs = url !== null && /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(url.hostname)
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && isOurs))) {
    throw new HoldfastError(
      'OPTIONS_INVALID',
      'audit.anchor is a file, a function, an https:// address, or an http:// address of this machine',
    )
  }
  return async function anchorByWebhook(head) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(head),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`${url.host} answered ${response.status}`)
  }
}
