// 模拟办理: the whole way of every flow with samples, the same messages for what is typed wrong; nothing is kept, nothing is checked,
// and no database is needed.
import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";

import { Instance, Visitor, form, newIdNumber, until } from "./client.mjs";

const BANNER = "模拟办理：不核验、不保存、不产生登记";
const STEPS = ["notice", "vehicle", "cards", "phone", "code", "front", "back", "identity", "consent", "liveness", "agreements", "check", "done"];
// An instance without other visitors: what its database holds may not change.
let instance;
before(async () => {
	instance = await Instance.start("practice", { REALNAME_PICTURE_MAX_MB: "7", REALNAME_CLIP_MAX_KB: "3000" });
});
after(() => instance.stop());

const at = (v, step) => {
	assert.equal(v.page.path, `/practice/${v.flow}/${step}`, v.page.text.slice(0, 300));
	assert.equal(v.page.status, 200);
	assert.ok(v.page.has(BANNER), `banner on ${v.page.path}`);
	return v.page;
};
// What a person does on each page; samples where they are offered.
const ACTS = {
	notice: () => ({}),
	vehicle: () => ({ vin: "LTEST0A12RA000001", proof: "123456" }),
	cards: (page) => ({ card: page.values("card") }),
	phone: () => ({ phone: "13912345678" }),
	code: () => ({ code: "246810" }),
	front: () => ({ action: "taken" }),
	back: () => ({ action: "taken" }),
	identity: (page) => Object.fromEntries(["name", "number", "address", "valid_from", "valid_until"].map((name) => [name, page.value(name)])),
	consent: () => ({ consent: "1" }),
	liveness: () => ({ action: "taken" }),
	agreements: () => ({ agree: "1" }),
	check: (page) => ({ token: page.value("token") }),
};
async function walk(v, { stop = "done", look = () => {} } = {}) {
	await v.get(`/practice/${v.flow}/notice`);
	for (const step of STEPS) {
		const page = at(v, step);
		look(step, page);
		if (step === stop) return page;
		await v.post(page.path, ACTS[step](page));
		if (step === "front" || step === "back") { // what was read, then on
			look(`${step}-read`, at(v, step));
			await v.post(v.page.path, { action: "next" });
		}
	}
}
// What the background program notes by itself every few seconds; pages have no right to write there.
const BACKGROUND = ["audit_chain", "job_schedule", "worker"];
const COUNTS = `SELECT relname, (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I', schemaname, relname), false, true, '')))[1]
	FROM pg_stat_user_tables WHERE NOT relname IN ('${BACKGROUND.join("','")}') ORDER BY relname`;
const counts = () => Object.fromEntries(instance.sql(COUNTS));
// Every row of these tables, and every sequence. pg_dump of some versions marks each dump with a word of its own.
const contents = () => BACKGROUND.reduce((dump, table) => dump.replace(new RegExp(`^COPY public\\.${table} [\\s\\S]*?^\\\\\\.$`, "m"), ""), instance.dump()).replace(/^\\(un)?restrict .*$/gm, "");

