/* Tables 8 and 11: order, presence, forms, the JSON of a message. */
#include "test.h"

#include "base/text.h"
#include "t1/fields.h"

static struct arena *arena;

static struct t1_values person(void)
{
	struct t1_values v = {.table = T1_ACCOUNT};
	t1_set(&v, "MSISDN", "1440000000001");
	t1_set(&v, "ICCID", "898602F512190000118");
	t1_set(&v, "VehicleStatus", "4");
	t1_set(&v, "AcceptTime", "20261121201530");
	t1_set(&v, "CustomerType", "1");
	t1_set(&v, "CustomerName", "张三");
	t1_set(&v, "CustomerCertType", "01");
	t1_set(&v, "CustomerCertNumber", "110101199003070011");
	t1_set(&v, "CustomerCertAddress", "北京市东城区某街 1 号");
	t1_set(&v, "CustomerCertDate", "20100721-长期");
	return v;
}

static struct t1_values car(void)
{
	struct t1_values v = {.table = T1_VEHICLE};
	t1_set(&v, "MSISDN", "14800000001");
	t1_set(&v, "ICCID", "89860400000000000007");
	t1_set(&v, "NameVehicleEnterprise", "测试汽车有限公司");
	t1_set(&v, "VIN", "LTEST0A12RA000001");
	t1_set(&v, "VehicleType", "1");
	t1_set(&v, "PlaceOfOriginOfVehicle", "1");
	t1_set(&v, "VehicleDepartment", "测试牌");
	t1_set(&v, "VehicleName", "轿车");
	t1_set(&v, "VehicleNum", "TEST7000");
	t1_set(&v, "VehicleModel", "测试一号");
	t1_set(&v, "BodyColor", "白");
	t1_set(&v, "FuelType", "1,3");
	t1_set(&v, "EngineNum", "A1234567");
	t1_set(&v, "MotorNum", "M1");
	t1_set(&v, "VehicleDepartureTime", "20240301");
	t1_set(&v, "VehicleSalesTime", "20240401120000");
	t1_set(&v, "VehicleChannelName", "线上");
	t1_set(&v, "VehicleStaffName", "李四");
	t1_set(&v, "VehicleLogginAddress", "北京市东城区");
	return v;
}

static void set_organisation(struct t1_values *v)
{
	static const char *const names[] = {"CompanyName",     "CompanyCertNumber",     "CompanyCertAddress",    "CompanyPosterAddress",
					    "CorporationName", "CorporationCertNumber", "CorporationCertAddress"};
	t1_set(v, "CustomerType", "2");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		t1_set(v, names[i], "某");
	t1_set(v, "CompanyCertType", "20");
	t1_set(v, "CorporationCertType", "01");
	t1_set(v, "CorporationTelephone", "13800138000");
}

static void tables_have_all_fields_in_order(void)
{
	int n = 0;
	while (t1_field_name(T1_ACCOUNT, n))
		n++;
	CHECK(n == 31);
	CHECK_TEXT(t1_field_name(T1_ACCOUNT, 0), "MSISDN");
	CHECK_TEXT(t1_field_name(T1_ACCOUNT, 22), "CorporationTelephone");
	CHECK_TEXT(t1_field_name(T1_ACCOUNT, 29), "PhoName");
	for (n = 0; t1_field_name(T1_VEHICLE, n);)
		n++;
	CHECK(n == 22);
	CHECK_TEXT(t1_field_name(T1_VEHICLE, 20), "VehicleLogginAddress");
	CHECK(!t1_field_name(T1_VEHICLE, -1));
	CHECK(!t1_field_name(T1_ACCOUNT, 1000));
}

static void complete_messages_pass(void)
{
	struct t1_values p = person(), c = car();
	CHECK(!t1_missing(&p));
	CHECK(!t1_missing(&c));
	set_organisation(&p);
	CHECK(!t1_missing(&p));
}

static void every_mandatory_field_is_asked_for(void)
{
	struct t1_values whole[] = {person(), car()};
	for (int t = 0; t < 2; t++)
		for (int i = 0; t1_field_name(whole[t].table, i); i++) {
			struct t1_values v = whole[t];
			const char *name = t1_field_name(v.table, i);
			if (!v.value[i])
				continue;
			t1_set(&v, name, "");
			CHECK_TEXT(t1_missing(&v), name);
		}
}

