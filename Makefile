# Builds the programs and runs them. Targets: all, run, test, bench, lint, format, fuzz, install, clean.
#   SANITIZE=address,undefined   builds everything with these sanitizers (in a folder of its own)

BUILD    ?= build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))
comma    := ,
CC       ?= gcc
PACKAGES := libpq libcurl libcjson openssl libseccomp gdlib libexif
STANDIN_PACKAGES := libmicrohttpd libcjson openssl

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wsign-compare -Wformat=2 \
        -Wimplicit-fallthrough -Wtrampolines -Wbidi-chars=any -Wno-format-nonliteral
HARDEN := -fno-common -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero \
          -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing -fPIE
ifeq ($(SANITIZE),)
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
else
HARDEN += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
LINK_SANITIZE := -fsanitize=$(SANITIZE)
endif
CFLAGS  ?= -O2 -g
BASE_CFLAGS := -std=c11 -D_GNU_SOURCE $(CFLAGS) $(WARN) $(HARDEN) -Icgi -isystem /usr/include/ClearSilver
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,nodlopen -Wl,--as-needed $(LINK_SANITIZE)
PKG_CFLAGS = $(shell pkg-config --cflags $(PACKAGES) | sed 's/-I/-isystem /g')
PKG_LIBS   = $(shell pkg-config --libs $(PACKAGES)) -lfcgi -lneo_cgi -lneo_cs -lneo_utl -lz -lm
STANDIN_CFLAGS = $(shell pkg-config --cflags $(STANDIN_PACKAGES) | sed 's/-I/-isystem /g')
STANDIN_LIBS   = $(shell pkg-config --libs $(STANDIN_PACKAGES))

MAINS    := $(wildcard cgi/main_*.c)
SOURCES  := $(filter-out $(MAINS),$(wildcard cgi/*.c cgi/*/*.c))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  := $(BUILD)/librealname.a
PROGRAMS := $(patsubst cgi/main_%.c,$(BUILD)/bin/realname-%,$(filter-out cgi/main_ctl.c,$(MAINS))) $(if $(wildcard cgi/main_ctl.c),$(BUILD)/bin/realnamectl)
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
STANDIN_SHARED := $(filter-out $(wildcard tests/standin/standin_*.c),$(wildcard tests/standin/*.c))
STANDINS := $(patsubst tests/standin/%.c,$(BUILD)/bin/%,$(wildcard tests/standin/standin_*.c))

.PHONY: all unit clean
all: $(PROGRAMS) $(STANDINS)
unit: $(UNIT)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(PKG_CFLAGS) $(STANDIN_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/bin/realname-%: $(BUILD)/cgi/main_%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/bin/realnamectl: $(BUILD)/cgi/main_ctl.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/bin/standin_%: $(BUILD)/tests/standin/standin_%.o $(STANDIN_SHARED:%.c=$(BUILD)/%.o)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(STANDIN_LIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

clean:
	rm -rf build build-*
