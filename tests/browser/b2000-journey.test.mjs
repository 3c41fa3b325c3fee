// The whole way of an owner on a phone: from the front page to 实名成功 in the records, recorded in the page with a face and a
// voice; then the same way without script. Taps and typed characters are counted.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { importCars } from "../web/cars.mjs";
import { cardStates } from "../web/client.mjs";
import { Instance, launch, newContext, newPage } from "./browser.mjs";
import { FOLDER, cameraPicture, cardFile, examine, likeness } from "./media.mjs";
import { Person } from "./person.mjs";

const instance = Instance.shared();
let browser;
before(async () => {
	browser = await launch();
});
after(() => browser.close());

// The clip that reached the provider of liveness for these digits, as a file.
function receivedClip(digits) {
	const request = instance.received("identity").filter((one) => /^Liveness/.test(one.action)).map((one) => JSON.parse(one.body)).find((body) => body.ValidateData?.includes(digits));
	assert.ok(request, `a clip with the digits ${digits} reached the provider`);
	const path = join(FOLDER, `received-${process.pid}-${digits}`);
	writeFileSync(path, Buffer.from(request.VideoBase64, "base64"));
	return path;
}

async function whole(person, car) {
	await person.upTo(car, "submit");
	assert.deepEqual(await cardStates(instance, person.application), car.cards.map(() => "done"));
	const { taps, typed } = person;
	await person.records();
	const text = await person.page.locator("main").innerText();
	assert.ok(text.includes(person.application), "the number of the application");
	assert.equal(text.split("实名成功").length - 1, car.cards.length, "every card");
	assert.ok(!text.includes(person.number) && !text.includes(person.name), "masked");
	for (const card of car.cards) assert.ok(text.includes(card.iccid.slice(-4)));
	const sent = instance.accepted().filter((one) => car.cards.some((card) => JSON.stringify(one).includes(card.iccid)));
	assert.equal(sent.length, 2 * car.cards.length, "an account and a vehicle message a card");
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
		assert.ok(seen.seconds > 3.5 && seen.seconds < 7, `${seen.seconds} s`);
		assert.ok(seen.width >= 240 && seen.height >= 320, `${seen.width} x ${seen.height}`);
		assert.ok(seen.loudness > -30, `a voice is heard: ${seen.loudness} dB`);
		const face = likeness(clip, 2, cameraPicture()), other = likeness(clip, 2, cardFile("back", person.mark));
		assert.ok(face > 0.35 && face > other + 0.15, `the face is seen: ${face}, another picture ${other}`);
		rmSync(clip);
	});

	test("without script", async (t) => {
		const [car] = await importCars(instance, [{ cards: 2 }]);
		const context = await newContext(browser, { javaScriptEnabled: false }), page = await newPage(context, instance), person = new Person(instance, page, { script: false, shots: "plain" });
		const { taps, typed } = await whole(person, car);
		t.diagnostic(`${taps} taps, ${typed} typed characters`);
		assert.equal(typed, 17 + 6 + 11 + 6);
		assert.deepEqual(page.watch.requests.filter((one) => /\.js$/.test(one)), [], "no script was loaded");
		page.untroubled();
		await context.close();
		rmSync(receivedClip(person.spoken));
	});
});
