// 责任人: consents and is verified on a phone that is reached by code or short message, while the desk waits; his name is what is verified.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { Instance, newPhone, until, Visitor } from "./client.mjs";
import { allTasks, newCompany, scriptLicence, signedIn } from "./company.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("identity"));

async function atTasks() {
	const company = newCompany(instance), v = await signedIn(instance, company);
	scriptLicence(instance, company);
	await v.begin();
	return v;
}
const draft = (v) => `(SELECT a.id FROM application a WHERE a.company_id = '${v.company.id}' ORDER BY a.created_at DESC LIMIT 1)`;

async function open(path) {
	const phone = new Visitor(instance, { flow: "fleet/register", userAgent: "phone" });
	await phone.get(path);
	return phone;
}

test("by short message to the responsible person's phone: consent and clip there, the desk goes on by itself", async () => {
	const v = await atTasks();
	await allTasks(v);
	assert.equal(v.page.path, "/fleet/register/consent", v.page.text);
	assert.ok(v.page.has("发短信到") && v.page.has("责任人本人办"), v.page.text);
	await v.post("/fleet/register/handover/consent", { action: "sms" });
	assert.ok(v.page.has("短信已发到责任人手机"), v.page.text);
	const sent = await until("the link", () => instance.sms(v.person.telephone).find((m) => m.template === "2000034"));
	assert.ok(!instance.value(`SELECT array_to_string(parameters, ',') FROM sms_message WHERE template = 'handover' AND application_id = ${draft(v)}`), "the token stands in no row");
	const desk = await v.request("GET", "/fleet/register/consent");
	const again = desk.status === 303 ? desk.headers.location : "/fleet/register/consent";
	const phone = await open(`/c/${sent.parameters[0]}`);
	assert.ok(phone.page.has(v.company.name), "who it is for");
	await phone.post(phone.page.path);
	assert.equal(phone.page.path, "/fleet/register/consent");
	for (const path of ["/fleet/register/tasks", "/fleet/register/company", "/fleet/register/letter", "/fleet/register/identity", "/fleet/register/print/letter"])
		assert.notEqual((await phone.request("GET", path)).status, 200, `${path} is not the phone's`);
	await phone.consent();
	assert.equal(phone.page.path, "/fleet/register/liveness", phone.page.text);
	await phone.clip();
	await until("it is verified", () => instance.value(`SELECT liveness_passed_at IS NOT NULL FROM application WHERE id = ${draft(v)}`) === "t");
	const json = await until("the desk is sent on", async () => {
		const page = await v.json(again);
		return page.status === 200 && !page.json.waiting && page.json;
	});
	await v.get(json.location);
	assert.match(v.page.path, /^\/fleet\/register\/agreements/);
	const asked = instance.received("identity").filter((m) => m.action === "LivenessRecognition").at(-1);
	assert.equal(JSON.parse(asked.body).Name, v.person.name);
	assert.equal(instance.value(`SELECT role FROM evidence WHERE application_id = ${draft(v)} AND purpose = 'portrait'`), "responsible_person");
	assert.equal(instance.value(`SELECT string_agg(DISTINCT role, ',') FROM evidence WHERE application_id = ${draft(v)} AND purpose LIKE 'certificate%'`), "responsible_person");
	v.close();
	phone.close();
});

test("by code: both sides of the certificate on the phone, one after the other; the desk is in the same task", async () => {
	const v = await atTasks();
	await v.get("/fleet/register/front");
	await v.post("/fleet/register/handover/front", { action: "show" });
	const link = v.page.html.match(/\/c\/([A-Za-z0-9_-]{24})/)[1];
	const phone = await open(`/c/${link}`);
	await phone.post(`/c/${link}`);
	assert.equal(phone.page.path, "/fleet/register/front");
	await phone.picture("front", jpeg(String(Math.random())));
	await phone.get("/handover");
	assert.ok(phone.page.html.includes("/fleet/register/back"), phone.page.text);
	await phone.picture("back", jpeg(String(Math.random())));
	assert.ok(phone.page.has("电脑上会自动继续"), phone.page.text);
	await v.get("/fleet/register/front");
	await v.get("/fleet/register/identity");
	assert.equal(v.page.path, "/fleet/register/identity");
	v.close();
	phone.close();
});

