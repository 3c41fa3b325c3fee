// Where a person goes on follows from the answers: after a new connection, on another device, and never past an unfinished step.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, Visitor } from "./client.mjs";

const instance = Instance.shared();
const ORDER = ["notice", "vehicle", "cards", "phone", "code", "front", "back", "identity", "consent", "liveness", "agreements", "check"];
const minute = () => instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");

test("a closed tab: the same cookie on a new connection goes on where it was", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "identity" });
	v.connect();
	const home = await v.get("/");
	assert.ok(home.attributes("a", "href").includes("/register/identity"), "the front page leads on");
	assert.equal((await v.get("/register/agreements")).path, "/register/identity");
	await v.get("/register/notice");
	await v.post("/register/notice");
	assert.equal(v.page.path, "/register/identity", "beginning again goes on with the draft");
	await v.identity();
	assert.equal(v.page.path, "/register/consent");
	v.close();
});

test("another device: phone and code, then the same draft; both go to its end", async () => {
	const [car] = await importCars(instance), phone = newPhone(), v = await journey(instance, car, { stop: "consent", phone });
	minute();
	const w = new Visitor(instance), list = await w.records(phone, 2);
	assert.ok(list.has("未提交"));
	const number = list.value("number");
	await w.post("/records/continue", { number });
	assert.equal(w.page.path, "/register/consent");
	await w.consent();
	await w.clip();
	assert.equal((await v.get("/register/consent")).status, 200, "the first device sees the same draft");
	await w.agree();
	const done = await w.submit();
	assert.equal(done.path, "/register/done");
	await cardStates(instance, number);
	assert.equal((await v.get("/register/check")).path, "/register/done");
	v.close();
	w.close();
});

test("two tabs with other answers: the newer page counts, nothing is mixed", async () => {
	const cars = await importCars(instance, 2), v = await journey(instance, cars[0], { stop: "check" });
	const token = v.page.value("token"), w = new Visitor(instance);
	v.cookies.forEach((value, name) => w.cookies.set(name, value));
	await w.vehicle(cars[1]);
	assert.equal(w.page.path, "/register/cards", "another car: its cards are chosen anew");
	const answer = await v.send("/register/check", { token });
	assert.notEqual(answer.headers.location, "/register/done");
	await w.cards();
	assert.equal(w.page.path, "/register/check", "what does not depend on the car is still there");
	assert.equal((await w.submit()).path, "/register/done");
	assert.equal(instance.value(`SELECT count(*) FROM application_card ac JOIN card c ON c.id = ac.card_id WHERE c.iccid = '${cars[0].cards[0].iccid}'`), "0");
	v.close();
	w.close();
});

test("no step can be skipped, by address or by form", async () => {
	const [car] = await importCars(instance);
	for (const [at, place] of [["vehicle", 1], ["cards", 2], ["phone", 3], ["code", 4], ["front", 5], ["identity", 7], ["consent", 8]]) {
		const v = await journey(instance, car, { stop: at }), csrf = v.page.csrf;
		for (const later of ORDER.slice(place + 1)) {
			const got = await v.request("GET", `/register/${later}`);
			assert.deepEqual([got.status, got.headers.location], [303, `/register/${at}`], `GET ${later} at ${at}`);
			const sent = await v.send(`/register/${later}`, { csrf, phone: newPhone(), code: "123456", consent: "1", agree: "1", token: "0", name: "王五", number: "11010119900307461X", address: "北京市朝阳区某路", long_term: "1", action: "next" });
			assert.deepEqual([sent.status, sent.headers.location], [303, `/register/${at}`], `POST ${later} at ${at}`);
		}
		for (const kind of ["front", "back", "clip"].slice(at === "front" ? 1 : at === "identity" || at === "consent" ? 2 : 0)) {
			const sent = await v.upload(`/register/upload/${kind}?csrf=${csrf}`, Buffer.alloc(3000, 1), { json: true });
			assert.deepEqual([sent.status, sent.json.location], [200, `/register/${at}`], `upload ${kind} at ${at}`);
		}
		assert.equal((await v.get("/register/done")).path, `/register/${at}`);
		v.close();
	}
});

test("without a draft every step leads to the start", async () => {
	const v = new Visitor(instance);
	await v.get("/register/notice");
	for (const step of ORDER.slice(1)) {
		assert.equal((await v.request("GET", `/register/${step}`)).headers.location, "/register/notice", step);
		assert.equal((await v.send(`/register/${step}`, { csrf: v.page.csrf })).headers.location, "/register/notice", step);
	}
	v.close();
});

test("a draft ends after a day: nothing of it can be reached", async () => {
	const [car] = await importCars(instance), phone = newPhone(), v = await journey(instance, car, { stop: "identity", phone });
	const number = instance.value("SELECT number FROM application WHERE submitted_at IS NULL ORDER BY created_at DESC LIMIT 1");
	instance.sql(`UPDATE application SET expires_at = now() - interval '1 second' WHERE number = '${number}'`);
	assert.equal((await v.get("/register/identity")).path, "/register/notice");
	assert.notEqual((await v.request("GET", "/register/picture/front")).status, 200);
	minute();
	const w = new Visitor(instance), list = await w.records(phone, 2);
	assert.ok(!list.has(number));
	await w.post("/records/continue", { number });
	assert.equal(w.page.path, "/records");
	v.close();
	w.close();
});

test("another phone is proved anew; the same one is not", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "front" });
	await v.get("/register/phone");
	await v.post("/register/phone", { phone: v.number });
	assert.equal(v.page.path, "/register/front");
	await v.phone(newPhone());
	assert.equal(v.page.path, "/register/code");
	assert.equal((await v.get("/register/front")).path, "/register/code");
	v.close();
});
