// 选择车辆: the proof, what a wrong one tells and costs, and how people type a VIN.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars, newVin, vinCheckDigit } from "./cars.mjs";
import { Instance, Visitor } from "./client.mjs";

const instance = Instance.shared();
let next = 2;
// Each test comes from an address of its own: locks are of one car and one address.
const address = () => `127.0.1.${next++}`;

async function atVehicle(localAddress = address()) {
	const v = new Visitor(instance, { localAddress });
	await v.begin();
	assert.equal(v.page.path, "/register/vehicle");
	return v;
}
const wrong = (car) => (car.proof === "999999" ? "999998" : "999999");
// What differs by the request itself is taken out.
const comparable = (page, vin) => page.text.replaceAll(vin, "VIN");

test("an unknown car and a wrong proof are told alike", async () => {
	const [car] = await importCars(instance), unknown = newVin(), first = await atVehicle(), second = await atVehicle();
	const one = await first.post("/register/vehicle", { vin: car.vin, proof: wrong(car) });
	const other = await second.post("/register/vehicle", { vin: unknown, proof: wrong(car) });
	assert.equal(one.status, 422);
	assert.equal(other.status, 422);
	assert.equal(comparable(one, car.vin), comparable(other, unknown));
	assert.deepEqual(Object.keys(one.headers).sort(), Object.keys(other.headers).sort());
	assert.match(one.error("proof"), /车架号或后 6 位不正确/);
	assert.equal(one.value("vin"), car.vin, "what was typed stays");
	first.close();
	second.close();
});

test("three wrong proofs lock the car for this address and not for others", async () => {
	const [car, other] = await importCars(instance, 2), v = await atVehicle();
	for (const left of [/还可以再试 2 次/, /还可以再试 1 次/, /过一会儿再试/]) {
		const page = await v.post("/register/vehicle", { vin: car.vin, proof: wrong(car) });
		assert.equal(page.status, 422);
		assert.match(page.error("proof"), left);
	}
	const locked = await v.post("/register/vehicle", { vin: car.vin, proof: car.proof });
	assert.equal(locked.status, 422, "also with the right proof");
	assert.match(locked.error("proof"), /这辆车请在 \d\d:\d\d 后再试/);
	assert.equal((await v.post("/register/vehicle", { vin: other.vin, proof: other.proof })).path, "/register/cards", "another car is free");
	const elsewhere = await atVehicle();
	assert.equal((await elsewhere.post("/register/vehicle", { vin: car.vin, proof: car.proof })).path, "/register/cards");
	// A new draft of the same address does not lift it; time does.
	const again = await atVehicle(v.localAddress);
	assert.match((await again.post("/register/vehicle", { vin: car.vin, proof: car.proof })).error("proof"), /后再试/);
	instance.sql("UPDATE attempt SET at = at - interval '31 minutes' WHERE kind = 'proof.pair'");
	assert.equal((await again.post("/register/vehicle", { vin: car.vin, proof: car.proof })).path, "/register/cards");
	for (const one of [v, elsewhere, again]) one.close();
});

test("wrong proofs from everywhere only slow the car down", async () => {
	const [car] = await importCars(instance);
	for (let n = 0; n < 10; n++) {
		const v = await atVehicle();
		assert.match((await v.post("/register/vehicle", { vin: car.vin, proof: wrong(car) })).error("proof"), /不正确/);
		v.close();
	}
	const owner = await atVehicle();
	instance.sql("UPDATE attempt SET at = clock_timestamp() WHERE kind = 'proof.vin'"); // just now, however long they took
	assert.match((await owner.post("/register/vehicle", { vin: car.vin, proof: car.proof })).error("proof"), /请等 \d+ 秒后再试/);
	instance.sql("UPDATE attempt SET at = at - interval '11 seconds' WHERE kind = 'proof.vin'");
	assert.equal((await owner.post("/register/vehicle", { vin: car.vin, proof: car.proof })).path, "/register/cards", "slowed, not locked");
	owner.close();
});

