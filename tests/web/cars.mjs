// Cars for tests: made up from the header and the first row of the sample file, with numbers of their own, and imported by the
// operator's command. A car: {vin, proof, cards: [{iccid, msisdn}], row}.
import { randomInt } from "node:crypto";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TOP } from "./instance.mjs";

const LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
const VALUES = Object.fromEntries([..."ABCDEFGH"].map((c, i) => [c, i + 1]).concat([..."JKLMN"].map((c, i) => [c, i + 1]), [["P", 7], ["R", 9]],
	[..."STUVWXYZ"].map((c, i) => [c, i + 2]), [..."0123456789"].map((c, i) => [c, i])));
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

const drawn = (alphabet, length) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");

// GB 16735: position 9 is the check digit.
export function vinCheckDigit(vin) {
	const sum = [...vin].reduce((total, c, i) => total + WEIGHTS[i] * VALUES[c], 0) % 11;
	return sum === 10 ? "X" : String(sum);
}
export function newVin() {
	const vin = `LS${drawn(LETTERS, 6)}0${drawn(LETTERS, 4)}${drawn("0123456789", 4)}`;
	return vin.slice(0, 8) + vinCheckDigit(vin) + vin.slice(9);
}
export function newIccid() {
	return `898604${drawn("0123456789", 14)}`;
}

// Rows of a CSV file without line ends in fields.
export function parseCsv(text) {
	return text.replace(/^\ufeff/, "").split(/\r?\n/).filter(Boolean)
		.map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => (m[1] !== undefined ? m[1].replaceAll('""', '"') : m[2])));
}
const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

function sample() {
	const [names, ...rows] = parseCsv(readFileSync(join(TOP, "tests/sample/cars.csv"), "utf8"));
	const first = Object.fromEntries(names.map((name, i) => [name, rows[0][i] ?? ""]));
	return { names, first };
}

// count: cards in the car (each may have columns of its own). columns: what else differs from the sample's first car, by the names of the file.
export function newCar(count = 1, columns = {}) {
	const { first } = sample(), engine = `E${drawn(LETTERS, 5)}${drawn("0123456789", 6)}`;
	const cards = Array.from({ length: count }, () => ({ iccid: newIccid(), msisdn: `10648${drawn("0123456789", 8)}` }));
	const owner = Object.fromEntries(Object.keys(first).filter((name) => /^Owner/i.test(name)).map((name) => [name, ""]));
	const row = { ...first, ...owner, VIN: newVin(), EngineNum: engine, MotorNum: "", FuelType: "1", ...columns };
	return { vin: row.VIN, proof: (row.EngineNum || row.MotorNum).slice(-6), cards, row };
}

export function csvOf(cars) {
	const { names } = sample();
	const extra = [...new Set(cars.flatMap((car) => Object.keys(car.row)))].filter((name) => !names.includes(name));
	const all = [...names, ...extra];
	const lines = cars.flatMap((car) => car.cards.map((card) => {
		const row = { ...car.row, ...card.columns, ICCID: card.iccid, MSISDN: card.msisdn };
		return all.map((name) => quoted(row[name] ?? "")).join(",");
	}));
	return `${[all.join(","), ...lines].join("\n")}\n`;
}

// Imports cars as they are now, once more: something of them was changed.
export async function importAgain(instance, cars) {
	const file = join(tmpdir(), `cars-${process.pid}-${randomInt(1e9)}.csv`);
	writeFileSync(file, csvOf(cars));
	chmodSync(file, 0o644);
	try {
		return await instance.ctl("import", file);
	} finally {
		rmSync(file);
	}
}

// Makes count cars, or one for each entry of what ({cards, columns}), and imports them.
export async function importCars(instance, what = 1) {
	const cars = Array.isArray(what) ? what.map(({ cards, columns } = {}) => newCar(cards, columns)) : Array.from({ length: what }, () => newCar());
	await importAgain(instance, cars);
	return cars;
}

// How the file calls the day on which the car entered the network.
export function networkDateColumn() {
	return sample().names.find((name) => /network/i.test(name));
}
