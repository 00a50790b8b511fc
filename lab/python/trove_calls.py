"""trove_calls.py VERB --config-file trove.conf: what trove-manage, trove-api and trove-taskmanager do, through Trove's own code.

tables    the database's tables
setup     the same, a datastore and its version
create    the rows of an instance as trove-api writes them; answers with the files that Trove injects into its guest
prepare   the message that trove-taskmanager sends to the guest's agent
ask       the message that trove-api sends to trove-taskmanager
time_out  what trove-taskmanager writes down when an instance has not come up within usage_timeout

Arguments come as JSON on stdin, the answer goes as JSON to stdout.
"""
import eventlet

eventlet.monkey_patch(all=True)

import inspect
import json
import os
import sys
from types import SimpleNamespace

# Trove's libraries print to stdout as they please; the answer goes where stdout was
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

# Python 3.11 removed it; Trove 18.0.0 still uses it
if not hasattr(inspect, "getargspec"):
    inspect.getargspec = inspect.getfullargspec

from oslo_log import log as logging
from trove.common import cfg

CONF = cfg.CONF
TENANT = "t" * 32
FLAVOR = {"ram": 512}


def main():
    verb = sys.argv.pop(1)
    arguments = json.load(sys.stdin)
    logging.register_options(CONF)
    cfg.parse_args(sys.argv)
    logging.setup(CONF, "lab")
    from trove.db import get_db_api

    if verb in ("tables", "setup"):
        get_db_api().db_sync(CONF)
    get_db_api().configure_db(CONF)
    answer = {"tables": dict, "setup": setup, "create": create, "prepare": prepare, "ask": ask, "time_out": time_out}[verb](**arguments)
    json.dump(answer, answers)


def setup(manager, version):
    from trove.datastore import models
    from trove.version import version_info

    models.update_datastore(manager, "")
    models.update_datastore_version(manager, version, manager, "", "trove", "", 1, version=version)
    models.update_datastore(manager, version)
    return {"trove": version_info.release_string()}


def create(name, manager, version):
    from trove.instance import models, service_status, tasks

    instance = models.DBInstance.create(
        name=name, flavor_id="1", tenant_id=TENANT, volume_size=1, datastore_version_id=load_version(manager, version).id,
        task_status=tasks.InstanceTasks.BUILDING, region_id="RegionOne")
    models.InstanceServiceStatus.create(instance_id=instance.id, status=service_status.ServiceStatuses.NEW)
    # the method asks its object for no more than these two
    guest = SimpleNamespace(id=instance.id, tenant_id=instance.tenant_id)
    files = models.Instance.get_injected_files(guest, manager, version)
    return {
        "id": instance.id,
        "files": [{"path": path, "content": content} for path, content in files.items()],
        "user_data": models.Instance.prepare_cloud_config(guest, files),
    }


def prepare(id, manager, version, databases, users, changed):
    from trove import rpc
    from trove.common import template
    from trove.common.context import TroveContext
    from trove.common.notification import DBaaSInstanceCreate
    from trove.guestagent import api

    rpc.init(CONF)
    context = TroveContext(user="lab", project_id=TENANT, is_admin=True)
    # the agent ends the notification that trove-api began
    context.notification = DBaaSInstanceCreate(
        context, request_id=context.request_id, server_type="taskmanager", client_ip="127.0.0.1", server_ip="127.0.0.1", tenant_id=TENANT)
    config = template.SingleInstanceConfigTemplate(load_version(manager, version), FLAVOR, id)
    config.render()
    client = api.API(context, id)
    if "version" in changed:
        # what a taskmanager of a newer release would send
        cast = client._cast
        client.client.version_cap = changed["version"]
        client._cast = lambda method, version, **arguments: cast(method, version=changed["version"], **arguments)
    client.prepare(
        FLAVOR["ram"], "", databases, users, device_path="/dev/vdb", mount_point=CONF.get(manager).mount_point,
        config_contents=config.config_contents + changed.get("config", ""), ds_version=version)
    return {}


def ask(id, manager, version):
    from trove import rpc
    from trove.common.context import TroveContext
    from trove.taskmanager import api

    rpc.init(CONF)
    context = TroveContext(user="lab", project_id=TENANT, is_admin=True)
    taskmanager = api.API(context)
    taskmanager._transform_obj = lambda flavor: flavor
    taskmanager.create_instance(id, "db-1", FLAVOR, "", [], [], manager, "", 1, ds_version=version)
    return {}


def time_out(id, manager, version):
    # trove.taskmanager.models.FreshInstanceTasks.update_statuses_on_failure, whose object would ask Nova
    from trove.instance import models, service_status, tasks

    service = models.InstanceServiceStatus.find_by(instance_id=id)
    service.set_status(service_status.ServiceStatuses.FAILED_TIMEOUT_GUESTAGENT)
    service.save()
    instance = models.DBInstance.find_by(id=id)
    instance.set_task_status(tasks.InstanceTasks.BUILDING_ERROR_TIMEOUT_GA)
    instance.save()
    models.save_instance_fault(id, "Polling request timed out.", "trove.common.exception.PollTimeOut: Polling request timed out.")
    return {}


def load_version(manager, version):
    from trove.datastore import models

    return models.DatastoreVersion.load(models.Datastore.load(manager), version)


main()
