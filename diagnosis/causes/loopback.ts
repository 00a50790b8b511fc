/** Whether an address means the guest itself: a matter of the network (C6), whatever the port answers. */
export function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|ip6-localhost|.*\.localhost|localhost\.localdomain|127\..*|0\.0\.0\.0|::1|::)$/i.test(host)
}
