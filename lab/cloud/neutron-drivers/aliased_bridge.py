"""An interface driver for Neutron's L3 agent: each port goes on the host's bridge whose alias is the id of the port's network."""
import glob
import os

from neutron.agent.linux import interface
from neutron.privileged.agent.linux import ip_lib
from neutron_lib import constants


class AliasedBridge(interface.BridgeInterfaceDriver):
    def plug_new(self, network_id, port_id, device_name, mac_address, bridge=None, namespace=None, prefix=None, mtu=None):
        super().plug_new(network_id, port_id, device_name, mac_address, bridge, namespace, prefix, mtu)
        end = device_name.replace(prefix or self.DEV_NAME_PREFIX, constants.TAP_DEVICE_PREFIX)
        ip_lib.set_link_bridge_master(end, bridge_of(network_id))


def bridge_of(network_id):
    for alias in glob.glob("/sys/class/net/br-*/ifalias"):
        with open(alias) as file:
            if file.read().strip() == network_id:
                return os.path.basename(os.path.dirname(alias))
    raise RuntimeError("no bridge has the alias " + network_id)
