// "Select all" ticks in place.
guard(() => all('[data-all]').forEach((button) => button.addEventListener('click', (event) => {
	event.preventDefault();
	all('input[type=checkbox]', button.form).forEach((box) => {
		if (box.name === button.dataset.all && !box.disabled)
			box.checked = true;
	});
})));

// The table of cars: all of this page in place; what changed is told until it is saved. The pasted numbers are counted.
guard(() => all('[data-tick]').forEach((button) => {
	const boxes = all('input[name="' + button.dataset.tick + '"]', button.form), unsaved = one('[data-unsaved]'), tell = one('[data-count=basket]');
	const before = Number(tell.textContent) - boxes.filter((box) => box.defaultChecked).length;
	const look = () => {
		tell.textContent = before + boxes.filter((box) => box.checked).length;
		show(unsaved, boxes.some((box) => box.checked !== box.defaultChecked));
	};
	boxes.forEach((box) => box.addEventListener('change', look));
	button.addEventListener('click', (event) => {
		const on = boxes.some((box) => !box.checked);
		event.preventDefault();
		boxes.forEach((box) => {
			box.checked = on;
		});
		look();
	});
	// Another form of the page would leave them behind: they are kept first, whether that works or not, and never for long.
	all('form').forEach((form) => form !== button.form && form.addEventListener('submit', (event) => {
		if (unsaved.hidden || event.defaultPrevented)
			return;
		const ticks = new URLSearchParams(new FormData(button.form));
		event.preventDefault();
		if (form.hasAttribute('data-sent'))
			return;
		form.setAttribute('data-sent', '');
		ticks.set('action', 'keep');
		const kept = fetch(button.form.getAttribute('action'), { method: 'POST', body: ticks, credentials: 'same-origin', redirect: 'manual' }).catch(() => {});
		Promise.race([kept, new Promise((done) => setTimeout(done, 8000))]).then(() => form.submit());
	}));
	look();
}));
guard(() => all('[data-vins]').forEach((told) => {
	const text = one('#' + told.dataset.vins);
	text.addEventListener('input', () => {
		const given = (text.value.toUpperCase().match(/[A-Z0-9-]+/g) || []).map((one) => one.replace(/-/g, '')), fits = given.filter((one) => /^([A-HJ-NPR-Z0-9]{17}|89[A-F0-9]{17,18})$/.test(one));
		const several = fits.length - new Set(fits).size;
		told.textContent = given.length ? told.dataset.text.replace('{n}', fits.length - several).replace('{d}', several).replace('{b}', given.length - fits.length) : '';
	});
}));
