/* Table 11: the car of an application as a carrier is told of it. */
#include "store/push.h"

#include "t1/fields.h"

static const struct {
	const char *field, *column;
} columns[] = {
	{"NameVehicleEnterprise", "name_vehicle_enterprise"},
	{"VIN", "vin"},
	{"VehicleType", "vehicle_type"},
	{"PlaceOfOriginOfVehicle", "place_of_origin"},
	{"VehicleDepartment", "vehicle_department"},
	{"VehicleName", "vehicle_name"},
	{"VehicleNum", "vehicle_num"},
	{"VehicleModel", "vehicle_model"},
	{"BodyColor", "body_color"},
	{"FuelType", "fuel_type"},
	{"EngineNum", "engine_num"},
	{"MotorNum", "motor_num"},
	{"VehicleDepartureTime", "departure_time"},
	{"VehicleSalesTime", "sales_time"},
	{"VehicleSalesUpdateTime", "sales_update_time"},
	{"ExtendPara", "extend_para"},
};

static const char *either(const char *known, const char *preset)
{
	return text_empty(known) ? preset : known;
}

enum status t1_vehicle_make(struct arena *a, const struct push_source *s, const struct push_card *c, struct push_message *m)
{
	struct t1_values v = {.table = T1_VEHICLE};
	const struct t1_profile *p = c->profile;
	(void)s;
	t1_set(&v, "MSISDN", c->msisdn);
	t1_set(&v, "ICCID", c->iccid);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		t1_set(&v, columns[i].field, db_text(c->car, c->row, columns[i].column));
	t1_set(&v, "LicensePlateNumber", c->plate);
	t1_set(&v, "VehicleChannelName", either(db_text(c->car, c->row, "channel_name"), p->default_channel_name));
	t1_set(&v, "VehicleStaffName", either(c->staff, p->default_staff_name));
	t1_set(&v, "VehicleLogginAddress", either(db_text(c->car, c->row, "channel_address"), p->default_channel_address));
	m->missing = t1_missing(&v);
	if (m->missing)
		return status_fail(ST_INVALID, "vehicle message: %s is missing or malformed", m->missing);
	m->inputs = t1_json(a, &v);
	return ST_OK;
}
