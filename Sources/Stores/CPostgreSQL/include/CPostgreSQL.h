#ifndef WHARF_POSTGRESQL_H
#define WHARF_POSTGRESQL_H
#include <postgresql/libpq-fe.h>

/* libpq, looked for when it is first needed: it brings two dozen libraries with it (Kerberos, LDAP, TLS), which would
   take every command a third of its start. The functions of libpq that are used are defined here, and hand on.

   Loads libpq.so.5 once; returns NULL, or why it cannot be loaded. No other function may be called before. */
const char *wharf_load_libpq(void);

#endif
