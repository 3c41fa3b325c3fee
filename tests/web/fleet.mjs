// Companies for tests: made up, imported by the operator's command, and their admins signed in.
import { randomInt } from "node:crypto";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { importCars } from "./cars.mjs";
import { newPhone, Visitor } from "./client.mjs";

const LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

// A unified social credit code (GB 32100) that no other test uses.
export function newCode() {
	const body = `91110108${Array.from({ length: 9 }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;
	const sum = [...body].reduce((total, c, i) => total + LETTERS.indexOf(c) * WEIGHTS[i], 0);
	return body + LETTERS[(31 - (sum % 31)) % 31];
}

export const HEADER = "Code,Name,AdminPhone,AdminName,VIN";

// Runs import-fleet on this text; what it printed. Throws when it refuses.
export async function importFleetText(instance, text, ...options) {
	const file = join(tmpdir(), `fleet-${process.pid}-${randomInt(1e9)}.csv`);
	writeFileSync(file, text);
	chmodSync(file, 0o644);
	try {
		return await instance.ctl("import-fleet", file, ...options);
	} finally {
		rmSync(file);
	}
}

// An imported company: {code, name, phones, cars}. cars: how many, or cars that are imported already. phones: its admins.
export async function importCompany(instance, { code = newCode(), name = `测试运输${randomInt(1e6)}有限公司`, phones = [newPhone()], cars = 3 } = {}) {
	const list = Array.isArray(cars) ? cars : cars > 0 ? await importCars(instance, cars) : [];
	instance.remember(...phones);
	const rows = [[code, name, phones.join(";"), "", ""], ...list.map((car) => [code, name, "", "", car.vin])];
	await importFleetText(instance, `${[HEADER, ...rows.map((row) => row.join(","))].join("\n")}\n`);
	return { code, name, phones, cars: list };
}

// Between two codes for one phone there is a minute.
export function aMinuteLater(instance) {
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
}

// Signs in as an admin of companies; gives the visitor at the page that follows. visitor: one that has been here before.
export async function signInFleet(instance, phone, visitor = new Visitor(instance)) {
	const count = instance.sms(phone).filter((message) => message.template === "2000001").length + 1;
	aMinuteLater(instance);
	await visitor.get("/fleet");
	await visitor.post("/records/phone?to=fleet", { phone });
	await visitor.post("/records/code?to=fleet", { code: await instance.code(phone, count) });
	return visitor;
}
