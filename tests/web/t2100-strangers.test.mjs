// Two people: whatever one of them sends, with any address and any id of the other, shows and changes nothing of the other's.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, Visitor } from "./client.mjs";
import { clip, jpeg } from "./media.mjs";

const instance = Instance.shared();
const STEPS = ["notice", "vehicle", "cards", "phone", "code", "front", "back", "identity", "consent", "liveness", "agreements", "check", "done"];

// Everything of one application, as the database tells it.
const state = (id) => JSON.stringify(["application", "application_card", "application_party", "evidence", "reading", "verification", "consent", "session"].map((table) =>
	instance.sql(`SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${table} t WHERE ${table === "application" ? "id" : "application_id"} = '${id}'`)));

test("every route and every id of a draft, asked by somebody with a draft of his own and by somebody without", async () => {
	const [car, own] = await importCars(instance, 2), victim = await journey(instance, car, { stop: "check" });
	const row = (what) => instance.value(`SELECT ${what} FROM application a JOIN vehicle v ON v.id = a.vehicle_id WHERE v.vin = '${car.vin}'`);
	const id = row("a.id"), number = row("a.number"), before = state(id);
	const secrets = [victim.person.name, victim.person.number, victim.person.address, victim.number, car.vin, number, id, row("a.front_evidence_id"), row("a.portrait_evidence_id"), car.cards[0].iccid];
	const mask = [`${victim.number.slice(0, 3)}****${victim.number.slice(-4)}`];
	const ids = [id, number, row("a.vehicle_id"), row("a.front_evidence_id"), row("a.back_evidence_id"), row("a.clip_evidence_id"), row("a.data_key_id"), car.vin, car.cards[0].iccid, victim.number];
	const stranger = await journey(instance, own, { stop: "check" }), nobody = new Visitor(instance);
	await nobody.get("/register/notice");
	for (const who of [stranger, nobody]) {
		const csrf = who.page.csrf ?? (await who.get("/register/notice")).csrf;
		const look = (page, what) => {
			assert.ok(page.status < 500, what);
			const shown = page.html.replace(/href="\/care\/on\?to=[^"]*"/, ""); // the path that was asked for, as the asker wrote it
			for (const secret of [...secrets, ...mask]) assert.ok(!shown.includes(secret), `${what} shows ${secret}`);
		};
		for (const step of STEPS) look(await who.request("GET", `/register/${step}?id=${id}&number=${number}&application_id=${id}`), `GET ${step}`);
		for (const side of ["front", "back", "clip", ...ids.filter((any) => any !== victim.number)]) {
			const page = await who.request("GET", `/register/picture/${side}?v=1&id=${id}`);
			look(page, `picture ${side}`);
			if (who === nobody || !["front", "back"].includes(side)) assert.notEqual(page.status, 200, side);
		}
		for (const any of ids) {
			// Paths are logged, so what the site never puts into one is not put there by a test either.
			for (const path of any === victim.number ? [] : [`/register/${any}`, `/records/${any}`, `/agreement/${any}`, `/register/done/${any}`, `/register/refused/${any}`, `/evidence/${any}`, `/register/upload/${any}?csrf=${csrf}`])
				look(await who.request(path.includes("upload") ? "POST" : "GET", path), path);
			look(await who.send("/records/continue", { csrf, number: any }), `continue ${any}`);
			look(await who.send("/records/continue", { csrf, number, phone: victim.number, application_id: id }), `continue with ${any}`);
		}
		look(await who.request("GET", "/records"), "records");
		// Forms that name the other's rows in every field.
		for (const step of ["cards", "front", "identity", "liveness", "check"])
			look(await who.send(`/register/${step}`, { csrf, id, application_id: id, card: instance.sql(`SELECT card_id FROM application_card WHERE application_id = '${id}'`).flat(), token: "1", action: "next" }), `POST ${step}`);
	}
	assert.equal(state(id), before, "nothing of the victim's changed");
	// The other's own picture is another one.
	const [a, b] = await Promise.all([victim, stranger].map((v) => v.request("GET", "/register/picture/front")));
	assert.equal(a.status, 200);
	assert.ok(!a.body.equals(b.body));
	// The token of one form is no good in another session.
	await victim.get("/register/check");
	const answer = await stranger.send("/register/check", { csrf: victim.page.csrf, token: victim.page.value("token") });
	assert.equal(answer.headers.location, "/register/check?again=1");
	for (const who of [victim, stranger, nobody]) who.close();
});

test("records are of the phone that is signed in and of no other", async () => {
	const cars = await importCars(instance, 2), [a, b] = await Promise.all(cars.map((car) => journey(instance, car)));
	for (const v of [a, b]) await cardStates(instance, v.application);
	const [ofA, ofB] = [await a.get("/records"), await b.get("/records")];
	assert.ok(ofA.has(a.application) && !ofA.has(b.application));
	assert.ok(ofB.has(b.application) && !ofB.has(a.application));
	for (const page of ["0", "-1", "2", "999999999", "x", "1 OR 1=1"]) assert.ok(!(await a.request("GET", `/records?page=${encodeURIComponent(page)}`)).has(b.application));
	for (const v of [a, b]) v.close();
});

test("a draft whose phone was typed but not proved is nobody's record", async () => {
	const [car] = await importCars(instance), phone = newPhone(), v = await journey(instance, car, { stop: "code", phone });
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
	const owner = new Visitor(instance), list = await owner.records(phone, 2);
	assert.equal(list.path, "/records");
	assert.ok(list.has("还没有办理记录"), list.text);
	v.close();
	owner.close();
});

test("a clip and a picture go into the draft of the session that sends them", async () => {
	const cars = await importCars(instance, 2), [a, b] = await Promise.all(cars.map((car) => journey(instance, car, { stop: "liveness" })));
	await a.settled("/register/liveness");
	await b.settled("/register/liveness");
	const count = (car) => instance.value(`SELECT count(*) FROM evidence e JOIN application x ON x.id = e.application_id JOIN vehicle v ON v.id = x.vehicle_id WHERE v.vin = '${car.vin}'`);
	const before = cars.map(count);
	assert.equal((await a.upload(b.page.uploadPath, clip("other's token"), { json: true })).status, 403);
	assert.equal((await a.upload(`/register/upload/front?csrf=${b.page.csrf}`, jpeg("other's token"), { json: true })).status, 403);
	assert.deepEqual(cars.map(count), before);
	for (const v of [a, b]) v.close();
});

test("whoever has an application of his own, and came by no link, has nothing at the phone's place", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" });
	for (const page of [await v.request("GET", "/handover"), await v.json("/handover")]) assert.ok(page.status === 404 || page.json, `${page.status}`);
	assert.equal((await v.send("/handover", { action: "cancel" })).headers.location, "/handover");
	assert.equal((await v.get("/register/phone")).status, 200, "the application stands");
	v.close();
});
