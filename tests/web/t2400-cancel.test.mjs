// An owner cancels: only the registered holder may, some or all cards, and the registration ends only when the carrier accepted.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();

// A registered car with its holder's picture.
async function registered(cards = 1) {
	const [car] = await importCars(instance, [{ cards }]);
	const front = jpeg(`holder ${Math.random()}`), phone = newPhone();
	const v = await journey(instance, car, { front, phone });
	await cardStates(instance, v.application);
	v.close();
	return { car, front, phone, person: v.person };
}

const current = (car) => instance.sql(`SELECT c.iccid FROM registration g JOIN card c ON c.id = g.card_id WHERE g.ended_at IS NULL AND c.iccid IN (${car.cards.map((c) => `'${c.iccid}'`).join(",")})`).map((r) => r[0]);

test("the holder cancels: one account message, the registration ends, the history stays", async () => {
	const { car, front, person } = await registered(), later = newPhone();
	const v = await journey(instance, car, { flow: "cancel", front, phone: later });
	assert.equal(v.page.heading, "已受理");
	await cardStates(instance, v.application);
	const messages = instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid);
	assert.deepEqual(messages.map((m) => m.action), ["account", "vehicle", "account"]);
	const cancel = messages[2];
	assert.equal(JSON.parse(cancel.body).OperType, "3");
	assert.equal(cancel.decrypted.CustomerName, person.name);
	assert.equal(cancel.decrypted.VehicleStatus, "4");
	assert.deepEqual(current(car), []);
	const [[ended]] = instance.sql(`SELECT count(*) FROM registration g JOIN application a ON a.id = g.until_application_id WHERE a.number = '${v.application}' AND g.ended_at IS NOT NULL`);
	assert.equal(ended, "1", "the registration is kept as history");
	await until("the result by SMS", () => instance.sms(later).some((m) => m.template === "2000006"));
	const list = await v.get("/records");
	assert.ok(list.has("已注销") && list.has("车主注销"));
	v.close();
	const again = await journey(instance, car, { front, phone: newPhone() });
	await cardStates(instance, again.application);
	assert.deepEqual(current(car), [car.cards[0].iccid], "and it can be registered again");
	again.close();
});

test("the first page says what stops and what stays", async () => {
	const v = new Visitor(instance, { flow: "cancel" });
	const page = await v.get("/cancel/notice");
	assert.ok(page.has("紧急呼叫") && page.has("停用") && page.has("不受影响"));
	v.close();
});

test("somebody else is told what to do, without a word on the holder", async () => {
	const { car, person } = await registered();
	const v = await journey(instance, car, { flow: "cancel", stop: "identity" });
	await v.identity();
	assert.ok(v.page.path.startsWith("/cancel/refused/not-holder"), v.page.path);
	assert.ok(v.page.has("登记人本人") && !v.page.html.includes(person.name) && !v.page.has(person.number.slice(-4)));
	assert.equal(current(car).length, 1);
	v.close();
});

test("one card of two is cancelled, the other stays", async () => {
	const { car, front } = await registered(2);
	const v = await journey(instance, car, { flow: "cancel", front, cards: 1 });
	await cardStates(instance, v.application);
	assert.equal(current(car).length, 1);
	v.close();
});

test("a car without a registration has nothing to cancel", async () => {
	const [car] = await importCars(instance);
	const v = new Visitor(instance, { flow: "cancel" });
	await v.begin();
	await v.vehicle(car);
	await v.get("/cancel/cards");
	assert.ok(v.page.path.startsWith("/cancel/refused/not-registered"), v.page.path);
	v.close();
});

test("a refused cancellation leaves the registration as it is", async () => {
	const { car, front } = await registered(), later = newPhone();
	instance.script("carrier", [{ match: { contains: car.cards[0].iccid }, then: { error: "400" } }]);
	const v = await journey(instance, car, { flow: "cancel", front, phone: later });
	await cardStates(instance, v.application, ["refused"]);
	instance.script("carrier", []);
	assert.deepEqual(current(car), [car.cards[0].iccid]);
	await until("the refusal by SMS", () => instance.sms(later).some((m) => m.template === "2000007"));
	v.close();
});
