-- In which count of its network a code has a place, so that it is taken back from there when the code is typed in: a draft that paused is
-- opened at the sign-in by a code that was counted for applications. NULL: one from before, none is taken back.
ALTER TABLE sms_code ADD COLUMN counted text;
