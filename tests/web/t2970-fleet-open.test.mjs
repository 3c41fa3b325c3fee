// A company opens itself with its certificate; whoever claims one that is there waits for staff; what staff can do.
import assert from "node:assert/strict";
import test from "node:test";

import { Instance, newPhone, until, Visitor } from "./client.mjs";
import { companyTask, scriptLicence } from "./company.mjs";
import { importCompany, newCode, signInFleet } from "./fleet.mjs";

const instance = Instance.shared();
const company = () => ({ code: newCode(), name: `自立运输${Math.floor(Math.random() * 1e6)}有限公司` });
const members = (code) => instance.sql(`SELECT m.id, m.state FROM company_member m JOIN company c ON c.id = m.company_id WHERE c.code = '${code}' ORDER BY m.added_at`);
const ctl = (...words) => instance.ctl("company", ...words);
const refused = (...words) => ctl(...words).then(() => assert.fail("done"), (error) => error.stderr);

// Signed in, through the pages up to the last one.
async function toCheck(of, phone = newPhone()) {
	const v = await signInFleet(instance, phone, new Visitor(instance, { flow: "fleet/open" }));
	scriptLicence(instance, of);
	await v.get("/fleet/open/notice");
	await v.post("/fleet/open/notice");
	assert.equal(v.page.path, "/fleet/open/company");
	await companyTask(v);
	assert.equal(v.page.path, "/fleet/open/check", JSON.stringify(v.page.errors));
	instance.script("identity");
	return Object.assign(v, { phone });
}
async function opened(of, phone) {
	const v = await toCheck(of, phone);
	await v.post("/fleet/open/check");
	return v;
}

test("nobody opens a company without a phone that is proved", async () => {
	const v = new Visitor(instance);
	assert.equal((await v.get("/fleet/open/notice")).path, "/records/phone?to=fleet");
	await v.get("/");
	await v.get("/complaint");
	assert.equal((await v.send("/fleet/open/notice")).headers.location, "/fleet");
	assert.equal((await v.get("/fleet/open/company")).path, "/records/phone?to=fleet");
	v.close();
});

