// The carrier in every mood: what is unknown is sent again byte by byte, what is refused is told, and a fault of our own refuses nobody.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, until, Visitor } from "./client.mjs";

const instance = Instance.shared();
afterEach(async () => {
	instance.script("carrier");
	await instance.ctl("carrier", "resume", "sample").catch(() => {}); // nothing to resume is well too
});

const messages = (car) => instance.received("carrier").filter((m) => car.cards.some((card) => m.decrypted?.ICCID === card.iccid));
// Jobs that wait for their delay are due now.
const hurry = () => instance.sql("UPDATE job SET run_at = now() WHERE run_at > now() AND claim IS NULL");
const states = (number, wanted) => until(`cards in ${wanted}`, () => {
	hurry();
	const now = instance.sql(`SELECT ac.state FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.number = '${number}'`).flat();
	return now.every((state) => state === wanted) && now;
});

// Every attempt of one message: one RequestID, one body.
function assertSameBytes(attempts, least) {
	for (const kind of ["account", "vehicle"]) {
		const all = attempts.filter((m) => m.action === kind);
		assert.ok(all.length >= (kind === least.kind ? least.count : 1), `${kind}: ${all.length}`);
		assert.equal(new Set(all.map((m) => m.body)).size, 1, `${kind}: byte-identical`);
		assert.equal(new Set(all.map((m) => JSON.parse(m.body).RequestID)).size, 1);
	}
	const firstVehicle = attempts.findIndex((m) => m.action === "vehicle");
	assert.ok(attempts.slice(0, firstVehicle).some((m) => m.action === "account" && !m.answer.cut), "the account message comes first");
}

for (const [name, then, more = {}] of [
	["604", { error: "604" }], ["503", { status: 503, body: "<html>busy</html>" }], ["429", { status: 429, body: "" }], ["cut", { cut: true }], ["truncated", { truncate: 12 }], ["garbage", { garbage: true }],
	["another RequestID", { other_request_id: true }], ["wrong types", { wrong_type: true }],
])
	for (const kind of ["account", "vehicle"])
		test(`${kind} message, answer unknown (${name}): the same bytes until it is accepted`, async () => {
			const [car] = await importCars(instance);
			instance.script("carrier", [{ match: { action: kind, contains: car.cards[0].iccid }, times: 3, then, ...more }]);
			const v = await journey(instance, car);
			await states(v.application, "done");
			assertSameBytes(messages(car), { kind, count: 4 });
			assert.equal(instance.accepted().filter((m) => m.ICCID === car.cards[0].iccid).length, 2, "one effect a message");
			assert.equal(instance.value(`SELECT count(*) FROM t1_attempt t JOIN t1_message m ON m.id = t.message_id JOIN card c ON c.id = m.card_id WHERE c.iccid = '${car.cards[0].iccid}' AND t.body_sha256 <> m.body_sha256`), "0");
			v.close();
		});

test("an answer later than the time-out: sent again, one effect", async () => {
	const [car] = await importCars(instance);
	const profile = instance.value("SELECT profile FROM carrier_connection n JOIN carrier c ON c.id = n.carrier_id WHERE c.slug = 'sample'");
	instance.sql("UPDATE carrier_connection SET profile = profile || '{\"timeout_ms\": 1000}'");
	try {
		instance.script("carrier", [{ match: { contains: car.cards[0].iccid, action: "account" }, times: 1, delay_ms: 2500, then: { pass: true } }]);
		const v = await journey(instance, car);
		await states(v.application, "done");
		assertSameBytes(messages(car), { kind: "account", count: 2 });
		v.close();
	} finally {
		instance.sql(`UPDATE carrier_connection SET profile = '${profile}'`);
	}
});

test("refused with 400, 501 or words: the reason is in the records, the card is free again", async () => {
	for (const cause of ["400", "501", "证件信息与公安数据不一致"]) {
		const [car] = await importCars(instance);
		instance.script("carrier", [{ match: { action: "account", contains: car.cards[0].iccid }, then: { error: cause } }]);
		const v = await journey(instance, car);
		await cardStates(instance, v.application, ["refused"]);
		const list = await v.get("/records");
		assert.ok(list.has("未通过") && list.has("原因："), list.text);
		assert.equal(messages(car).length, 1, "sent once; no vehicle message");
		const [[raw, key]] = instance.sql(`SELECT ac.refusal_raw, ac.refusal_key FROM application a JOIN application_card ac ON ac.application_id = a.id WHERE a.number = '${v.application}'`);
		assert.equal(raw, cause, "what the carrier said is kept for staff");
		assert.ok(key);
		await until("told by SMS", () => instance.sms(v.number).some((m) => m.template === "2000003"));
		instance.script("carrier");
		const again = await journey(instance, car);
		await cardStates(instance, again.application);
		const ids = messages(car).map((m) => JSON.parse(m.body).RequestID);
		assert.equal(new Set(ids).size, ids.length, "a new application has new RequestIDs");
		for (const one of [v, again]) one.close();
	}
});

