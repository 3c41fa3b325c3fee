// The whole way: from the front page to 实名成功, with what the carrier got and what the phones were told.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until, Visitor } from "./client.mjs";
import { clip, jpeg } from "./media.mjs";

const instance = Instance.shared();
const OWNER = { OwnerType: "person" };

// The person of a picture is for ever: read once to know who the owner of a car is.
async function personOf(picture) {
	const [car] = await importCars(instance);
	const v = await journey(instance, car, { stop: "identity", front: picture });
	const page = v.page;
	v.close();
	return { name: page.value("name"), number: page.value("number"), address: page.value("address") };
}

const digits = (day) => day.replaceAll("-", "");

test("a car with two cards is registered, and everybody is told", async () => {
	const front = jpeg(`owner ${Math.random()}`), person = await personOf(front), known = newPhone(), phone = newPhone();
	instance.remember(known, person.name, person.number, person.address);
	const [car] = await importCars(instance, [{ cards: 2, columns: { ...OWNER, OwnerName: person.name, OwnerCertNumber: person.number, OwnerPhone: known } }]);
	const v = await journey(instance, car, { phone, front });
	assert.equal(v.page.status, 200);
	assert.equal(v.page.heading, "已受理");
	assert.match(v.application, /^[0-9A-Z-]{8,}$/);
	assert.ok(v.page.has(`${phone.slice(0, 3)}`) && !v.page.html.includes(phone), "the phone is masked");
	await cardStates(instance, v.application);

	for (const card of car.cards) {
		const messages = instance.received("carrier").filter((m) => m.decrypted?.ICCID === card.iccid);
		assert.deepEqual(messages.map((m) => m.action), ["account", "vehicle"], "the account message, then the vehicle message");
		assert.ok(messages.every((m) => JSON.parse(m.answer.body).OprRst === "1"));
		assert.notEqual(JSON.parse(messages[0].body).RequestID, JSON.parse(messages[1].body).RequestID);
		const account = messages[0].decrypted, vehicle = messages[1].decrypted;
		assert.deepEqual([account.MSISDN, account.CustomerType, account.CustomerName, account.CustomerCertNumber, account.CustomerCertAddress],
			[card.msisdn, "1", person.name, person.number, person.address]);
		assert.equal(account.CustomerCertDate, `${digits(v.person.valid_from)}-${v.person.long_term ? "长期" : digits(v.person.valid_until)}`);
		assert.equal(account.VehicleStatus, "4");
		assert.match(account.AcceptTime, /^20\d{12}$/);
		const same = ["VIN", "NameVehicleEnterprise", "VehicleType", "PlaceOfOriginOfVehicle", "VehicleDepartment", "VehicleName", "VehicleNum", "VehicleModel",
			"BodyColor", "FuelType", "EngineNum"];
		for (const name of same) assert.equal(vehicle[name], car.row[name], name);
		assert.equal(vehicle.MSISDN, card.msisdn);
		assert.equal(instance.accepted().filter((m) => m.ICCID === card.iccid).length, 2);
	}

	await until("the result by SMS", () => instance.sms(phone).some((m) => m.template === "2000002"));
	await until("a note to the phone on file", () => instance.sms(known).some((m) => m.template === "2000005"));
	assert.equal(instance.sms(phone).filter((m) => m.template === "2000002").length, 1, "one message for both cards");
	const list = await v.get("/records");
	assert.ok(list.has("实名成功") && list.has(v.application));
	assert.ok(!list.html.includes(person.number) && !list.html.includes(person.name) && !list.html.includes(car.vin), "masked");
	for (const card of car.cards) assert.ok(list.has(card.iccid.slice(-4)));
	const [[rows]] = instance.sql(`SELECT count(*) FROM registration g JOIN application a ON a.id = g.from_application_id WHERE a.number = '${v.application}' AND g.ended_at IS NULL`);
	assert.equal(rows, "2");
	v.close();
});

test("the result is shown on another device, after the code of that phone", async () => {
	const [car] = await importCars(instance), phone = newPhone();
	const v = await journey(instance, car, { phone });
	await cardStates(instance, v.application);
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
	const other = new Visitor(instance);
	const list = await other.records(phone, 2);
	assert.equal(list.path, "/records");
	assert.ok(list.has("实名成功") && list.has(v.application));
	await other.post("/records/leave");
	assert.equal((await other.get("/records")).path, "/records/phone", "left");
	v.close();
	other.close();
});

test("a script gets places and errors as JSON on the whole way", async () => {
	const [car] = await importCars(instance), phone = newPhone(), v = new Visitor(instance);
	const json = { Accept: "application/json" };
	const go = async (path, fields, next) => {
		const answer = await v.send(path, fields, json);
		assert.equal(answer.status, 200, `${path}: ${answer.html.slice(0, 300)}`);
		assert.match(answer.headers["content-type"], /^application\/json/);
		assert.deepEqual(answer.json, { location: next });
		await v.get(next);
	};
	instance.remember(phone);
	await v.get("/register/notice");
	await go("/register/notice", {}, "/register/vehicle");
	await go("/register/vehicle", { vin: car.vin, proof: car.proof }, "/register/cards");
	await go("/register/cards", { card: v.page.values("card") }, "/register/phone");
	await go("/register/phone", { phone }, "/register/code");
	await go("/register/code", { code: await instance.code(phone) }, "/register/front");
	for (const [side, next] of [["front", "back"], ["back", "identity"]]) {
		const answer = await v.upload(v.page.uploadPath, jpeg(`${phone}${side}`), { json: true });
		assert.deepEqual([answer.status, answer.json], [200, { location: `/register/${side}` }]);
		await v.settled(`/register/${side}`);
		await go(`/register/${side}`, { action: "next" }, `/register/${next}`);
	}
	const fields = Object.fromEntries(["name", "number", "address", "valid_from", "valid_until"].map((name) => [name, v.page.value(name)]));
	instance.remember(fields.name, fields.number, fields.address);
	await go("/register/identity", v.page.ticked("long_term") ? { ...fields, long_term: "1" } : fields, "/register/consent");
	await go("/register/consent", { consent: "1" }, "/register/liveness");
	await v.settled("/register/liveness");
	assert.equal((await v.upload(v.page.uploadPath, clip(phone), { json: true })).json.location, "/register/liveness?on=1");
	assert.equal((await v.settled("/register/liveness")).path, "/register/agreements", "goes on by itself");
	assert.equal((await v.get("/register/liveness")).path, "/register/liveness", "and may be looked at again");
	await v.get("/register/agreements");
	await go("/register/agreements", { agree: "1" }, "/register/check");
	await go("/register/check", { token: v.page.value("token") }, "/register/done");
	await cardStates(instance, v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1]);
	v.close();
});

test("people share nothing: two journeys at once are two people", async () => {
	const cars = await importCars(instance, 4);
	const all = await Promise.all(cars.map((car) => journey(instance, car)));
	assert.equal(new Set(all.map((v) => v.person.number)).size, 4);
	assert.equal(new Set(all.map((v) => v.application)).size, 4);
	for (const v of all) {
		await cardStates(instance, v.application);
		v.close();
	}
});
