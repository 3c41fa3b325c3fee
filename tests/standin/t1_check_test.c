/* The self-test of the field tables: a good message of each kind, and each with one thing wrong. */
#include "t1_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char PERSON[] =
	"{\"MSISDN\":\"14800000001\",\"ICCID\":\"898602F512190000118\",\"VehicleStatus\":\"4\",\"AcceptTime\":\"20261121204209\","
	"\"CustomerType\":\"1\",\"CustomerName\":\"张三\",\"CustomerCertType\":\"01\",\"CustomerCertNumber\":\"11010119900307002X\","
	"\"CustomerCertAddress\":\"北京市东城区建设路1号\",\"CustomerCertDate\":\"20180305-20380305\"}";
static const char ORGANISATION[] =
	"{\"CustomerType\":\"2\",\"CompanyName\":\"甲公司\",\"CompanyCertType\":\"20\",\"CompanyCertNumber\":\"91110000MA00000077\","
	"\"CompanyCertAddress\":\"北京市\",\"CompanyPosterAddress\":\"北京市\",\"CorporationName\":\"张三\",\"CorporationCertType\":\"01\","
	"\"CorporationCertNumber\":\"11010119900307002X\",\"CorporationCertAddress\":\"北京市\",\"CorporationTelephone\":\"13800138000\"}";
static const char AGENT[] = "{\"OperatorName\":\"李四\",\"OperatorCertType\":\"01\",\"OperatorCertNumber\":\"310101198506151238\","
			    "\"OperatorCertAddress\":\"上海市\",\"OperatorTelephone\":\"13800138001\"}";
static const char VEHICLE[] =
	"{\"MSISDN\":\"1440000000001\",\"ICCID\":\"89860400000000000001\",\"NameVehicleEnterprise\":\"甲汽车\",\"VIN\":"
	"\"LTEST0A12RA000001\",\"VehicleType\":\"1\",\"PlaceOfOriginOfVehicle\":\"1\",\"VehicleDepartment\":\"甲牌\",\"VehicleName\":"
	"\"轿车\",\"VehicleNum\":\"JX7000\",\"VehicleModel\":\"甲一\",\"BodyColor\":\"白\",\"FuelType\":\"1,3\",\"EngineNum\":\"E1\","
	"\"MotorNum\":\"M1\","
	"\"VehicleDepartureTime\":\"20240105\",\"VehicleSalesTime\":\"20240203101500\",\"VehicleChannelName\":\"官网\","
	"\"VehicleStaffName\":\"线上\",\"VehicleLogginAddress\":\"北京市朝阳区\"}";

/* change is merged into the message: null takes a field away. why NULL = the message must pass. */
struct check_case {
	const char *base, *more, *change, *why;
};