static void an_organisation_needs_company_and_responsible_person(void)
{
	struct t1_values v = person();
	t1_set(&v, "CustomerType", "2");
	CHECK_TEXT(t1_missing(&v), "CompanyName");
	for (int i = 0; t1_field_name(T1_ACCOUNT, i); i++) {
		const char *name = t1_field_name(T1_ACCOUNT, i);
		v = person();
		set_organisation(&v);
		if (strncmp(name, "Co", 2) != 0 || !v.value[i])
			continue;
		t1_set(&v, name, NULL);
		CHECK_TEXT(t1_missing(&v), name);
	}
}

static void an_agent_needs_five_fields(void)
{
	struct t1_values v = person();
	t1_set(&v, "OperatorPosterAddress", "某街");
	CHECK_TEXT(t1_missing(&v), "OperatorName");
	t1_set(&v, "OperatorName", "王五");
	CHECK_TEXT(t1_missing(&v), "OperatorCertType");
	t1_set(&v, "OperatorCertType", "01");
	CHECK_TEXT(t1_missing(&v), "OperatorCertNumber");
	t1_set(&v, "OperatorCertNumber", "11010119900307002X");
	CHECK_TEXT(t1_missing(&v), "OperatorCertAddress");
	t1_set(&v, "OperatorCertAddress", "某街");
	CHECK_TEXT(t1_missing(&v), "OperatorTelephone");
	t1_set(&v, "OperatorTelephone", "13800138000");
	CHECK(!t1_missing(&v));
	v = person();
	v.agent = true; /* somebody acts, but nothing is known of him */
	CHECK_TEXT(t1_missing(&v), "OperatorName");
}

static void a_transfer_and_a_scrapping_have_a_time(void)
{
	struct t1_values v = person();
	t1_set(&v, "VehicleStatus", "5");
	CHECK_TEXT(t1_missing(&v), "StatusUpdateTime");
	t1_set(&v, "VehicleStatus", "6");
	CHECK_TEXT(t1_missing(&v), "StatusUpdateTime");
	t1_set(&v, "StatusUpdateTime", "20261121201530");
	CHECK(!t1_missing(&v));
}

/* What the fuel says is fitted. */
static void a_car_has_what_drives_it(void)
{
	static const struct {
		const char *fuels, *engine, *motor, *missing;
	} rows[] = {
		{"1", "E", NULL, NULL},          {"1", NULL, "M", "EngineNum"},    {"3", NULL, "M1,M2", NULL},
		{"3", "E", NULL, "MotorNum"},    {"1,3", "E", "M", NULL},          {"1,3", "E", NULL, "MotorNum"},
		{"3,1", NULL, "M", "EngineNum"}, {"11", "E", "M", NULL},           {"11", "E", NULL, "MotorNum"},
		{"10", "E", NULL, NULL},         {"10", NULL, "M", NULL},          {"9", NULL, NULL, "EngineNum"},
		{"8", NULL, "M", "EngineNum"},   {"", NULL, NULL, "EngineNum"},    {NULL, "E", "", NULL},
		{"12", NULL, "M", NULL},         {",,1", NULL, NULL, "EngineNum"},
	};
	struct t1_values v = car();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK(text_equal(t1_drive_missing(rows[i].fuels, rows[i].engine, rows[i].motor), rows[i].missing));
	t1_set(&v, "EngineNum", NULL);
	CHECK_TEXT(t1_missing(&v), "EngineNum");
	t1_set(&v, "EngineNum", "E1");
	t1_set(&v, "MotorNum", NULL);
	CHECK_TEXT(t1_missing(&v), "MotorNum");
	t1_set(&v, "FuelType", "1");
	CHECK(!t1_missing(&v));
}