test("O, Q and I are offered as 0 and 1; nothing is changed by itself", async () => {
	const v = await atVehicle();
	const typed = "LSVAG218OE2IOOQIO";
	const page = await v.post("/register/vehicle", { vin: typed, proof: "123456" });
	assert.equal(page.status, 422);
	assert.match(page.error("vin"), /I、O、Q/);
	assert.ok(page.has(typed.replaceAll("O", "0").replaceAll("Q", "0").replaceAll("I", "1")), "the suggestion");
	assert.ok(page.values("vin").includes(typed), "what was typed is still in its field");
	v.close();
});

test("full-width characters, blanks and small letters are understood", async () => {
	const [car] = await importCars(instance);
	const wide = [...car.vin.toLowerCase()].map((c) => String.fromCodePoint(c.codePointAt(0) + 0xfee0)).join("");
	const typed = `  ${wide.slice(0, 6)} ${wide.slice(6)}\u3000`, v = await atVehicle();
	const page = await v.post("/register/vehicle", { vin: typed, proof: ` ${car.proof.slice(0, 3)} ${car.proof.slice(3)}` });
	assert.equal(page.path, "/register/cards");
	assert.ok(page.has(car.row.VehicleModel) || page.has(car.row.VehicleDepartment), "the car is shown");
	assert.ok(!page.html.includes(car.vin), "its number is masked");
	v.close();
});

test("a domestic VIN whose check digit does not fit is a hint", async () => {
	const good = newVin(), digit = vinCheckDigit(good) === "5" ? "6" : "5", v = await atVehicle();
	const page = await v.post("/register/vehicle", { vin: good.slice(0, 8) + digit + good.slice(9), proof: "123456" });
	assert.equal(page.status, 422);
	const right = await v.post("/register/vehicle", { vin: good, proof: "123456" });
	assert.notEqual(comparable(page, good.slice(0, 8) + digit + good.slice(9)), comparable(right, good), "the page tells");
	v.close();
});

test("each wrong form has its message beside the field", async () => {
	const v = await atVehicle();
	for (const [vin, proof, field, message] of [
		["", "123456", "vin", /请输入车架号/], ["LSV", "123456", "vin", /17 位/], ["LSVAG2180E21001*0", "123456", "vin", /只含字母和数字/],
		[newVin(), "", "proof", /请输入发动机号/], [newVin(), "12345", "proof", /后 6 位/], [newVin(), "12345678", "proof", /后 6 位/],
	]) {
		const page = await v.post("/register/vehicle", { vin, proof });
		assert.equal(page.status, 422, vin + proof);
		assert.match(page.error(field) ?? "", message);
		assert.match(page.errors[field] ?? "", message, "and in the summary");
		assert.equal(page.value("vin"), vin);
	}
	v.close();
});

test("one of several motor numbers is a proof too", async () => {
	const [car] = await importCars(instance, [{ columns: { EngineNum: "", MotorNum: "MOT0000111,MOT0000222", FuelType: "3" } }]);
	for (const proof of ["000111", "000222"]) {
		const v = await atVehicle();
		assert.equal((await v.post("/register/vehicle", { vin: car.vin, proof })).path, "/register/cards");
		v.close();
	}
});

test("cards: none chosen, a card of another car, all", async () => {
	const [car, other] = await importCars(instance, [{ cards: 3 }, {}]), v = await atVehicle(), w = await atVehicle();
	const page = await v.vehicle(car), theirs = await w.vehicle(other);
	assert.equal(page.values("card").length, 3);
	assert.match((await v.post("/register/cards", {})).error("card"), /至少选择一张/);
	assert.equal((await v.post("/register/cards", { card: theirs.values("card") })).status, 422, "not of this car");
	assert.equal((await v.post("/register/cards", { card: ["x", "' OR 1=1", "\u0000"] })).status >= 400, true);
	await v.get("/register/cards");
	const all = await v.post("/register/cards", { action: "all" });
	assert.equal((all.html.match(/name="card"[^>]*\schecked/g) ?? []).length, 3);
	await v.post("/register/cards", { card: all.values("card").slice(0, 2) });
	assert.equal(instance.value(`SELECT count(*) FROM application_card ac JOIN application a ON a.id = ac.application_id JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${car.vin}'`), "2");
	v.close();
	w.close();
});
