/** Node's file system. Not imported: an ES import looks at every export, and some of them load a good deal more (5 ms). */
export const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs')