test("a phone that took over a step signs in to its company, even when its session has run out and is still there", async () => {
	const v = await atTasks();
	await v.get("/fleet/register/front");
	await v.post("/fleet/register/handover/front", { action: "show" });
	const link = v.page.html.match(/\/c\/([A-Za-z0-9_-]{24})/)[1], phone = await open(`/c/${link}`), number = newPhone();
	instance.remember(number);
	await phone.post(`/c/${link}`);
	assert.equal(phone.page.path, "/fleet/register/front");
	await phone.get("/records/phone?to=fleet");
	await phone.post("/records/phone?to=fleet", { phone: number });
	instance.sql(`INSERT INTO company_member (id, company_id, phone_hash, phone_hash_key, state, added_by) SELECT gen_random_uuid(), '${v.company.id}', phone_hash, phone_hash_key, 'active', 'import' FROM session WHERE handover_id IS NOT NULL AND application_id = ${draft(v)}`);
	await phone.post("/records/code?to=fleet", { code: await instance.code(number) });
	assert.deepEqual([phone.page.path, phone.page.heading], ["/fleet", v.company.name]);
	assert.notEqual((await phone.get("/fleet/register/front")).path, "/fleet/register/front", "the desk's draft is not its own any more");
	phone.close();

	const again = await open("/");
	await v.get("/fleet/register/front");
	await v.post("/fleet/register/handover/front", { action: "show" });
	const second = v.page.html.match(/\/c\/([A-Za-z0-9_-]{24})/)[1];
	await again.get(`/c/${second}`);
	await again.post(`/c/${second}`);
	assert.equal(again.page.path, "/fleet/register/front");
	instance.sql(`UPDATE handover SET expires_at = now() WHERE application_id = ${draft(v)} AND ended_at IS NULL; UPDATE session SET expires_at = now() WHERE handover_id IS NOT NULL AND application_id = ${draft(v)}`);
	await again.get("/records/phone");
	const own = newPhone();
	instance.remember(own);
	await again.post("/records/phone", { phone: own });
	assert.equal(again.page.path, "/records/code", again.page.text);
	await again.post("/records/code", { code: await instance.code(own) });
	assert.equal(again.page.path, "/records");
	v.close();
	again.close();
});

test("a link by short message is within the limits of messages", async () => {
	const v = await atTasks();
	await allTasks(v);
	await v.post("/fleet/register/handover/consent", { action: "sms" });
	await v.get("/fleet/register/consent");
	const second = await v.post("/fleet/register/handover/consent", { action: "sms" });
	assert.equal(second.status, 429);
	assert.ok(second.has("后再发"), second.text);
	v.close();
});

test("cancelling and a new responsible person are flows of their own with the same tasks", async () => {
	for (const [flow, words] of [["fleet/cancel", "报废"], ["fleet/person", "责任人"]]) {
		const company = newCompany(instance), v = await signedIn(instance, company, { flow });
		scriptLicence(instance, company);
		await v.get(`/${flow}/notice`);
		assert.ok(v.page.has(words), flow);
		await v.begin();
		await v.get(`/${flow}/tasks`);
		await allTasks(v);
		assert.equal(v.page.path, `/${flow}/consent`, v.page.text);
		v.close();
	}
});

test("without a face: a photograph of the responsible person with his certificate, for people", async () => {
	const v = await atTasks();
	await allTasks(v);
	assert.ok(v.page.has("手持身份证"), v.page.text);
	await v.post("/fleet/register/consent", { action: "manual" });
	assert.equal(v.page.path, "/fleet/register/papers");
	assert.ok(!v.page.has("行驶证"), v.page.text);
	await v.post("/fleet/register/papers", { note: "" });
	assert.match(v.page.error("file"), /手持证件/);
	await v.upload(v.page.uploadPath, jpeg(String(Math.random())));
	await v.post("/fleet/register/papers", { note: "不方便录像" });
	assert.match(v.page.path, /^\/fleet\/register\/agreements/);
	v.close();
});
