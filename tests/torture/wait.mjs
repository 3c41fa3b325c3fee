// Asks until the answer is true, more and more seldom: what lasts long at a large scale must not be asked for all the time.
const MOST_MS = 50 + 950 * Number(process.env.SCALE || 0.05);
const QUICK_MS = 100; // an answer of a machine that has time for us

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Fails with what was waited for. Seconds in which this machine had time for us are counted: where everything else on it comes to its turn
// as late as our questions do, nobody is late.
export async function until(what, ask, seconds = 20) {
	const begin = Date.now();
	for (let wait = 20, spent = 0; ; wait = Math.min(MOST_MS, wait * 1.3)) {
		const from = Date.now(), answer = await ask();
		if (answer) return answer;
		if (spent > seconds * 1000) throw new Error(`waited ${((Date.now() - begin) / 1000).toFixed(0)} s in vain: ${what}`);
		await pause(wait);
		spent += Math.min(Date.now() - from, wait + QUICK_MS);
	}
}
