// 信息变更: the registered holder proves who he is and gives a new phone or a renewed certificate; one account message, and the
// registration of the card goes on with the new data when the carrier accepted.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();

async function registered(cards = 1, columns = {}) {
	const [car] = await importCars(instance, [{ cards, columns }]);
	const front = jpeg(`holder ${Math.random()}`), phone = newPhone();
	const v = await journey(instance, car, { front, phone });
	await cardStates(instance, v.application);
	v.close();
	return { car, front, phone, person: v.person, application: v.application };
}
const list = (car) => car.cards.map((c) => `'${c.iccid}'`).join(",");
// Each registration of the car's cards: from, until, ended, oldest first.
const registrations = (car) => instance.sql(`SELECT f.number, coalesce(u.number, ''), g.ended_at IS NULL, p.application_id = f.id FROM registration g JOIN card c ON c.id = g.card_id JOIN application f ON f.id = g.from_application_id JOIN application_party p ON p.id = g.holder_id LEFT JOIN application u ON u.id = g.until_application_id WHERE c.iccid IN (${list(car)}) ORDER BY c.iccid, g.began_at`);
const account = (car) => instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid);

test("a new phone and a renewed certificate: one account message, the registration goes on from the new application", async () => {
	const { car, front, person, application } = await registered(), later = newPhone();
	const v = await journey(instance, car, { flow: "update", front, phone: later, stop: "identity" });
	const old = registrations(car);
	// The number is the same, the validity is new.
	await v.identity({ valid_from: "2026-01-01", valid_until: "2046-01-01", long_term: "", address: "北京市海淀区新搬的家 8 号" });
	assert.equal(v.person.number, person.number);
	await v.consent();
	await v.clip();
	assert.deepEqual([...new Set(v.page.attributes("a", "href").filter((href) => href.startsWith("/agreement/")))].filter((href) => !/privacy|face/.test(href)), ["/agreement/personal-information"]);
	await v.agree();
	assert.ok(v.page.has("提交变更"));
	await v.submit();
	assert.equal(v.page.heading, "已受理");
	const number = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	// Validity was changed after the reading: people look at it first; until then the registration is as it was.
	await cardStates(instance, number, ["review"]);
	assert.deepEqual(registrations(car), old);
	await instance.ctl("review", "approve", number);
	await cardStates(instance, number);
	const messages = account(car);
	assert.deepEqual(messages.map((m) => m.action), ["account", "vehicle", "account"]);
	assert.equal(JSON.parse(messages[2].body).OperType, "2");
	assert.equal(messages[2].decrypted.CustomerCertNumber, person.number);
	assert.equal(messages[2].decrypted.CustomerCertDate, "20260101-20460101");
	assert.equal(messages[2].decrypted.CustomerCertAddress, "北京市海淀区新搬的家 8 号");
	assert.equal(messages[2].decrypted.VehicleStatus, "4");
	assert.deepEqual(registrations(car), [[application, number, "f", "t"], [number, "", "t", "t"]], "the one before is history, the new one is current");
	await until("the result by SMS", () => instance.sms(later).some((m) => m.template === "2000017"));
	const page = await v.get("/records");
	assert.ok(page.has("信息变更") && page.has("已变更"));
	v.close();
	// The holder is still the holder: he can cancel.
	const end = await journey(instance, car, { flow: "cancel", front, phone: newPhone() });
	await cardStates(instance, end.application);
	assert.equal(registrations(car).filter((r) => r[2] === "t").length, 0);
	end.close();
});

test("a new phone alone needs nobody; the owner on file is not told again", async () => {
	const known = newPhone(), { car, front } = await registered(2, { OwnerPhone: known });
	await until("the note to the phone on file", () => instance.sms(known).length === 1);
	const v = await journey(instance, car, { flow: "update", front, cards: 1, phone: newPhone() });
	await cardStates(instance, v.application);
	assert.equal(registrations(car).filter((r) => r[2] === "t" && r[0] === v.application).length, 1, "the chosen card");
	assert.equal(registrations(car).filter((r) => r[2] === "t").length, 2, "the other as it was");
	await until("the result by SMS", () => instance.sms(v.number).some((m) => m.template === "2000017"));
	assert.equal(instance.sms(known).length, 1);
	v.close();
});

test("somebody else's certificate, or a car that is not registered: a page that says what to do", async () => {
	const { car, person } = await registered(), before = registrations(car);
	const v = await journey(instance, car, { flow: "update", stop: "identity" });
	await v.identity();
	assert.equal(v.page.path, "/update/refused/not-holder");
	assert.ok(v.page.has("登记人本人") && !v.page.html.includes(person.name));
	assert.equal((await v.get("/update/consent")).path, "/update/identity", "and no way round it");
	assert.deepEqual(registrations(car), before);
	const [empty] = await importCars(instance), other = new Visitor(instance, { flow: "update" });
	await other.begin();
	await other.vehicle(empty);
	await other.get("/update/cards");
	assert.equal(other.page.path, "/update/refused/not-registered");
	v.close();
	other.close();
});

test("a refused change leaves the registration as it is; the next one may be made", async () => {
	const { car, front } = await registered(), before = registrations(car);
	instance.script("carrier", [{ match: { contains: car.cards[0].iccid }, then: { error: "400" } }]);
	const v = await journey(instance, car, { flow: "update", front, phone: newPhone() });
	await cardStates(instance, v.application, ["refused"]);
	instance.script("carrier", []);
	assert.deepEqual(registrations(car), before);
	await until("the refusal by SMS", () => instance.sms(v.number).some((m) => m.template === "2000018"));
	const again = await journey(instance, car, { flow: "update", front, phone: newPhone() });
	await cardStates(instance, again.application);
	v.close();
	again.close();
});

test("the front page leads there, and the first page says what changes", async () => {
	const v = new Visitor(instance, { flow: "update" });
	assert.ok((await v.get("/")).attributes("a", "href").includes("/update/notice"));
	await v.get("/update/notice");
	assert.ok(v.page.has("换了手机号") && v.page.has("照常使用"));
	v.close();
});
