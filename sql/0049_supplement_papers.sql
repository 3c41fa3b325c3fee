-- In review, a company can be asked for its papers too.
ALTER TABLE supplement DROP CONSTRAINT supplement_what_check;
ALTER TABLE supplement ADD CONSTRAINT supplement_what_check CHECK (what IN
	('certificate_front', 'certificate_back', 'vehicle_licence', 'other_photo', 'business_licence', 'authorisation', 'attachment'));
