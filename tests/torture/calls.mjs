// What carriers ask for: instructions to deliver papers, each sent again until it is answered; and what was answered. A file follows each.
import { Carrier } from "../web/carrier.mjs";
import { importCars } from "../web/cars.mjs";
import { cardStates, journey } from "../web/client.mjs";
import { until } from "./wait.mjs";

const CARS = 2;

export class Calls {
	// Cars that people have registered, with pictures and agreements.
	static async start(t) {
		const c = new Calls();
		c.t = t;
		c.carrier = new Carrier(t.instance);
		c.asked = new Map(); // RequestID: {at, answers: ICCID → set of texts, done: ICCID that was accepted}
		c.cards = [];
		for (const car of await importCars(t.instance, Array(CARS).fill({ cards: 2 }))) {
			const v = await journey(t.instance, car);
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
