// The whole way of an owner on a phone: from the front page to 实名成功 in the records, recorded in the page with a face and a
// voice; then the same way, and those of the holder who cancels and who changes his data, without script. Taps and typed characters
// are counted.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { importCars } from "../web/cars.mjs";
import { cardStates, journey } from "../web/client.mjs";
import { Instance, newContext, newPage, testBrowser } from "./browser.mjs";
import { FOLDER, cameraPicture, cardFile, examine, likeness } from "./media.mjs";
import { Person, newMark } from "./person.mjs";

const instance = Instance.shared(), browser = testBrowser();

// The clip that reached the provider of liveness for these digits, as a file.
function receivedClip(digits) {
	const request = instance.received("identity").filter((one) => /^Liveness/.test(one.action)).map((one) => JSON.parse(one.body)).findLast((body) => body.ValidateData?.includes(digits));
	assert.ok(request, `a clip with the digits ${digits} reached the provider`);
	const path = join(FOLDER, `received-${process.pid}-${digits}`);
	writeFileSync(path, Buffer.from(request.VideoBase64, "base64"));
	return path;
}

// What the records say when a flow is done, how many messages the carrier got for a card, and which kind the last of them was.
const RESULTS = { register: ["实名成功", 2, "1"], cancel: ["已注销", 1, "3"], update: ["已变更", 1, "2"] };

async function whole(person, car) {
	const [result, messages, kind] = RESULTS[person.flow], about = () => instance.accepted().filter((one) => car.cards.some((card) => JSON.stringify(one).includes(card.iccid)));
	const before = about().length;
	await person.upTo(car, "submit");
	assert.deepEqual(await cardStates(instance, person.application), car.cards.map(() => "done"));
	const { taps, typed } = person;
	await person.records();
	const text = await person.page.locator("main").innerText();
	assert.ok(text.includes(person.application), "the number of the application");
	assert.equal(text.split(result).length - 1, car.cards.length, "every card");
	assert.ok(!text.includes(person.number) && !text.includes(person.name), "masked");
	for (const card of car.cards) assert.ok(text.includes(card.iccid.slice(-4)));
	const sent = about().slice(before);
	assert.equal(sent.length, messages * car.cards.length, "an account and, for a new registration, a vehicle message a card");
	assert.deepEqual(sent.filter((one) => one.kind === "account").map((one) => one.OperType), car.cards.map(() => kind));
	return { taps, typed };
}

describe("from the front page to 实名成功", { concurrency: 2 }, () => {
	test("with script, on a phone", async (t) => {
		const [car] = await importCars(instance, [{ cards: 2 }]);
		const context = await newContext(browser), page = await newPage(context, instance), person = new Person(instance, page, { shots: "journey" });
		const { taps, typed } = await whole(person, car);
		t.diagnostic(`${taps} taps, ${typed} typed characters`);
		assert.ok(taps <= 25, `${taps} taps`);
		assert.equal(typed, 17 + 6 + 11 + 6, "VIN, engine, phone, code: nothing is asked twice");
		page.untroubled();
		await context.close();

		const clip = receivedClip(person.spoken), seen = examine(clip);
		t.diagnostic(`clip: ${JSON.stringify(seen)}`);
		assert.ok(seen.seconds > 3.5 && seen.seconds < 15, `${seen.seconds} s`);
		assert.ok(seen.width >= 240 && seen.height >= 320, `${seen.width} x ${seen.height}`);
		assert.ok(seen.loudness > -30, `a voice is heard: ${seen.loudness} dB`);
		const face = likeness(clip, 2, cameraPicture()), other = likeness(clip, 2, cardFile("back", person.mark));
		assert.ok(face > 0.35 && face > other + 0.15, `the face is seen: ${face}, another picture ${other}`);
		rmSync(clip);
	});

	for (const flow of ["register", "cancel", "update"])
		test(`without script: ${flow}`, async (t) => {
			const [car] = await importCars(instance, [{ cards: 2 }]), mark = newMark();
			if (flow !== "register") {
				const holder = await journey(instance, car, { front: readFileSync(cardFile("front", mark)) });
				await cardStates(instance, holder.application);
				holder.close();
			}
			const context = await newContext(browser, { javaScriptEnabled: false }), page = await newPage(context, instance), person = new Person(instance, page, { script: false, shots: `plain-${flow}`, flow, mark });
			const { taps, typed } = await whole(person, car);
			t.diagnostic(`${taps} taps, ${typed} typed characters`);
			assert.equal(typed, 17 + 6 + 11 + 6);
			assert.deepEqual(page.watch.requests.filter((one) => /\.js$/.test(one)), [], "no script was loaded");
			page.untroubled();
			await context.close();
			rmSync(receivedClip(person.spoken));
			const current = instance.sql(`SELECT f.kind FROM registration g JOIN card c ON c.id = g.card_id JOIN application f ON f.id = g.from_application_id WHERE g.ended_at IS NULL AND c.iccid IN (${car.cards.map((card) => `'${card.iccid}'`).join(",")})`).map((row) => row[0]);
			assert.deepEqual(current, flow === "cancel" ? [] : car.cards.map(() => flow), "registrations that are valid now");
		});
});
