-- The agreement about handing out and using the cards of a company's cars: printed, signed, attached.
ALTER TABLE agreement_text DROP CONSTRAINT agreement_text_kind_check;
ALTER TABLE agreement_text ADD CONSTRAINT agreement_text_kind_check
	CHECK (kind IN ('network', 'responsibility', 'personal_information', 'privacy_notice', 'face', 'cancellation', 'allocation'));

-- Whether a certificate was read, its reading says.
ALTER TABLE application DROP COLUMN business_licence_ready_at;
