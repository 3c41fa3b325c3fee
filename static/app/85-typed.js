// What was typed and not sent outlives a pause, in this tab: kept when the time runs out or a form is sent, given back on the same page of
// the same draft (or sign-in), and gone with the next page of either. Never numbers, codes and consents: a phone may be shared.
guard(() => {
	const box = one('[data-keep]'), KEY = 'typed', main = one('main');
	if (!box)
		return;
	const text = 'input[type=text]:not(.mono):not(.digits), textarea';
	const keep = (root) => guard(() => {
		const fields = all(text, root).map((field) => [field.id, field.value]).filter((pair) => pair[0] && pair[1]);
		if (fields.length)
			sessionStorage.setItem(KEY, JSON.stringify({ whose: box.dataset.whose, at: here(), fields }));
	});
	main.addEventListener('submit', (event) => keep(event.target));
	document.addEventListener('timeover', () => keep(main));
	const kept = JSON.parse(sessionStorage.getItem(KEY));
	sessionStorage.removeItem(KEY);
	if (kept && kept.whose === box.dataset.whose && kept.at === here() && !one('.summary'))
		kept.fields.forEach((pair) => {
			const field = document.getElementById(pair[0]);
			if (field && field.matches(text))
				field.value = pair[1];
		});
});
