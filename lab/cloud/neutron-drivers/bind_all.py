"""An ML2 mechanism driver that binds every port as Nova's vif type "bridge", on the host's bridge that is named like its network."""
from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api


class BindAll(api.MechanismDriver):
    def initialize(self):
        pass

    @property
    def connectivity(self):
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        details = {portbindings.CAP_PORT_FILTER: False, "bridge_name": "br-" + context.network.current["name"]}
        context.set_binding(
            context.segments_to_bind[0][api.ID], portbindings.VIF_TYPE_BRIDGE, details, status=constants.PORT_STATUS_ACTIVE)
