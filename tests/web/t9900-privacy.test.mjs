// After all the others: no name, number, phone or address of any person that the tests made up stands in a log, nor in the database
// outside of what is sealed. What the stand-ins recorded is theirs.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey } from "./client.mjs";

const instance = Instance.shared();

// Everything personal: what tests typed, what the reader made out of pictures, what phones got, what the carrier was sent.
function personal() {
	const found = new Set(instance.remembered());
	for (const line of instance.messages.read()) found.add(line.split(" ")[2].replace("+86", ""));
	for (const m of instance.received("identity")) {
		if (m.action !== "IDCardOCR" || !m.answer?.body) continue;
		let read = {};
		try {
			read = JSON.parse(m.answer.body).Response ?? {};
		} catch {
			continue; // a scripted answer that is no JSON
		}
		for (const name of ["Name", "IdNum", "Address"]) if (typeof read[name] === "string") found.add(read[name]);
	}
	for (const m of instance.received("carrier")) for (const name of ["CustomerName", "CustomerCertNumber", "CustomerCertAddress"]) if (m.decrypted?.[name]) found.add(m.decrypted[name]);
	for (const [name] of instance.sql("SELECT name FROM company")) found.delete(name); // whom the register of companies names is nobody's secret
	// Two characters of Chinese are somebody's name; two of ASCII are anything.
	return [...found].filter((value) => value.length >= (/[^\x00-\x7f]/.test(value) ? 2 : 6));
}

// Digits in the middle of a long hexadecimal number, as they come there by chance.
function hashed(text, at, value) {
	const around = /[0-9a-f]*$/.exec(text.slice(Math.max(0, at - 64), at))[0] + value + /^[0-9a-f]*/.exec(text.slice(at + value.length, at + value.length + 64))[0];
	return /^\d+$/.test(value) && around.length >= 32 && /[a-f]/.test(around);
}

// One pass over a text for all values: every hit.
function hits(text, values) {
	const byStart = new Map();
	for (const value of values) {
		const start = value.slice(0, 2);
		byStart.set(start, [...(byStart.get(start) ?? []), value]);
	}
	const found = [];
	for (let i = 0; i < text.length - 1; i++) {
		for (const value of byStart.get(text.slice(i, i + 2)) ?? []) if (text.startsWith(value, i) && !hashed(text, i, value)) found.push(`${value.slice(0, 2)}… in "${text.slice(Math.max(0, i - 60), i).replaceAll("\n", " ")}"`);
	}
	return found;
}

test("the search finds what is there", () => {
	assert.equal(hits("a 13800138000 b 王小明", ["13800138000", "王小明", "李四"]).length, 2);
	assert.equal(hits("+8613800138000, id13800138000", ["13800138000"]).length, 2);
	assert.equal(hits(`hash=${"0a".repeat(12)}13800138000${"f".repeat(20)}`, ["13800138000"]).length, 0);
});

test("logs of every part but the stand-ins", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car); // so that it also says something when run alone
	await cardStates(instance, v.application);
	v.close();
	const values = personal(), folder = join(instance.runDir, "log");
	assert.ok(values.length > 5, String(values.length));
	assert.ok(values.includes(v.number) && values.includes(v.person.number));
	let read = 0;
	for (const name of readdirSync(folder)) {
		if (name.startsWith("standin_") || !statSync(join(folder, name)).isFile()) continue;
		assert.deepEqual(hits(readFileSync(join(folder, name), "utf8"), values), [], name);
		read++;
	}
	assert.ok(read >= 4, "postgres, jobs, web, nginx, access");
	assert.deepEqual(hits(readFileSync(join(instance.runDir, "log/access.log"), "utf8"), [v.application, car.vin]), [], "nor numbers of applications and cars");
});

test("the database", () => {
	const values = personal(), dump = instance.dump();
	assert.ok(dump.length > 10000);
	const found = hits(dump, values).filter((hit) => !/vehicle_staff|agreement/.test(hit));
	// Agreement texts and catalogue rows are no persons'; a made-up name of two characters may stand in one by chance.
	assert.deepEqual(found, []);
	const forms = values.map((value) => Buffer.from(value).toString("hex")).filter((hex) => hex.length >= 12);
	assert.deepEqual(hits(dump, forms), [], "not as bytes either");
	const base64 = values.filter((value) => value.length >= 6).map((value) => Buffer.from(value).toString("base64").replace(/=+$/, "").slice(0, -1)).filter((value) => value.length >= 8);
	assert.deepEqual(hits(dump, base64), [], "nor in base64");
});

test("evidence on disk is sealed: no file begins as a picture or a clip, or has a name in it", () => {
	const walk = (path) => (statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => walk(join(path, name))) : [path]);
	const files = walk(join(instance.runDir, "evidence")), values = personal().slice(0, 50);
	assert.ok(files.length > 0);
	for (const path of files) {
		const bytes = readFileSync(path);
		assert.ok(!["ffd8ff", "1a45df", "89504e"].includes(bytes.subarray(0, 3).toString("hex")), path);
		assert.ok(!bytes.includes("JFIF") && !bytes.includes("CREATOR: gd"), path);
		for (const value of values) assert.ok(value.length < 6 || !bytes.includes(value), path);
	}
});
