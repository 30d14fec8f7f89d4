/* The parts of MariaDB Connector/C that Swift cannot call, or that would tie Swift code to struct layouts. */
#include <errmsg.h>
#include <mysql.h>
#include <ma_pvio.h>
#include <mysqld_error.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* mysql_library_init is a macro. */
static inline int tributary_library_init(void) { return mysql_server_init(0, NULL, NULL); }

static inline int tributary_option_uint(MYSQL *mysql, enum mysql_option option, unsigned int value) {
  return mysql_options(mysql, option, &value);
}

static inline int tributary_option_ulong(MYSQL *mysql, enum mysql_option option, unsigned long value) {
  return mysql_options(mysql, option, &value);
}

static inline int tributary_option_flag(MYSQL *mysql, enum mysql_option option, int value) {
  my_bool flag = value != 0;
  return mysql_options(mysql, option, &flag);
}

static inline int tributary_option_text(MYSQL *mysql, enum mysql_option option, const char *value) {
  return mysql_options(mysql, option, value);
}

static inline int tributary_connect_attribute(MYSQL *mysql, const char *name, const char *value) {
  return mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, name, (void *)value);
}

/* A descriptor of our own for the connection's socket, so that shutting it down never races with the library. */
static inline int tributary_duplicate_socket(MYSQL *mysql) { return dup((int)mysql_get_socket(mysql)); }

static inline void tributary_shut_down(int descriptor) { (void)shutdown(descriptor, SHUT_RDWR); }

static inline void tributary_close_descriptor(int descriptor) { (void)close(descriptor); }

/* Whether a transaction was open when the server last said so. */
static inline int tributary_is_in_transaction(MYSQL *mysql) {
  return (mysql->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

/* Whether nothing can be read, the end neither. */
static inline int tributary_is_quiet(int descriptor) {
  struct pollfd waiting = {descriptor, POLLIN, 0};
  return poll(&waiting, 1, 0) == 0;
}

/* Drops what still comes until the other side has closed, for as long as the time lasts. */
static inline void tributary_await_end(int descriptor, int milliseconds) {
  char dropped[4096];
  struct timespec begin, now;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (;;) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    long spent = (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000;
    if (spent >= milliseconds) return;
    struct pollfd waiting = {descriptor, POLLIN, 0};
    if (poll(&waiting, 1, (int)(milliseconds - spent)) <= 0) return;
    if (recv(descriptor, dropped, sizeof dropped, MSG_DONTWAIT) <= 0) return;
  }
}

/* The next packet of a result, or NULL after an error. packet_error is an unsigned int: a packet's length is
   compared with it as it stands, not with (unsigned long)-1. */
static inline const unsigned char *tributary_next_packet(MYSQL *mysql, unsigned long *length) {
  unsigned long read = mysql_net_read_packet(mysql);
  if (read == (unsigned long)packet_error) return NULL;
  *length = read;
  return mysql->net.read_pos;
}

/* Whether blocks of bytes can be read from the connection without the library: only where its bytes are the
   protocol's own, neither encrypted nor compressed, and the transport is what this file was compiled for. */
static inline int tributary_can_read_blocks(MYSQL *mysql) {
  MARIADB_PVIO *transport = mysql->net.pvio;
  return transport != NULL && !mysql->net.compress && transport->mysql == mysql && transport->ctls == NULL &&
         (transport->type == PVIO_TYPE_UNIXSOCKET || transport->type == PVIO_TYPE_SOCKET) &&
         transport->cache_size <= PVIO_READ_AHEAD_CACHE_SIZE && transport->methods != NULL &&
         transport->methods->read != NULL;
}

/* Reads at least one byte: first what the library has read ahead, then from the socket, under the connection's
   read timeout. Zero or less stands for a broken connection. */
static inline long tributary_read_block(MYSQL *mysql, unsigned char *buffer, size_t capacity) {
  MARIADB_PVIO *transport = mysql->net.pvio;
  if (transport == NULL) return -1;
  if (transport->cache != NULL && transport->cache_pos < transport->cache + transport->cache_size) {
    size_t ahead = (size_t)(transport->cache + transport->cache_size - transport->cache_pos);
    size_t count = ahead < capacity ? ahead : capacity;
    memcpy(buffer, transport->cache_pos, count);
    transport->cache_pos += count;
    return (long)count;
  }
  return (long)transport->methods->read(transport, buffer, capacity);
}

static inline void tributary_pause(long microseconds) {
  struct timespec time = {0, microseconds * 1000};
  (void)nanosleep(&time, NULL);
}

/* Tells the library that a result, whose packets were read without it, has been read to its end. */
static inline void tributary_result_ended(MYSQL *mysql) { mysql->status = MYSQL_STATUS_READY; }

/* What Swift needs of a result column. */
typedef struct {
  int type;
  int is_unsigned;
  unsigned int charset;
  unsigned int decimals;
  unsigned long length;
} tributary_field;

static inline tributary_field tributary_field_at(MYSQL_RES *result, unsigned int index) {
  const MYSQL_FIELD *field = mysql_fetch_field_direct(result, index);
  tributary_field copy;
  copy.type = (int)field->type;
  copy.is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;
  copy.charset = field->charsetnr;
  copy.decimals = field->decimals;
  copy.length = field->length;
  return copy;
}

/* Says how many values are bound before the statement is prepared. */
static inline int tributary_prebind(MYSQL_STMT *statement, unsigned int count) {
  return mysql_stmt_attr_set(statement, STMT_ATTR_PREBIND_PARAMS, &count) != 0;
}

/* Parameters of a statement: the buffers must live until the statement has been executed. */
static inline MYSQL_BIND tributary_parameter(enum enum_field_types type, void *buffer, unsigned long length) {
  MYSQL_BIND bind;
  memset(&bind, 0, sizeof bind);
  bind.buffer_type = type;
  bind.buffer = buffer;
  bind.buffer_length = length;
  return bind;
}

static inline MYSQL_TIME tributary_time(
    unsigned int year, unsigned int month, unsigned int day, unsigned int hour, unsigned int minute,
    unsigned int second, unsigned long microsecond, int is_date) {
  MYSQL_TIME time;
  memset(&time, 0, sizeof time);
  time.year = year;
  time.month = month;
  time.day = day;
  time.hour = hour;
  time.minute = minute;
  time.second = second;
  time.second_part = microsecond;
  time.time_type = is_date ? MYSQL_TIMESTAMP_DATE : MYSQL_TIMESTAMP_DATETIME;
  return time;
}

/* A column of a result: the library writes the value, its length and whether it is missing to the places given, which
   must live until the statement has ended. */
static inline MYSQL_BIND tributary_result_column(
    enum enum_field_types type, void *buffer, unsigned long capacity, unsigned long *length, my_bool *is_null,
    int is_unsigned) {
  MYSQL_BIND bind;
  memset(&bind, 0, sizeof bind);
  bind.buffer_type = type;
  bind.buffer = buffer;
  bind.buffer_length = capacity;
  bind.length = length;
  bind.is_null = is_null;
  bind.is_unsigned = is_unsigned != 0;
  return bind;
}
