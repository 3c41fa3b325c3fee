-- The table of a company's cars asks for text within the VIN, standing and model: all of it in one index, so that rows are not visited.
DROP INDEX company_vehicle_standing;
CREATE INDEX company_vehicle_standing ON company_vehicle (company_id, standing, vin) INCLUDE (model);