test("the whole way of every flow writes nothing at all", async () => {
	const all = counts(), dump = contents();
	for (const table of BACKGROUND) assert.equal(instance.value(`SELECT has_table_privilege('realname_web', '${table}', 'INSERT, UPDATE, DELETE, TRUNCATE')`), "f", table);
	assert.ok(all.application !== undefined && Object.keys(all).length > 15, Object.keys(all).join(" "));
	for (const flow of ["register", "cancel", "update"]) {
		const v = new Visitor(instance, { flow }), seen = {};
		const end = await walk(v, { look: (step, page) => (seen[step] = page) });
		assert.equal(end.heading, "模拟完成");
		assert.ok(end.attributes("a", "href").includes(`/${flow}/notice`) && end.has("正式办理"));
		assert.deepEqual(Object.keys(seen), STEPS.flatMap((step) => (step === "front" || step === "back" ? [step, `${step}-read`] : [step])));
		assert.ok(seen.cards.has("示例牌") && seen.cards.values("card").length === 2);
		assert.ok(seen["front-read"].has("张三") && !seen["front-read"].html.includes("110101199003070011"), "read and masked");
		assert.equal(seen.identity.value("number"), "110101199003070011");
		assert.ok(seen.identity.has("1990-03-07"));
		assert.ok(seen.liveness.has("9873") && seen.liveness.has("九 八 七 三"));
		assert.ok(seen.agreements.has("版本 1.0"), "the real texts");
		assert.ok(!seen.check.html.includes("110101199003070011") && seen.check.has("138****8000"));
		assert.ok(seen.check.has({ register: "提交登记", cancel: "提交注销", update: "提交变更" }[flow]));
		assert.ok(seen.agreements.has(flow === "cancel" ? "注销协议" : "个人信息处理规则"));
		for (const page of Object.values(seen)) {
			assert.match(page.html, /<title>[^<]*模拟办理/);
			assert.ok(!/enctype=|name="file"|\/upload\//.test(page.html), `no way to send a file from ${page.path}`);
		}
		assert.deepEqual([...v.cookies.keys()].sort(), ["__Host-practice", "__Host-sid"]);
		assert.equal(v.cookies.get("__Host-practice"), `${flow}.done`, "only the step that was reached");
		v.close();
	}
	assert.deepEqual(counts(), all);
	assert.ok(contents() === dump, "not one row differs");
	assert.deepEqual(instance.received("identity"), [], "nobody outside was asked");
	assert.deepEqual(instance.sms("13912345678"), []);
});

test("what is typed wrong is told as in earnest", async () => {
	const wrong = [
		["vehicle", { vin: "LTEST", proof: "" }, ["vin", "proof"]], ["cards", {}, ["card"]], ["phone", { phone: "123" }, ["phone"]], ["code", { code: "12" }, ["code"]],
		["front", {}, ["file"]], ["back", { action: "next" }, ["file"]],
		["identity", { name: "", number: "110101199003070012", address: "短", valid_from: "2015-08-01", valid_until: "2035-08-01" }, ["name", "number", "address"]],
		["identity", { name: "张三", number: "110101199003070011", address: "示例市示例区示例路 1 号", valid_from: "2005-08-01", valid_until: "2015-08-01" }, ["valid_until"]],
		["identity", { name: "张三", number: newIdNumber("20200307"), address: "示例市示例区示例路 1 号", valid_from: "2020-08-01", long_term: "1" }, ["number"]],
		["consent", {}, ["consent"]], ["liveness", {}, ["file"]], ["agreements", {}, ["agree"]],
	];
	const v = new Visitor(instance);
	for (const [step, fields, names] of wrong) {
		await walk(v, { stop: step });
		const page = await v.post(v.page.path, fields);
		assert.equal(page.status, 422, step);
		assert.ok(page.has(BANNER));
		assert.deepEqual(Object.keys(page.errors), names, step);
		for (const name of names) assert.ok(page.error(name), `${step} ${name}`);
		if (fields.vin) assert.equal(page.value("vin"), fields.vin, "what was typed stays");
	}
	await walk(v, { stop: "vehicle" });
	assert.ok((await v.post(v.page.path, { vin: "LTESTOA12RA000001", proof: "123456" })).has("LTEST0A12RA000001"), "the likely number is offered");
	for (const step of ["consent", "liveness"]) {
		await walk(v, { stop: step });
		await v.post(v.page.path, { action: "manual" });
		assert.ok(at(v, step).has("人工审核在正式办理时选择"));
	}
	v.close();
});

test("samples are offered, and fill the page", async () => {
	const v = new Visitor(instance);
	for (const [step, fields] of [["vehicle", { vin: "LTEST0A12RA000001", proof: "123456" }], ["phone", { phone: "13800138000" }], ["code", { code: "123456" }]]) {
		const shown = await walk(v, { stop: step });
		for (const value of Object.values(fields)) assert.ok(shown.has(value), `${value} is printed on ${step}`);
		assert.ok(shown.has("填入示例"));
		const page = await v.post(shown.path, { action: "sample" });
		assert.equal(page.status, 200);
		for (const [name, value] of Object.entries(fields)) assert.equal(page.value(name), value);
		assert.ok(!page.has("校验位"), "a sample without a hint of an error");
	}
	for (const [step, next] of [["front", "front"], ["back", "back"], ["liveness", "agreements"]]) {
		await walk(v, { stop: step });
		await v.post(v.page.path, { action: "sample" });
		at(v, next);
	}
	const cards = await walk(v, { stop: "cards" });
	const ticked = await v.post(cards.path, { action: "all" });
	assert.equal(ticked.html.match(/<input[^>]*name="card"[^>]*checked/g).length, 2);
	await walk(v, { stop: "code" });
	assert.equal((await v.post(v.page.path, { action: "resend" })).path, "/practice/register/code");
	v.close();
});

test("how large a file may be is what the settings say, in words and for the script", async () => {
	const v = new Visitor(instance), picture = await walk(v, { stop: "front" });
	assert.ok(picture.html.includes('data-max="7340032"') && picture.html.includes("不能超过 7MB"));
	const clip = await walk(v, { stop: "liveness" });
	assert.ok(clip.html.includes('data-max="3000000"') && clip.has("不能超过 3MB"));
	assert.ok(!/不能超过 (?!7|3)\d/.test(picture.html + clip.html));
	v.close();
});

test("back and forth: no step is skipped, and a change leads back to where one was", async () => {
	const v = new Visitor(instance);
	await v.get("/practice");
	at(v, "notice");
	await v.get("/practice/register/check");
	at(v, "notice");
	await walk(v, { stop: "identity" });
	await v.get("/practice/register/liveness");
	at(v, "identity");
	await v.get("/practice/register/vehicle");
	assert.equal(at(v, "vehicle").value("vin"), "", "nothing that was typed is kept");
	assert.ok(v.page.attributes("a", "href").includes("/practice/register/notice"), "back");
	await v.post(v.page.path, ACTS.vehicle());
	at(v, "identity");
	await v.get("/practice/register/front");
	assert.ok(at(v, "front").has("张三"));
	await walk(v, { stop: "check" });
	assert.ok(v.page.attributes("a", "href").filter((path) => path.startsWith("/practice/register/")).length >= 5, "links to change it");
	await v.get("/practice/cancel/check");
	at({ ...v, flow: "cancel", page: v.page }, "notice");
	assert.equal((await v.get("/practice/register/nothing")).status, 404);
	assert.ok(v.page.has(BANNER) && !v.page.has("您填的内容已保存"));
	assert.equal((await v.get("/practice/nothing/notice")).status, 404);
	assert.ok(!(await v.get("/")).has(BANNER) && v.page.attributes("a", "href").includes("/practice/register/notice"));
	v.cookies.set("__Host-practice", "register.".padEnd(3000, "x"));
	await v.get("/practice/register/vehicle");
	at(v, "notice");
	v.close();
});

test("a draft in earnest is not touched", async () => {
	const v = new Visitor(instance);
	await v.begin();
	const draft = v.cookies.get("__Host-sid"), rows = counts();
	await walk(v);
	assert.equal(v.cookies.get("__Host-sid"), draft);
	assert.deepEqual(counts(), rows);
	assert.equal((await v.get("/register/cards")).path, "/register/vehicle", "it goes on where it was");
	v.close();
});

test("a form without the token, and a file all the same, are refused", async () => {
	const v = new Visitor(instance);
	await walk(v, { stop: "front" });
	const type = "application/x-www-form-urlencoded";
	const forged = await v.request("POST", "/practice/register/front", { headers: { "Content-Type": type }, body: form({ action: "taken" }) });
	assert.deepEqual([forged.status, forged.headers.location], [303, "/practice/register/front?again=1"]);
	const file = await v.upload("/practice/register/front", Buffer.alloc(20000));
	assert.equal(file.status, 400);
	assert.equal((await v.get("/practice/register/back")).path, "/practice/register/front", "neither went on");
	v.close();
});

test("it works while the database is away", async () => {
	const socket = join(instance.endpoints.database_socket, ".s.PGSQL.5432"), v = new Visitor(instance);
	const sessions = instance.sessions("realname_web", "realname_jobs");
	renameSync(socket, `${socket}.away`);
	try {
		await instance.endSessions(sessions);
		await until("no database", async () => (await v.request("GET", "/")).status === 503);
		for (const flow of ["register", "cancel", "update"]) {
			v.flow = flow;
			await walk(v, { look: (step, page) => step === "agreements" && assert.ok(page.has("《个人信息处理规则》") && !page.has("版本")) });
		}
	} finally {
		renameSync(`${socket}.away`, socket);
	}
	await until("the database again", async () => (await v.request("GET", "/")).status === 200);
	v.close();
});
