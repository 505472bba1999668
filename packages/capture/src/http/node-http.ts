// Not imported: an ES import of node:http looks at every export, and one of them starts Node's undici (40 ms).

/** Node's own http module. */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http')

/** Node's own https module. */
export const https: typeof import('node:https') = process.getBuiltinModule('node:https')