test("a company opens itself: its admin is there at once, not trusted, with no cars", async () => {
	const of = company(), v = await toCheck(of), before = v.cookies.get("__Host-sid");
	for (const words of [of.name, of.code, "核对并开通"]) assert.ok(v.page.has(words), words);
	assert.ok(!v.page.html.includes(v.phone));
	assert.equal(instance.value(`SELECT count(*) FROM company WHERE code = '${of.code}'`), "0", "not before the last page");
	await v.post("/fleet/open/check");
	assert.equal(v.page.path, "/fleet");
	assert.equal(v.page.heading, of.name);
	assert.ok(v.page.has("一共 0 辆") && v.page.has("由工作人员核对材料后再送到运营商"));
	assert.notEqual(v.cookies.get("__Host-sid"), before, "rights grew: a new session id");
	assert.deepEqual(instance.sql(`SELECT opened_by, trusted_at IS NULL FROM company WHERE code = '${of.code}'`), [["self", "t"]]);
	assert.equal(members(of.code)[0][1], "active");
	assert.equal(instance.value(`SELECT reason FROM company_member m, application_retention(m.application_id, 90) WHERE m.id = '${members(of.code)[0][0]}'`), "member");
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE action = 'company.opened' AND object = (SELECT 'company:' || id FROM company WHERE code = '${of.code}')`), "1");
	const again = await v.get("/fleet/open/done");
	assert.equal(again.path, "/fleet");
	v.close();
});

test("pressed twice, it is opened once", async () => {
	const of = company(), v = await toCheck(of);
	const answers = await Promise.all([v.send("/fleet/open/check"), v.send("/fleet/open/check")]);
	for (const answer of answers) assert.equal(answer.status, 303);
	assert.equal(members(of.code).length, 1);
	v.close();
});

test("a second claimant waits, sees nothing, and is let in by staff", async () => {
	const of = await importCompany(instance), v = await opened(of);
	assert.ok(v.page.has("正在核实您是不是这家企业的经办人"));
	const [, [id, state]] = members(of.code);
	assert.equal(state, "waiting");
	assert.equal((await v.send("/fleet/choose", { member: id })).headers.location, "/fleet/choose");
	assert.notEqual((await v.get("/fleet")).heading, of.name, "not let in");
	assert.ok((await ctl("list", "--waiting")).includes(of.code));
	const shown = await ctl("show", of.code);
	assert.ok(shown.includes(id) && shown.includes("waiting") && shown.includes("licence in application") && !shown.includes(v.phone));
	assert.ok((await refused("show", of.code, "--reveal")).includes("--reason"));
	assert.ok((await ctl("show", of.code, "--reveal", "--reason", "a call came")).includes(v.phone));
	assert.equal(instance.value(`SELECT detail->>'reason' FROM audit WHERE action = 'company.revealed' ORDER BY id DESC LIMIT 1`), "a call came");
	instance.sql(`UPDATE company SET closed_at = now() WHERE id = (SELECT company_id FROM company_member WHERE id = '${id}')`);
	assert.ok((await refused("admit", id)).includes("is closed"));
	instance.sql(`UPDATE company SET closed_at = NULL WHERE id = (SELECT company_id FROM company_member WHERE id = '${id}')`);
	assert.ok((await ctl("admit", id)).includes("may act"));
	await until("a message about it", () => instance.sms(v.phone).some((message) => message.template === "2000031"));
	assert.ok((await refused("admit", id)).includes("is active"));
	await v.get("/fleet");
	await v.post("/fleet/choose", { member: id });
	assert.equal(v.page.heading, of.name);
	assert.ok((await ctl("remove", id, "--reason", "left")).includes("may not act"));
	assert.ok(!(await v.get("/fleet")).html.includes(of.name));
	assert.equal(instance.value(`SELECT reason FROM company_member m, application_retention(m.application_id, 90) WHERE m.id = '${id}'`), "refused");
	v.close();
});

test("whoever was first cannot throw out one who waits: staff look at him", async () => {
	const of = company(), first = await opened(of), v = await opened(of);
	const [[own], [id, state]] = members(of.code);
	assert.equal(state, "waiting");
	await first.get("/fleet/members");
	assert.ok(first.page.has("等工作人员核实"));
	assert.ok(first.page.html.includes(`/fleet/members/${own}`) && !first.page.html.includes(`/fleet/members/${id}`), "nothing to press");
	assert.equal((await first.request("GET", `/fleet/members/${id}`)).status, 404);
	assert.equal((await first.send(`/fleet/members/${id}`)).status, 404);
	assert.equal(members(of.code)[1][1], "waiting");
	assert.ok((await ctl("list", "--waiting")).includes(of.code));
	assert.ok((await ctl("remove", id, "--reason", "nobody of theirs")).includes("may not act"), "staff turn him down");
	for (const one of [first, v]) one.close();
});

test("an admin who opens his company again changes nothing", async () => {
	const of = await importCompany(instance), [phone] = of.phones, v = await opened(of, phone);
	assert.equal(v.page.heading, of.name);
	assert.equal(members(of.code).length, 1);
	assert.equal(members(of.code)[0][1], "active");
	v.close();
});

test("a closed company is nobody's until it is open again", async () => {
	const of = await importCompany(instance), v = await signInFleet(instance, of.phones[0]);
	assert.equal(v.page.heading, of.name);
	v.flow = "fleet/register";
	await v.begin();
	assert.equal((await v.get("/fleet/register/cars")).path, "/fleet/register/cars", "in the middle of a batch");
	assert.ok((await ctl("close", of.code, "--reason", "bankrupt")).includes("is closed"));
	assert.notEqual((await v.get("/fleet/register/cars")).path, "/fleet/register/cars");
	for (const path of ["/fleet", "/fleet/members", "/fleet/add"]) assert.ok(!(await v.get(path)).html.includes(of.name), path);
	assert.ok((await refused("close", of.code, "--reason", "again")).includes("closed already"));
	await ctl("reopen", of.code, "--reason", "a mistake");
	assert.equal((await v.get("/fleet")).heading, of.name);
	v.close();
});

test("a phone opens so many companies a day and no more", async () => {
	const phone = newPhone(), v = await opened(company(), phone);
	instance.sql(`INSERT INTO attempt (kind, key, at) SELECT kind, key, at FROM attempt, generate_series(1, 4) WHERE kind = 'company.open' AND at = (SELECT max(at) FROM attempt WHERE kind = 'company.open')`);
	const of = company(), page = await opened(of, phone);
	assert.equal(page.page.status, 422);
	assert.ok(page.page.has("今天申请的次数较多"));
	assert.equal(members(of.code).length, 0);
	for (const one of [v, page]) one.close();
});
