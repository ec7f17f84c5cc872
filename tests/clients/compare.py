"""Holds our document against what two other clients read of the same org. Run by .ci/clients."""

import json
import sys
from collections import Counter

document, *others = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsforce, simple = others

for part in jsforce:
    assert jsforce[part] == simple[part], f"the clients differ in {part}: {jsforce[part]} / {simple[part]}"
assert jsforce.keys() == simple.keys()

assert document["sync"]["org"]["id"] == jsforce["org"]
assert document["sync"]["runBy"]["userId"] == jsforce["user"]
compared = 0
for read in document["summary"]["read"]:
    # A query of ours that leaves rows out by its WHERE is no count of the object.
    if " WHERE " not in read["soql"]:
        assert read["rows"] == jsforce["counts"][read["object"]], read
        compared += 1
assert compared >= 10, compared
ids = [resource["id"] for resource in document["resources"]]
assert sorted(i["resource"] for i in ids if i["resourceType"] == "user") == sorted(jsforce["users"])
for kind, name in (("group", "Group"), ("role", "UserRole"), ("profile", "Profile"),
                   ("permission_set_group", "PermissionSetGroup")):
    assert sum(i["resourceType"] == kind for i in ids) == jsforce["counts"][name], kind
held = Counter(grant["entitlement"]["id"] for grant in document["grants"])
for role, users in jsforce["roles"].items():
    assert held[f"role:{role}:assigned"] == users, role
assert sum(n for entitlement, n in held.items() if entitlement.startswith("role:")) == sum(jsforce["roles"].values())
types = Counter(resource["annotations"][0]["profile"].get("user_type") for resource in document["resources"]
                if resource["id"]["resourceType"] == "user")
assert {str(name): n for name, n in types.items()} == {str(name).replace("null", "None"): n
                                                       for name, n in jsforce["types"].items()}, types
print(f"two clients and the document agree: {compared} objects, {len(jsforce['users']):,} users, "
      f"{len(jsforce['roles'])} roles, {sum(jsforce['counts'].values()):,} rows counted")
