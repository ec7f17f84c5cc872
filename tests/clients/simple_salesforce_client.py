"""Reads the demo org with simple-salesforce and prints what it found as JSON. Run by .ci/clients."""

import json
import os
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

URL = os.environ["url"]
VERSION = "66.0"
DOMAIN = "acme.my"


class ToDemoOrg(HTTPAdapter):
    """The client only speaks HTTPS to salesforce.com or to the instance: its requests go to the demo org instead."""

    def send(self, request, *args, **kwargs):
        host = urlsplit(request.url).netloc
        assert host in (f"{DOMAIN}.salesforce.com", urlsplit(URL).netloc), f"a request to {host}"
        request.url = URL + request.url.split(host, 1)[1]
        return super().send(request, *args, **kwargs)


def session():
    one = requests.Session()
    one.trust_env = False
    one.mount("https://", ToDemoOrg())
    return one


def refused(call, kind, code):
    try:
        answer = call()
    except kind as error:
        content = getattr(error, "content", None)
        found = content[0]["errorCode"] if isinstance(content, list) else getattr(error, "code", None)
        assert found == code, f"{found} instead of {code}: {error}"
        return
    raise AssertionError(f"not refused: {answer}")


def log_in(secret):
    return Salesforce(consumer_key=os.environ["client_id"], consumer_secret=secret, domain=DOMAIN, version=VERSION,
                      session=session())


# Log in.
refused(lambda: log_in("wrong"), SalesforceAuthenticationFailed, "invalid_client")
org = log_in(os.environ["client_secret"])
me = org.oauth2("userinfo")
identity = me["user_id"], me["organization_id"]

# Pages: those of the client's own loops.
OBJECTS = ["User", "UserRole", "Profile", "PermissionSet", "PermissionSetGroup", "PermissionSetGroupComponent",
           "PermissionSetAssignment", "Group", "GroupMember", "QueueSobject", "UserLicense", "Organization",
           "MutingPermissionSet", "ConnectedApplication", "ExternalClientApplication", "BotDefinition",
           "PermissionSetLicense", "PermissionSetLicenseAssign"]
counts = {name: org.query(f"SELECT COUNT() FROM {name}")["totalSize"] for name in OBJECTS}
first_page = org.query("SELECT Id, Username FROM User ORDER BY Id")
assert not first_page["done"] and len(first_page["records"]) == 2000
assert len(org.query_more(first_page["nextRecordsUrl"], identifier_is_url=True)["records"]) == 2000
users = [row["Id"] for row in org.query_all("SELECT Id FROM User ORDER BY Id")["records"]]
assert len(set(users)) == len(users) == counts["User"] > 2000
for name in ("GroupMember", "PermissionSetAssignment"):
    ids = {row["Id"] for row in org.query_all_iter(f"SELECT Id FROM {name}")}
    assert len(ids) == counts[name], name
assert len(org.query_all("SELECT Id FROM User", include_deleted=True)["records"]) == counts["User"]

# A sub-select, a semi-join, aggregates.
nested = org.query_all("SELECT Id, (SELECT UserOrGroupId FROM GroupMembers) FROM Group WHERE Type = 'Queue'")
members = sum(row["GroupMembers"]["totalSize"] for row in nested["records"] if row["GroupMembers"])
joined = org.query("SELECT COUNT() FROM User WHERE Id IN (SELECT UserOrGroupId FROM GroupMember) AND IsActive = TRUE")


def grouped(soql, key):
    return {row[key]: row["n"] for row in org.query_all(soql)["records"]}


roles = grouped("SELECT UserRoleId, COUNT(Id) n FROM User WHERE UserRoleId != NULL GROUP BY UserRoleId", "UserRoleId")
types = grouped("SELECT UserType, COUNT(Id) n FROM User GROUP BY UserType", "UserType")

# One record, describes, limits.
assert org.User.get(users[0])["Username"] == first_page["records"][0]["Username"]
listed = sorted(described["name"] for described in org.describe()["sobjects"])
fields = {name: sorted(field["name"] for field in getattr(org, name).describe()["fields"]) for name in OBJECTS}
assert org.User.metadata()["objectDescribe"]["name"] == "User"
assert org.limits()["DailyApiRequests"]["Max"] > 0
assert org.api_usage["api-usage"].used > 0

# What must fail.
refused(lambda: org.query("SELECT Nope FROM User"), SalesforceMalformedRequest, "INVALID_FIELD")
refused(lambda: org.query("SELECT Id FROM Nope"), SalesforceMalformedRequest, "INVALID_TYPE")
refused(lambda: org.query("SELECT Id FROM User WHERE"), SalesforceMalformedRequest, "MALFORMED_QUERY")
refused(lambda: org.query_more("01g000000000000AAA-2000"), SalesforceMalformedRequest, "INVALID_QUERY_LOCATOR")
refused(lambda: org.Nope.describe(), SalesforceResourceNotFound, "NOT_FOUND")
refused(lambda: org.User.get("005000000000000AAA"), SalesforceResourceNotFound, "NOT_FOUND")
stranger = Salesforce(instance_url=URL, session_id="00Dx!nope", version=VERSION, session=session())
refused(lambda: stranger.query("SELECT Id FROM User"), SalesforceExpiredSession, "INVALID_SESSION_ID")

print(json.dumps({"org": identity[1], "user": identity[0], "counts": counts, "users": users, "members": members,
                  "joined": joined["totalSize"], "roles": roles, "types": types, "listed": listed, "fields": fields}))
