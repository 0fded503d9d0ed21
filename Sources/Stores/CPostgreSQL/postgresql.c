#include "CPostgreSQL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

/* Each function that is used, once: its name, what it returns, its parameters, and their names. */
#define FUNCTIONS(X, V) \
    X(PQconnectdbParams, PGconn *, \
        (const char *const *keywords, const char *const *values, int expand_dbname), \
        (keywords, values, expand_dbname)) \
    X(PQconninfoParse, PQconninfoOption *, (const char *conninfo, char **errmsg), (conninfo, errmsg)) \
    V(PQconninfoFree, void, (PQconninfoOption *connOptions), (connOptions)) \
    X(PQconndefaults, PQconninfoOption *, (void), ()) \
    X(PQstatus, ConnStatusType, (const PGconn *conn), (conn)) \
    V(PQfinish, void, (PGconn *conn), (conn)) \
    X(PQerrorMessage, char *, (const PGconn *conn), (conn)) \
    X(PQbackendPID, int, (const PGconn *conn), (conn)) \
    X(PQserverVersion, int, (const PGconn *conn), (conn)) \
    X(PQparameterStatus, const char *, (const PGconn *conn, const char *paramName), (conn, paramName)) \
    X(PQsslInUse, int, (PGconn *conn), (conn)) \
    X(PQsocket, int, (const PGconn *conn), (conn)) \
    X(PQsetNoticeProcessor, PQnoticeProcessor, (PGconn *conn, PQnoticeProcessor proc, void *arg), (conn, proc, arg)) \
    X(PQenterPipelineMode, int, (PGconn *conn), (conn)) \
    X(PQpipelineSync, int, (PGconn *conn), (conn)) \
    X(PQconsumeInput, int, (PGconn *conn), (conn)) \
    X(PQisBusy, int, (PGconn *conn), (conn)) \
    X(PQsendPrepare, int, \
        (PGconn *conn, const char *stmtName, const char *query, int nParams, const Oid *paramTypes), \
        (conn, stmtName, query, nParams, paramTypes)) \
    X(PQsendDescribePrepared, int, (PGconn *conn, const char *stmt), (conn, stmt)) \
    X(PQsendQueryParams, int, \
        (PGconn *conn, const char *command, int nParams, const Oid *paramTypes, const char *const *paramValues, \
         const int *paramLengths, const int *paramFormats, int resultFormat), \
        (conn, command, nParams, paramTypes, paramValues, paramLengths, paramFormats, resultFormat)) \
    X(PQsendQueryPrepared, int, \
        (PGconn *conn, const char *stmtName, int nParams, const char *const *paramValues, \
         const int *paramLengths, const int *paramFormats, int resultFormat), \
        (conn, stmtName, nParams, paramValues, paramLengths, paramFormats, resultFormat)) \
    X(PQgetResult, PGresult *, (PGconn *conn), (conn)) \
    X(PQresultStatus, ExecStatusType, (const PGresult *res), (res)) \
    X(PQresultErrorMessage, char *, (const PGresult *res), (res)) \
    X(PQresultErrorField, char *, (const PGresult *res, int fieldcode), (res, fieldcode)) \
    X(PQcmdStatus, char *, (PGresult *res), (res)) \
    X(PQcmdTuples, char *, (PGresult *res), (res)) \
    X(PQntuples, int, (const PGresult *res), (res)) \
    X(PQnfields, int, (const PGresult *res), (res)) \
    X(PQftype, Oid, (const PGresult *res, int field_num), (res, field_num)) \
    X(PQgetisnull, int, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num)) \
    X(PQgetlength, int, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num)) \
    X(PQgetvalue, char *, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num)) \
    X(PQnparams, int, (const PGresult *res), (res)) \
    X(PQparamtype, Oid, (const PGresult *res, int param_num), (res, param_num)) \
    V(PQclear, void, (PGresult *res), (res))

#define POINTER(name, type, parameters, arguments) static type(*found_##name) parameters;
FUNCTIONS(POINTER, POINTER)

#define FORWARD(name, type, parameters, arguments) \
    type name parameters { return found_##name arguments; }
#define FORWARD_VOID(name, type, parameters, arguments) \
    type name parameters { found_##name arguments; }
FUNCTIONS(FORWARD, FORWARD_VOID)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[256];
static int is_loaded;

static void note(const char *text) {
    size_t length = 0;
    while (text != NULL && text[length] != 0 && length + 1 < sizeof problem) {
        problem[length] = text[length];
        length++;
    }
    problem[length] = 0;
}

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        note(dlerror());
        return;
    }
#define FIND(name, type, parameters, arguments) \
    *(void **)&found_##name = dlsym(library, #name); \
    if (found_##name == NULL) { \
        note(dlerror()); \
        return; \
    }
    FUNCTIONS(FIND, FIND)
    is_loaded = 1;
}

const char *wharf_load_libpq(void) {
    pthread_once(&once, load);
    return is_loaded ? NULL : problem;
}
