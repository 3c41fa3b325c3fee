// Registrations that their holder cannot end any more: staff do, for a car, and whoever has it now can register it.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, until } from "./client.mjs";
import { allTasks, carsStep, companyCars, newCompany, scriptLicence, signedIn, submitted } from "./company.mjs";

const instance = Instance.shared();
const cancel = (vin, ...more) => instance.ctl("registration", "cancel", vin, "--reason", "看过行驶证", ...more);
const living = (car) => instance.value(`SELECT count(*) FROM registration g JOIN card_binding b ON b.card_id = g.card_id AND b.bound_until IS NULL JOIN vehicle v ON v.id = b.vehicle_id WHERE v.vin = '${car.vin}' AND g.ended_at IS NULL`);
const numberOf = (told) => told.match(/application ([0-9A-Z]{12})$/m)[1];

test("a used car whose former holder cannot be found: cancelled by staff, he is told, and the buyer registers it", async () => {
	const [car] = await importCars(instance, [{ cards: 2 }]), v = await journey(instance, car);
	await cardStates(instance, v.application);
	await assert.rejects(instance.ctl("registration", "cancel", car.vin), /--reason/);
	await assert.rejects(cancel("LSVAA0000A0000000"), /no car with this VIN/);
	await assert.rejects(cancel(car.vin, "--application", "AAAAAAAAAAAA"), /from this application/);
	const told = await cancel(car.vin), number = numberOf(told);
	assert.ok(told.includes("2 cards") && !told.includes(car.vin));
	await cardStates(instance, number);
	assert.equal(living(car), "0");
	assert.deepEqual(instance.sql(`SELECT kind, channel, holder FROM application WHERE number = '${number}'`), [["cancel", "counter", "person"]]);
	await until("the former holder is told", () => instance.value(`SELECT count(*) FROM sms_message m JOIN application a ON a.id = m.application_id WHERE a.number = '${number}' AND m.template = 'cancel_ok' AND m.state = 'sent'`) === "1");
	assert.deepEqual(instance.sql(`SELECT detail->>'reason', detail->>'cancelled_by', actor LIKE 'operator:%' FROM audit WHERE action = 'registration.cancelled' AND object = (SELECT 'vehicle:' || id FROM vehicle WHERE vin = '${car.vin}')`), [["看过行驶证", number, "t"]]);
	await assert.rejects(cancel(car.vin), /nothing in this car is registered/);
	const buyer = await journey(instance, car);
	await cardStates(instance, buyer.application);
	assert.equal(living(car), "2");
	for (const one of [v, buyer]) one.close();
});

test("cards of several holders, or in an application that is not finished: nothing is cancelled", async () => {
	const [car] = await importCars(instance, [{ cards: 2 }]), v = await journey(instance, car);
	await cardStates(instance, v.application);
	instance.sql(`UPDATE registration SET holder_number_hash = '\\x01' WHERE card_id = (SELECT id FROM card WHERE iccid = '${car.cards[0].iccid}') AND ended_at IS NULL`);
	await assert.rejects(cancel(car.vin), new RegExp(`several holders.*${v.application}`));
	instance.sql(`UPDATE registration SET holder_number_hash = '\\x01' WHERE from_application_id = (SELECT id FROM application WHERE number = '${v.application}')`);
	const stand = (state) => instance.sql(`UPDATE application_card SET state = '${state}' WHERE application_id = (SELECT id FROM application WHERE number = '${v.application}')`);
	stand("review");
	await assert.rejects(cancel(car.vin), /is not finished/);
	stand("done");
	assert.equal(living(car), "2");
	assert.equal(instance.value(`SELECT count(*) FROM application WHERE kind = 'cancel' AND vehicle_id = (SELECT id FROM vehicle WHERE vin = '${car.vin}')`), "0");
	v.close();
});

test("a company that is closed: a car of its batch is cancelled alone, and nobody gets it into his own records", async () => {
	const company = newCompany(instance), [sold, other] = await companyCars(instance, company, 2), v = await signedIn(instance, company, { cars: false });
	scriptLicence(instance, company);
	await v.begin();
	await carsStep(v);
	await allTasks(v);
	await submitted(v);
	await cardStates(instance, v.batch);
	await instance.ctl("company", "close", company.code, "--reason", "dissolved");
	const number = numberOf(await cancel(sold.vin));
	await cardStates(instance, number);
	assert.deepEqual([living(sold), living(other)], ["0", "1"]);
	assert.deepEqual(instance.sql(`SELECT holder, company_id IS NULL, phone_hash IS NULL, vehicle_id = (SELECT id FROM vehicle WHERE vin = '${sold.vin}') FROM application WHERE number = '${number}'`), [["organisation", "t", "t", "t"]]);
	assert.equal(instance.value(`SELECT count(*) FROM sms_message m JOIN application a ON a.id = m.application_id WHERE a.number = '${number}'`), "0");
	assert.equal(instance.value(`SELECT standing FROM company_vehicle WHERE vin = '${sold.vin}'`), "free");
	instance.script("identity");
	v.close();
});
