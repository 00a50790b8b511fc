import t from 'tap'
import { opensAndCloses } from './opens-and-closes.ts'

t.test("with nftables, a guest gets out and at the control plane's ports from apply until remove, which leaves no trace", (t) => opensAndCloses(t, 'nftables'))
