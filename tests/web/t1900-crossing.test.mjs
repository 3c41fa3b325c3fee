// What an attacker tries with two requests at once: what the one has judged is no longer what it changes. The order is made
// sure of by holding the row that both need until both wait for it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import test from "node:test";

import { importAgain, importCars } from "./cars.mjs";
import { Instance, Visitor, journey, newPhone, until } from "./client.mjs";
import { HEADER, importCompany, importFleetText, newCode } from "./fleet.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();
const waiting = () => Number(instance.value("SELECT count(*) FROM pg_stat_activity WHERE usename IN ('realname_web', 'realname_operator') AND wait_event_type = 'Lock'"));

// Runs the requests so that each is past its reading, then lets them change what they want, first come, first served. hold: the statement
// that holds them, or that and another one that is done before they go on.
async function crossed(hold, ...requests) {
	const [lock, meanwhile = "SELECT"] = [hold].flat();
	const psql = spawn("psql", ["-X", "-q", "-At", "-h", instance.endpoints.database_socket, "-U", "postgres", "-d", "realname"], { stdio: ["pipe", "pipe", "inherit"] });
	let said = "";
	psql.stdout.on("data", (part) => (said += part));
	psql.stdin.write(`BEGIN;\n${lock};\nSELECT 'held';\n`);
	const answers = [];
	try {
		await until("the row is held", () => said.includes("held"));
		for (const request of requests) {
			answers.push(request());
			await until(`request ${answers.length} waits for the row`, () => waiting() === answers.length);
		}
	} finally {
		psql.stdin.end(`${meanwhile};\nCOMMIT;\n`);
	}
	return Promise.all(answers);
}

const NEWEST_DRAFT = "SELECT FROM application WHERE created_at = (SELECT max(created_at) FROM application) FOR UPDATE";

test("a code for one's own phone does not sign in to the records of another phone", async () => {
	const own = newPhone(), other = newPhone(), v = new Visitor(instance);
	await v.get("/records/phone");
	await v.post("/records/phone", { phone: own });
	const code = await instance.code(own);
	await crossed("SELECT FROM session WHERE created_at = (SELECT max(created_at) FROM session) FOR UPDATE",
		() => v.send("/records/phone", { phone: other }), () => v.send("/records/code", { code }));
	assert.equal((await v.get("/records")).path, "/records/phone");
	v.close();
});

test("a code for one phone does not prove another one that came meanwhile", async () => {
	const [car] = await importCars(instance), own = newPhone(), v = await journey(instance, car, { stop: "code", phone: own });
	const code = await instance.code(own);
	await crossed(NEWEST_DRAFT, () => v.send("/register/phone", { phone: newPhone() }), () => v.send("/register/code", { code }));
	assert.equal((await v.get("/register/front")).path, "/register/code");
	v.close();
});

test("cards of one car do not come into the application of another", async () => {
	const [one, other] = await importCars(instance, [{ cards: 2 }, { cards: 2 }]), v = await journey(instance, one, { stop: "cards" });
	const page = await v.get("/register/cards");
	await crossed(NEWEST_DRAFT, () => v.send("/register/vehicle", { vin: other.vin, proof: other.proof }), () => v.send("/register/cards", { card: page.values("card") }));
	assert.equal((await v.get("/register/phone")).path, "/register/cards");
	v.close();
});

// The one binding of the car's one card.
const bindingOf = (car) => `SELECT FROM card_binding b JOIN card c ON c.id = b.card_id WHERE c.iccid = '${car.cards[0].iccid}' AND b.bound_until IS NULL`;

test("who submits while an import moves his card waits for it, and sends nothing of the other car", async () => {
	const [car, other] = await importCars(instance, 2), v = await journey(instance, car, { stop: "check" }), page = await v.get("/register/check");
	const move = `UPDATE card_binding b SET vehicle_id = (SELECT id FROM vehicle WHERE vin = '${other.vin}') FROM card c WHERE c.id = b.card_id AND c.iccid = '${car.cards[0].iccid}'`;
	const [answer] = await crossed([`${bindingOf(car)} FOR NO KEY UPDATE OF b`, move], () => v.send("/register/check", { token: page.value("token") }));
	assert.equal(answer.headers.location, "/register/refused/card-moved");
	assert.equal(instance.value(`SELECT submitted_at IS NULL FROM application WHERE id = ${v.draft}`), "t");
	v.close();
});

