// What carriers ask for and tell: instructions to deliver papers, each sent again until it is answered, and what was answered; a file
// follows each. Results of messages that a carrier took in two stages.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { Carrier } from "../web/carrier.mjs";
import { importCars } from "../web/cars.mjs";
import { cardStates, journey } from "../web/client.mjs";
import { TOP } from "../web/instance.mjs";
import { until } from "./wait.mjs";

const CARS = 2, STORM = resolve(TOP, process.env.BUILD ?? "build", "bench/storm");

// A provider that answers too late to a loaded machine is asked again by a new draft.
async function journeyAgain(instance, car) {
	for (let n = 1; ; n++) {
		try {
			return await journey(instance, car);
		} catch (error) {
			if (n === 5) throw error;
		}
	}
}

export class Calls {
	// Cars that people have registered, with pictures and agreements.
	static async start(t) {
		const c = new Calls();
		c.t = t;
		c.carrier = new Carrier(t.instance);
		c.asked = new Map(); // RequestID: {at, answers: ICCID → set of texts, done: ICCID that was accepted}
		c.told = new Set(); // RequestIDs of messages whose result was told and kept
		c.cards = [];
		for (const car of await importCars(t.instance, Array(CARS).fill({ cards: 2 }))) {
			const v = await journeyAgain(t.instance, car);
			await cardStates(t.instance, v.application);
			v.close();
			c.cards.push(...car.cards.map((card) => card.iccid));
		}
		return c;
	}
	make() {
		const message = this.carrier.instruction(this.cards[this.asked.size % this.cards.length]);
		this.asked.set(message.RequestID, { message, at: Date.now() / 1000, answers: new Map() });
		return message;
	}
	other(message) {
		return { ...message, ICCID: this.cards[(this.cards.indexOf(message.ICCID) + 1) % this.cards.length] };
	}
	// One call; its answer, or null: no connection, or 604, after which the same may come again.
	async once(message) {
		const answer = await this.carrier.call(message).catch((error) => {
			if (/table 3|JSON/.test(error.message)) this.t.violation("I2", `an answer that is none: ${error.message}`);
			return null;
		});
		if (!answer || answer.cause === "604") return null;
		const { answers } = this.asked.get(message.RequestID), text = `${answer.outcome} ${answer.cause ?? ""}`;
		if (!answers.has(message.ICCID)) answers.set(message.ICCID, new Set());
		answers.get(message.ICCID).add(text);
		return answer;
	}
	// Who sends and does not wait for the answer.
	drop(message, ms) {
		const sent = this.carrier.send(message, { gone: ms });
		return sent.then(() => false, () => true);
	}
	answered(message) {
		return until(`an answer to instruction ${message.RequestID}`, () => this.once(message), 60 + 240 * this.t.scale);
	}
	// So many calls a second over connections of their own, for so many seconds, of these instructions by turns; how many were accepted.
	async storm(messages, rate, seconds) {
		const file = join(process.env.WORK ?? "/tmp", `storm-${process.pid}`);
		writeFileSync(file, Array.from({ length: rate * seconds }, (_, i) => `${JSON.stringify(messages[i % messages.length])}\n`).join(""));
		const { stdout } = await promisify(execFile)(STORM, [new URL(this.t.instance.endpoints.instructions).port, "/t1/instruction", file, '"OprRst":"1"', "rate", String(rate)]).catch((error) => error); // it fails when one call did
		return Number(/ good (\d+)/.exec(stdout)?.[1] ?? 0);
	}
	// The carrier tells that these messages were carried out, each twice at the same moment; those that we could not keep yet come again.
	async tell(requests) {
		await Promise.all(requests.filter((request) => !this.told.has(request)).flatMap((request) => [1, 2].map(async () => {
			const answer = await this.carrier.call(this.carrier.result(request, "1"), { path: "/t1/result" }).catch(() => null);
			if (!answer || answer.cause === "604") return;
			if (answer.outcome === "1") this.told.add(request);
			else this.t.violation("I2", `the result of ${request} was answered ${answer.cause}`);
		})));
	}
	// How many messages still wait for their result; it is told.
	async tellAll() {
		const open = (await this.t.sql("SELECT request_id FROM t1_message WHERE state = 'accepted'")).flat();
		await this.tell(open);
		return open.length;
	}
	async load(count) {
		const messages = Array.from({ length: count }, () => this.make());
		await Promise.all(messages.map((message) => this.answered(message)));
		return messages;
	}
	file(message) {
		return this.t.value(`SELECT f.state FROM t1_file f JOIN t1_instruction i ON i.id = f.instruction_id WHERE i.request_id = '${message.RequestID}'`);
	}
	carried(message) {
		return until(`the file of instruction ${message.RequestID}`, async () => (await this.file(message)) === "done", 60 + 540 * this.t.scale);
	}
}