static void forms_are_checked(void)
{
	static const struct {
		const char *name, *value;
		int good;
	} rows[] = {
		{"MSISDN", "8614800000001", 1},
		{"MSISDN", "1064800000001", 1},
		{"MSISDN", "144000000000", 0},
		{"MSISDN", "12345678901", 0},
		{"ICCID", "8984444412190000139", 1},
		{"ICCID", "89860G12190000118000", 0},
		{"ICCID", "898602512190000118", 0},
		{"VehicleStatus", "0", 0},
		{"VehicleStatus", "7", 0},
		{"StatusUpdateTime", "20261121000000", 1},
		{"StatusUpdateTime", "20260230000000", 0},
		{"AcceptTime", "20261121240000", 0},
		{"AcceptTime", "20261121236000", 0},
		{"AcceptTime", "2026112120153", 0},
		{"AcceptTime", "2026-11-21 20:15", 0},
		{"CustomerType", "3", 0},
		{"CustomerName", "  ", 0},
		{"CustomerName", "张\n三", 0},
		{"CustomerName", "\xff\xfe", 0},
		{"CustomerCertType", "0 1", 0},
		{"CustomerCertDate", "20100721-20200721", 1},
		{"CustomerCertDate", "20991231", 1},
		{"CustomerCertDate", "长期", 1},
		{"CustomerCertDate", "2010.07.21-2020.07.21", 0},
		{"CustomerCertDate", "20100721-", 0},
		{"CustomerCertDate", "-20200721", 0},
		{"PhoName", "898602F512190000118xcz.zip", 1},
		{"PhoName", "../x.zip", 0},
		{"ExtendPara", "{\"a\": [1, 2]}", 1},
		{"ExtendPara", "[1]", 0},
		{"ExtendPara", "{", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct t1_values v = person();
		t1_set(&v, rows[i].name, rows[i].value);
		if (rows[i].good)
			CHECK(!t1_missing(&v));
		else
			CHECK_TEXT(t1_missing(&v), rows[i].name);
	}
}

static void forms_of_a_car_are_checked(void)
{
	static const struct {
		const char *name, *value;
		int good;
	} rows[] = {
		{"VIN", "LTESTOA12RA000001", 0},
		{"VehicleType", "10", 1},
		{"VehicleType", "11", 0},
		{"VehicleType", "01", 0},
		{"FuelType", "11", 1},
		{"FuelType", "12", 0},
		{"FuelType", "1,", 0},
		{"FuelType", "1，3", 0},
		{"VehicleDepartureTime", "20240301000000", 1},
		{"VehicleDepartureTime", "2024", 0},
		{"VehicleSalesTime", "20240401", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct t1_values v = car();
		t1_set(&v, rows[i].name, rows[i].value);
		if (rows[i].good)
			CHECK(!t1_missing(&v));
		else
			CHECK_TEXT(t1_missing(&v), rows[i].name);
	}
}

static void long_texts_are_refused(void)
{
	char text[4000];
	struct t1_values v = person();
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	t1_set(&v, "CustomerPosterAddress", text);
	CHECK_TEXT(t1_missing(&v), "CustomerPosterAddress");
}

static void json_has_the_order_of_the_table(void)
{
	struct t1_values v = {.table = T1_ACCOUNT};
	t1_set(&v, "ExtendPara", "{ \"b\" : 1, \"a\" : \"x\" }");
	t1_set(&v, "CustomerName", "张\"三\\");
	t1_set(&v, "MSISDN", "14800000001");
	CHECK_TEXT(t1_json(arena, &v),
		   "{\"MSISDN\":\"14800000001\",\"CustomerName\":\"张\\\"三\\\\\",\"ExtendPara\":{\"b\":1,\"a\":\"x\"}}");
	v = (struct t1_values){.table = T1_VEHICLE};
	CHECK_TEXT(t1_json(arena, &v), "{}");
	t1_set(&v, "ExtendPara", "{}");
	CHECK_TEXT(t1_json(arena, &v), "{\"ExtendPara\":{}}");
}

static void values_are_kept_by_name(void)
{
	struct t1_values v = person();
	CHECK_TEXT(t1_get(&v, "CustomerName"), "张三");
	CHECK(!t1_get(&v, "PhoName"));
	t1_set(&v, "CustomerName", "");
	CHECK(!t1_get(&v, "CustomerName"));
}

int main(void)
{
	arena = arena_create();
	RUN(tables_have_all_fields_in_order);
	RUN(complete_messages_pass);
	RUN(every_mandatory_field_is_asked_for);
	RUN(an_organisation_needs_company_and_responsible_person);
	RUN(an_agent_needs_five_fields);
	RUN(a_transfer_and_a_scrapping_have_a_time);
	RUN(a_car_has_what_drives_it);
	RUN(forms_are_checked);
	RUN(forms_of_a_car_are_checked);
	RUN(long_texts_are_refused);
	RUN(json_has_the_order_of_the_table);
	RUN(values_are_kept_by_name);
	arena_destroy(arena);
	return test_failures;
}
