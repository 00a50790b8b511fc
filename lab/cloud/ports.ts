/** The usual ones: nobody else is in the cloud's network. */
export const PORTS = {
  keystone: 5000,
  glance: 9292,
  placement: 8778,
  neutron: 9696,
  nova: 8774,
  trove: 8779,
  volumes: 8776,
  amqp: 5672,
  mariadb: 3306,
} as const
