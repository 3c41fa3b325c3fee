// Asks until the answer is true, more and more seldom: what lasts long at a large scale must not be asked for all the time.
const MOST_MS = 50 + 950 * Number(process.env.SCALE || 0.05);

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Fails with what was waited for.
export async function until(what, ask, seconds = 20) {
	const end = Date.now() + seconds * 1000;
	for (let wait = 20; ; wait = Math.min(MOST_MS, wait * 1.3)) {
		const answer = await ask();
		if (answer) return answer;
		if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
		await pause(wait);
	}
}
