// The code: a pasted SMS is cut down to its digits; Android may hand the SMS over. Nothing is sent by itself.
guard(() => {
	const input = one('[data-digits]');
	if (!input)
		return;
	input.addEventListener('paste', (event) => {
		const text = event.clipboardData.getData('text').normalize('NFKC');
		const found = /(?:^|\D)(\d{6})(?!\d)/.exec(text);
		const digits = found ? found[1] : text.replace(/\D/g, '');
		if (digits.length !== 6)
			return;
		event.preventDefault();
		input.value = digits;
	});
	if (!('OTPCredential' in window))
		return;
	const stop = new AbortController();
	input.form.addEventListener('submit', () => stop.abort());
	navigator.credentials.get({ otp: { transport: ['sms'] }, signal: stop.signal }).then((otp) => {
		if (otp && !input.value)
			input.value = otp.code;
	}).catch(() => {});
});
