/** The path of an absolute URL, without query, fragment and closing slash; no URL object is built. */
export function pathOf(url: string): string {
  const scheme = url.indexOf('//')
  const start = url.indexOf('/', scheme < 0 ? 0 : scheme + 2)
  return start < 0 ? '' : url.slice(start, pathEnd(url))
}

/** The place in the URL where its path ends, a closing slash left out. */
export function pathEnd(url: string): number {
  let end = url.indexOf('?')
  if (end < 0) {
    end = url.indexOf('#')
    if (end < 0) end = url.length
  }
  return end > 0 && url.charCodeAt(end - 1) === 47 ? end - 1 : end
}