static const struct check_case CASES[] = {
	{PERSON, NULL, "{}", NULL},
	{PERSON, NULL, "{\"CustomerCertDate\":\"20100721-长期\",\"ExtendPara\":{\"a\":1}}", NULL},
	{PERSON, NULL, "{\"CustomerCertDate\":\"20991231\",\"PhoName\":\"898602F512190000118xcz.zip\"}", NULL},
	{PERSON, NULL, "{\"VehicleStatus\":\"5\",\"StatusUpdateTime\":\"20240229000000\"}", NULL},
	{PERSON, AGENT, "{}", NULL},
	{PERSON, ORGANISATION, "{}", NULL},
	{PERSON, NULL, "{\"CustomerName\":null}", "CustomerName: missing"},
	{PERSON, NULL, "{\"CustomerName\":\"\"}", "CustomerName: empty"},
	{PERSON, NULL, "{\"CustomerType\":1}", "CustomerType: not a string"},
	{PERSON, NULL, "{\"CustomerNmae\":\"张三\"}", "CustomerNmae: no such field"},
	{PERSON, NULL, "{\"AcceptTime\":\"20260230000000\"}", "AcceptTime: wrong form"},
	{PERSON, NULL, "{\"AcceptTime\":\"20261121246000\"}", "AcceptTime: wrong form"},
	{PERSON, NULL, "{\"ICCID\":\"89860G00000000000001\"}", "ICCID: wrong form"},
	{PERSON, NULL, "{\"MSISDN\":\"144000000000\"}", "MSISDN: wrong form"},
	{PERSON, NULL, "{\"VehicleStatus\":\"7\"}", "VehicleStatus: wrong form"},
	{PERSON, NULL, "{\"VehicleStatus\":\"6\"}", "StatusUpdateTime: missing although the status changed"},
	{PERSON, NULL, "{\"CustomerCertType\":\"11\"}", "CustomerCertType: wrong form"},
	{PERSON, NULL, "{\"CustomerCertType\":\"20\",\"CustomerCertNumber\":\"91110000MA00000077\"}",
	 "CustomerCertType: an organisation's certificate for an individual"},
	{PERSON, NULL, "{\"CustomerCertNumber\":\"110101199003070012\"}", "CustomerCertNumber: no valid number of this certificate type"},
	{PERSON, NULL, "{\"CustomerCertDate\":\"2018.03.05-2038.03.05\"}", "CustomerCertDate: wrong form"},
	{PERSON, NULL, "{\"CustomerCertDate\":\"20380305-20180305\"}", "CustomerCertDate: wrong form"},
	{PERSON, NULL, "{\"CompanyName\":\"甲公司\"}", "CompanyName: not for an individual"},
	{PERSON, NULL, "{\"PhoName\":\"89860400000000000001xcz.zip\"}", "PhoName: names another card"},
	{PERSON, NULL, "{\"ExtendPara\":\"\"}", "ExtendPara: not an object"},
	{PERSON, AGENT, "{\"OperatorTelephone\":null}", "OperatorTelephone: missing"},
	{PERSON, ORGANISATION, "{\"CustomerName\":\"甲公司\",\"CustomerCertType\":\"20\",\"CustomerCertNumber\":\"91110000MA00000077\"}",
	 NULL},
	{PERSON, ORGANISATION, "{\"CustomerName\":\"王五\"}", "CustomerName: neither the organisation nor its responsible person"},
	{PERSON, ORGANISATION, "{\"CompanyPosterAddress\":null}", "CompanyPosterAddress: missing"},
	{PERSON, ORGANISATION, "{\"CorporationTelephone\":null}", "CorporationTelephone: missing"},
	{PERSON, ORGANISATION, "{\"CompanyCertType\":\"01\"}", "CompanyCertType: wrong form"},
	{PERSON, ORGANISATION, "{\"CompanyCertNumber\":\"91110000MI00000077\"}", "CompanyCertNumber: no unified social credit code"},
	{VEHICLE, NULL, "{}", NULL},
	{VEHICLE, NULL, "{\"EngineNum\":null,\"MotorNum\":\"M1,M2\",\"FuelType\":\"3\",\"LicensePlateNumber\":\"京A12345\"}", NULL},
	{VEHICLE, NULL, "{\"EngineNum\":null}", "EngineNum: missing although an engine is fitted"},
	{VEHICLE, NULL, "{\"MotorNum\":null}", "MotorNum: missing although a motor is fitted"},
	{VEHICLE, NULL, "{\"MotorNum\":null,\"FuelType\":\"11\"}", "MotorNum: missing although a motor is fitted"},
	{VEHICLE, NULL, "{\"MotorNum\":null,\"FuelType\":\"2\"}", NULL},
	{VEHICLE, NULL, "{\"EngineNum\":null,\"MotorNum\":null,\"FuelType\":\"10\"}", "EngineNum: neither engine nor motor"},
	{VEHICLE, NULL, "{\"VIN\":\"LTESTOA12RA000001\"}", "VIN: wrong form"},
	{VEHICLE, NULL, "{\"VIN\":\"LTEST0A12RA00001\"}", "VIN: wrong form"},
	{VEHICLE, NULL, "{\"FuelType\":\"1,1\"}", "FuelType: wrong form"},
	{VEHICLE, NULL, "{\"FuelType\":\"12\"}", "FuelType: wrong form"},
	{VEHICLE, NULL, "{\"VehicleType\":\"11\"}", "VehicleType: wrong form"},
	{VEHICLE, NULL, "{\"VehicleSalesTime\":\"20240203\"}", "VehicleSalesTime: wrong form"},
	{VEHICLE, NULL, "{\"VehicleLogginAddress\":null,\"VehicleLoginAddress\":\"北京市\"}", "VehicleLoginAddress: no such field"},
	{VEHICLE, NULL, "{\"VehicleLogginAddress\":null}", "VehicleLogginAddress: missing"},
};

static void merge(cJSON *object, const char *text)
{
	cJSON *change = cJSON_Parse(text);
	const cJSON *item;

	cJSON_ArrayForEach(item, change)
	{
		cJSON_DeleteItemFromObjectCaseSensitive(object, item->string);
		if (!cJSON_IsNull(item))
			cJSON_AddItemToObject(object, item->string, cJSON_Duplicate(item, 1));
	}
	cJSON_Delete(change);
}

bool t1_check_self_test(void)
{
	bool all = true;

	for (size_t i = 0; i < COUNT(CASES); i++) {
		const struct check_case *c = &CASES[i];
		cJSON *object = cJSON_Parse(c->base);
		char why[128] = "";
		bool passed, good;

		if (c->more)
			merge(object, c->more);
		merge(object, c->change);
		passed = c->base == VEHICLE ? t1_check_vehicle(object, why, sizeof(why)) : t1_check_user(object, why, sizeof(why));
		good = c->why ? !passed && strcmp(why, c->why) == 0 : passed;
		printf("%s table %s: %s%s\n", good ? "ok" : "FAILED", c->base == VEHICLE ? "11" : "8", c->why ? "refuses, " : "passes",
		       good && c->why ? c->why : why);
		all &= good;
		cJSON_Delete(object);
	}
	return all;
}
