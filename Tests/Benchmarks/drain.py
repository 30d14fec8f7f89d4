"""What nothing that reads the rows can beat: a C program that fetches them over the binary protocol and drops them."""
import os, shlex, subprocess

PROGRAM = r"""
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* drain PORT DATABASE ...: all rows of the table orders of each database, one after the other */
int main(int count, char **arguments) {
    const char *query = "select * from orders";
    for (int i = 1; i + 1 < count; i += 2) {
        MYSQL *connection = mysql_init(0);
        if (!mysql_real_connect(connection, "127.0.0.1", "sync", "secret", arguments[i + 1], atoi(arguments[i]), 0, 0)) return 1;
        MYSQL_STMT *statement = mysql_stmt_init(connection);
        if (mysql_stmt_prepare(statement, query, strlen(query)) || mysql_stmt_execute(statement)) return 2;
        long rows = 0;
        while (mysql_stmt_fetch(statement) != MYSQL_NO_DATA) rows++;
        if (mysql_stmt_errno(statement)) return 3;
        printf("%ld\n", rows);
        mysql_stmt_close(statement);
        mysql_close(connection);
    }
    return 0;
}
"""


def build(root):
    """Builds the program below a folder; its path. Needs cc and libmariadb."""
    source = os.path.join(root, "drain.c")
    with open(source, "w") as file:
        file.write(PROGRAM)
    flags = subprocess.check_output(["mariadb_config", "--cflags", "--libs"], text=True).split()
    program = os.path.join(root, "drain")
    subprocess.run(["cc", "-O2", "-o", program, source, *flags], check=True)
    return program


def command(program, targets, connections=1):
    """The command that drains pairs of port and database by so many connections at once."""
    jobs = []
    for number in range(connections):
        pairs = [str(word) for target in targets[number::connections] for word in target]
        jobs.append(shlex.join([program, *pairs]))
    waits = [f"{job} & pids=\"$pids $!\"" for job in jobs]
    return ["sh", "-c", "pids=; " + "; ".join(waits) + "; for pid in $pids; do wait $pid || exit 1; done"]