test("an import that would move a card waits for whoever submits it, and leaves it there", async () => {
	const [car, other] = await importCars(instance, 2), v = await journey(instance, car, { stop: "check" }), iccid = car.cards[0].iccid;
	const submit = `UPDATE application_card SET state = 'review' WHERE card_id = (SELECT id FROM card WHERE iccid = '${iccid}')`;
	const [said] = await crossed([`${bindingOf(car)} FOR SHARE OF b`, submit], () => importAgain(instance, [{ ...other, cards: car.cards }]).catch((error) => error.stderr));
	assert.match(said, /ICCID: is in an application that is not finished/);
	assert.equal(instance.value(`SELECT v.vin FROM card_binding b JOIN card c ON c.id = b.card_id JOIN vehicle v ON v.id = b.vehicle_id WHERE c.iccid = '${iccid}' AND b.bound_until IS NULL`), car.vin);
	v.close();
});

test("a status that changes while an import brings another one is no change without a record", async () => {
	const [car] = await importCars(instance);
	Object.assign(car.row, { VehicleStatus: "4" });
	await crossed([`SELECT FROM vehicle WHERE vin = '${car.vin}' FOR UPDATE`, `UPDATE vehicle SET status = 6 WHERE vin = '${car.vin}'`], () => importAgain(instance, [car]));
	assert.equal(instance.value(`SELECT detail->>'from' || ' to ' || (detail->>'to') FROM audit a JOIN vehicle v ON a.object = 'vehicle:' || v.id WHERE a.action = 'vehicle.status_changed' AND v.vin = '${car.vin}'`), "6 to 4");
});

test("a car does not leave a company whose batch has it meanwhile", async () => {
	const company = await importCompany(instance, { cars: 1 }), [car] = company.cars, code = newCode(), row = `company_vehicle o WHERE o.vin = '${car.vin}'`;
	const [said] = await crossed([`SELECT FROM ${row} FOR UPDATE`, `UPDATE company_vehicle o SET standing = 'busy' WHERE o.vin = '${car.vin}'`],
		() => importFleetText(instance, `${HEADER}\n${code},新公司,,,${car.vin}\n`, "--move").catch((error) => error.stderr));
	assert.match(said, /a car that moves came into an application at this moment/);
	assert.equal(instance.value(`SELECT c.code FROM company c, ${row} AND c.id = o.company_id`), company.code);
});

test("who submits while his car comes to a company waits for it, and is told whose it is", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "check" }), page = await v.get("/register/check");
	const [answer] = await crossed([`${bindingOf(car)} FOR NO KEY UPDATE OF b`, `UPDATE vehicle SET owner_type = 'organisation' WHERE vin = '${car.vin}'`],
		() => v.send("/register/check", { token: page.value("token") }));
	assert.equal(answer.headers.location, "/register/refused/company");
	v.close();
});

test("an identity is confirmed against the pictures that are in use", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "identity" });
	const page = await v.get("/register/identity");
	const fields = Object.fromEntries(["name", "number", "address", "valid_from", "valid_until"].map((name) => [name, page.value(name)]));
	await crossed(NEWEST_DRAFT, () => v.send("/register/front", { action: "type", type: "PASSPORT_FOREIGN" }), () => v.send("/register/identity", { ...fields, long_term: "1" }));
	assert.equal(instance.value(`SELECT certificate_confirmed_at IS NULL FROM application WHERE vehicle_id = (SELECT id FROM vehicle WHERE vin = '${car.vin}')`), "t");
	v.close();
});

test("pictures that read well are not read without end", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "back" });
	instance.sql(`INSERT INTO reading (id, application_id, evidence_id, side, state) SELECT gen_random_uuid(), g.application_id, g.evidence_id, g.side, 'done'
		FROM reading g JOIN application a ON a.id = g.application_id JOIN vehicle c ON c.id = a.vehicle_id AND c.vin = '${car.vin}', generate_series(1, 999)`);
	await v.get("/register/front");
	const taken = await v.upload(v.page.uploadPath, jpeg(`${Math.random()}`), { json: true });
	assert.equal(taken.status, 422);
	assert.match(taken.json.errors[0].text, /识别次数已用完/);
	v.close();
});

test("a picture that is read while the page is made: a phone that took over goes on as ever", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" }), phone = new Visitor(instance);
	await desk.post("/register/handover/front", { action: "show" });
	const link = new URL(desk.page.attributes("a", "href").find((href) => href.includes("/c/"))).pathname;
	await phone.get(link);
	await phone.post(link);
	await phone.upload(phone.page.uploadPath, jpeg(`${Math.random()}`));
	await phone.settled("/register/front");
	assert.match(phone.page.path, /^\/handover/);
	const set = (state, ready) => `UPDATE reading SET state = '${state}' WHERE application_id = ${desk.draft}; UPDATE application SET front_ready_at = ${ready} WHERE id = ${desk.draft}`;
	instance.sql(set("waiting", "NULL"));
	assert.ok((await phone.get("/register/front")).waiting);
	await crossed(["LOCK TABLE reading", set("done", "now()")], () => phone.get("/register/front"));
	assert.match(phone.page.path, /^\/handover/);
	desk.close();
	phone.close();
});
