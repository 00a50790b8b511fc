"""register.py: fills Keystone with users, projects, services and endpoints, as JSON on stdin says."""
import json
import sys

from keystoneauth1 import session
from keystoneauth1.identity import v3
from keystoneclient.v3 import client

wanted = json.load(sys.stdin)
password = v3.Password(
    wanted["auth_url"], username="admin", password=wanted["admin"], project_name="admin", user_domain_id="default", project_domain_id="default")
keystone = client.Client(session=session.Session(auth=password))
roles = {role.name: role for role in keystone.roles.list()}


def user(account, project, role):
    made = keystone.users.create(account["name"], password=account["password"], default_project=project)
    keystone.roles.grant(roles[role], user=made, project=project)


service = keystone.projects.create("service", "default")
for account in wanted["services"]:
    user(account, service, "admin")
for account in wanted["people"]:
    user(account, keystone.projects.create(account["name"], "default"), "member")
for endpoint in wanted["endpoints"]:
    made = keystone.services.create(endpoint["name"], type=endpoint["type"])
    for interface in ("public", "internal", "admin"):
        keystone.endpoints.create(made, endpoint["url"], interface, wanted["region"])