test("of two cards one is refused: each has its own state and reason", async () => {
	const [car] = await importCars(instance, [{ cards: 2 }]);
	instance.script("carrier", [{ match: { action: "account", contains: car.cards[0].iccid }, then: { error: "501" } }]);
	const v = await journey(instance, car);
	await cardStates(instance, v.application, ["done", "refused"]);
	const rows = instance.sql(`SELECT c.iccid, ac.state FROM application a JOIN application_card ac ON ac.application_id = a.id JOIN card c ON c.id = ac.card_id WHERE a.number = '${v.application}'`);
	assert.deepEqual(Object.fromEntries(rows), { [car.cards[0].iccid]: "refused", [car.cards[1].iccid]: "done" });
	const list = await v.get("/records");
	assert.ok(list.has("实名成功") && list.has("未通过"));
	v.close();
});

for (const [name, then] of [["401", { error: "401" }], ["405", { error: "405" }], ["HTTP 403", { status: 403, body: "{}" }]])
	test(`our credential is refused (${name}): nobody is refused, messages wait, and go on with the same RequestID`, async () => {
		const [car, other] = await importCars(instance, 2);
		instance.script("carrier", [{ then }]);
		const v = await journey(instance, car);
		await until("the connection suspended", () => instance.value("SELECT count(*) FROM carrier_connection WHERE suspended_at IS NOT NULL") === "1");
		await until("an alarm", () => /alarm/.test(instance.log("jobs")));
		const w = await journey(instance, other);
		assert.equal(w.page.path, "/register/done", "people go on");
		assert.deepEqual(await states(v.application, "pushing"), ["pushing"]);
		assert.ok((await v.get("/records")).has("推送中"));
		const probe = new Visitor(instance), ready = await probe.request("GET", "/readyz");
		assert.deepEqual([ready.status, ready.json.carriers], [200, false], "an alarm; the pages serve");
		probe.close();
		assert.match(await instance.ctl("carrier", "list"), /suspended/);
		const used = Number(instance.value(`SELECT coalesce(max(attempts), 0) FROM job WHERE kind = 't1_send'`));
		assert.ok(used <= 2, `attempts are not used up: ${used}`);
		const sent = messages(car).length;
		instance.script("carrier");
		hurry();
		const look = () => instance.value("SELECT max(seen_at) FROM worker WHERE role = 't1'"), before = look();
		await until("the sender looked again", () => look() !== before);
		assert.equal(messages(car).length, sent, "nothing is sent before people say so");
		await instance.ctl("carrier", "resume", "sample");
		await states(v.application, "done");
		await states(w.application, "done");
		assertSameBytes(messages(car), { kind: "account", count: 2 });
		for (const one of [v, w]) one.close();
	});

test("the vehicle message is refused: the card stays open and waits for staff", async () => {
	const [car] = await importCars(instance);
	instance.script("carrier", [{ match: { action: "vehicle", contains: car.cards[0].iccid }, then: { error: "400" } }]);
	const v = await journey(instance, car), text = (table) => instance.value(`SELECT string_agg(m.kind || '=' || m.state, ',' ORDER BY m.kind) FROM ${table} m JOIN card c ON c.id = m.card_id WHERE c.iccid = '${car.cards[0].iccid}'`);
	await until("the refusal", () => text("t1_message") === "account=done,vehicle=refused");
	assert.deepEqual(await states(v.application, "pushing"), ["pushing"]);
	assert.equal(instance.sms(v.number).filter((m) => m.template !== "2000001").length, 0, "the person is told nothing: nothing is wrong for them");
	assert.equal(instance.value(`SELECT count(*) FROM registration g JOIN card c ON c.id = g.card_id WHERE c.iccid = '${car.cards[0].iccid}'`), "0");
	assert.match(instance.log("jobs"), /alarm.*vehicle message refused/);
	v.close();
});
