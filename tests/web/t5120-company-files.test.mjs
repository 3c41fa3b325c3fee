// The file that a carrier gets for a company's card: the responsible person's pictures, the company's papers page by page, the agreements.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { afterEach } from "node:test";

import { Instance, until } from "./client.mjs";
import { attachmentsTask, carsStep, companyCars, companyTask, letterTask, newCompany, personTask, scriptLicence, signedIn } from "./company.mjs";
import { decrypted, grey, rows, unzipped } from "./files.mjs";
import { jpeg, pdf } from "./media.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("identity"));

test("pictures, licence, letter and attachments in their order, then agreements and who signed them for which car", async () => {
	const company = newCompany(instance), v = await signedIn(instance, company, { cars: false }), [car] = await companyCars(instance, company, 1);
	scriptLicence(instance, company);
	await v.begin();
	await carsStep(v);
	await companyTask(v, { file: pdf(["营业执照", "副本"]) });
	await personTask(v);
	await letterTask(v, v.person.name, jpeg("letter", { width: 700, height: 990 }));
	await attachmentsTask(v, [pdf(["一", "二"], { size: [842, 595] }), jpeg("attached", { width: 660, height: 440 })]);
	await v.consent();
	await v.clip();
	await v.agree();
	await v.submit();
	const [row] = await until("the file of the card", () => {
		const all = rows(instance, car);
		return all.length > 0 && all.every((one) => one.state === "done" || one.dead) && all;
	}, 240); // files that are due earlier go first, and other tests have left hundreds
	assert.equal(row.state, "done", row.dead);
	const entries = unzipped(decrypted(instance, readFileSync(join(row.folder, `${row.name}.bin`))));
	const sizes = entries.map((entry) => {
		const { width, height } = grey(entry.data);
		return `${width}x${height}`;
	});
	// front, back, portrait, then two pages of the licence, the letter, two pages and a picture of attachments
	assert.deepEqual(sizes.slice(3, 9), ["1240x1754", "1240x1754", "700x990", "1754x1240", "1754x1240", "660x440"], sizes.join(" "));
	assert.ok(entries.length >= 12, `agreements and the page of signatures behind them: ${entries.length}`);
	assert.ok(entries.every((entry, i) => entry.name.endsWith(`_${String(i + 1).padStart(3, "0")}.jpg`)));
	v.close();
});
