// Reads the demo org with jsforce and prints what it found as JSON. Run by .ci/clients.
import assert from "node:assert/strict";
import jsforce from "jsforce";

const { url, client_id: clientId, client_secret: clientSecret } = process.env;
const version = "66.0";

async function refused(promise, code, says) {
    const error = await promise.then(
        (answer) => assert.fail(`not refused: ${JSON.stringify(answer).slice(0, 200)}`),
        (error) => error,
    );
    assert.equal(error.errorCode ?? error.name, code, error.message);
    assert.match(error.message, says);
}

// Log in.
const wrong = new jsforce.Connection({ version, oauth2: { loginUrl: url, clientId, clientSecret: "wrong" } });
await refused(wrong.authorize({ grant_type: "client_credentials" }), "invalid_client", /invalid client credentials/);
const org = new jsforce.Connection({ version, oauth2: { loginUrl: url, clientId, clientSecret } });
const user = await org.authorize({ grant_type: "client_credentials" });
assert.equal(org.instanceUrl, url);
const me = await org.identity();
assert.equal(me.user_id, user.id);
assert.equal(me.organization_id, user.organizationId);
const versions = await org.request("/services/data");
assert(versions.some((offered) => offered.version === version));

// Pages: followed by hand, then by the client itself.
async function pages(soql) {
    const rows = [];
    let page = await org.query(soql);
    const total = page.totalSize;
    for (;;) {
        assert.equal(page.totalSize, total);
        assert(page.records.length <= 2000);
        rows.push(...page.records);
        if (page.done) break;
        assert.equal(page.records.length, 2000);
        page = await org.queryMore(page.nextRecordsUrl);
    }
    assert.equal(rows.length, total);
    assert.equal(new Set(rows.map((row) => row.Id)).size, total);
    return rows;
}
const objects = ["User", "UserRole", "Profile", "PermissionSet", "PermissionSetGroup", "PermissionSetGroupComponent",
    "PermissionSetAssignment", "Group", "GroupMember", "QueueSobject", "UserLicense", "Organization", "MutingPermissionSet",
    "ConnectedApplication", "ExternalClientApplication", "BotDefinition", "PermissionSetLicense",
    "PermissionSetLicenseAssign"];
const counts = {};
for (const object of objects) {
    const count = await org.query(`SELECT COUNT() FROM ${object}`);
    assert.deepEqual(count.records, []);
    counts[object] = count.totalSize;
}
const users = await pages("SELECT Id, Username, Profile.Name, UserRole.Name FROM User ORDER BY Id");
assert(users.length > 2000);
assert.equal(users.length, counts.User);
assert.equal((await pages("SELECT Id FROM GroupMember ORDER BY Id")).length, counts.GroupMember);
const fetched = await org.query("SELECT Id FROM PermissionSetAssignment", { autoFetch: true, maxFetch: 1_000_000 });
assert.equal(fetched.records.length, counts.PermissionSetAssignment);

// A parent's field, a sub-select, a semi-join, aggregates.
assert(users.some((row) => row.UserRole?.attributes.type === "UserRole" && row.UserRole.Name));
const nested = await org.query("SELECT Id, (SELECT UserOrGroupId FROM GroupMembers) FROM Group WHERE Type = 'Queue'");
const members = nested.records.reduce((sum, group) => sum + (group.GroupMembers?.totalSize ?? 0), 0);
const flat = await org.query("SELECT COUNT() FROM GroupMember WHERE Group.Type = 'Queue'");
assert(members > 0);
assert.equal(members, flat.totalSize);
const joined = await org.query(
    "SELECT COUNT() FROM User WHERE Id IN (SELECT UserOrGroupId FROM GroupMember) AND IsActive = TRUE");
assert(joined.totalSize > 0 && joined.totalSize < users.length);
async function grouped(soql, key) {
    const answer = await org.query(soql, { autoFetch: true, maxFetch: 1_000_000 });
    assert(answer.records.every((row) => row.attributes.type === "AggregateResult"));
    return Object.fromEntries(answer.records.map((row) => [row[key], row.n]));
}
const roles = await grouped(
    "SELECT UserRoleId, COUNT(Id) n FROM User WHERE UserRoleId != NULL GROUP BY UserRoleId", "UserRoleId");
const types = await grouped("SELECT UserType, COUNT(Id) n FROM User GROUP BY UserType", "UserType");

// One record, in the client's own ways.
const first = await org.sobject("User").retrieve(users[0].Id);
assert.equal(first.Username, users[0].Username);
const found = await org.sobject("User").find({ Username: first.Username }, ["Id"]).limit(2);
assert.deepEqual(found.map((row) => row.Id), [first.Id]);

// Describes, limits.
const listed = (await org.describeGlobal()).sobjects.map((object) => object.name).sort();
const fields = {};
for (const object of objects) {
    const described = await org.describe(object);
    assert.equal(described.name, object);
    assert(listed.includes(object));
    fields[object] = described.fields.map((field) => field.name).sort();
}
const limits = await org.limits();
assert(limits.DailyApiRequests.Remaining < limits.DailyApiRequests.Max);
assert(org.limitInfo.apiUsage.used > 0);

// What must fail.
await refused(org.query("SELECT Nope FROM User"), "INVALID_FIELD", /No such column 'Nope' on entity 'User'/);
await refused(org.query("SELECT Id FROM Nope"), "INVALID_TYPE", /Nope/);
await refused(org.query("SELECT Id FROM User WHERE"), "MALFORMED_QUERY", /./);
await refused(org.queryMore(`/services/data/v${version}/query/01g000000000000AAA-2000`), "INVALID_QUERY_LOCATOR", /./);
await refused(org.describe("Nope"), "NOT_FOUND", /./);
await refused(org.sobject("User").retrieve("005000000000000AAA"), "NOT_FOUND", /./);
const stranger = new jsforce.Connection({ version, instanceUrl: url, accessToken: "00Dx!nope" });
await refused(stranger.query("SELECT Id FROM User"), "INVALID_SESSION_ID", /expired or invalid/);

console.log(JSON.stringify({ org: user.organizationId, user: user.id, counts, users: users.map((row) => row.Id),
    members, joined: joined.totalSize, roles, types, listed, fields }));
