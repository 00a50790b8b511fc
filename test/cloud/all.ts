// `npm run test:cloud`: all that is tried in the whole cloud, in one. The newcomer's path comes first: it begins with nothing.
import { globSync } from 'node:fs'
import { inOneCloud } from './in-one-cloud.ts'

const FIRST = 'path'

const names = globSync('*.test.ts', { cwd: import.meta.dirname }).map((file) => file.replace(/\.test\.ts$/, '')).sort()
await inOneCloud([FIRST, ...names.filter((name) => name !== FIRST)])
