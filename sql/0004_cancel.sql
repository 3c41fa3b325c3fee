-- Cancelling by the owner: its short messages and its agreement.
ALTER TABLE sms_message DROP CONSTRAINT sms_message_template_check;
ALTER TABLE sms_message ADD CONSTRAINT sms_message_template_check
	CHECK (template IN ('code', 'result_ok', 'result_refused', 'review', 'owner_notice', 'cancel_ok', 'cancel_refused'));

ALTER TABLE agreement_text DROP CONSTRAINT agreement_text_kind_check;
ALTER TABLE agreement_text ADD CONSTRAINT agreement_text_kind_check
	CHECK (kind IN ('network', 'responsibility', 'personal_information', 'privacy_notice', 'face', 'cancellation'));
