-- Two kinds of application neither begin nor end a registration: a car's changed status, and a company that opened itself. What is still to
-- be erased of them is found by itself, without reading what cannot be due.
CREATE INDEX application_apart ON application (kind, submitted_at) WHERE kind IN ('vehicle_status', 'opening') AND erased_at IS NULL;
