/* Times one kind of system call in a loop: load KIND COUNT prints nanoseconds a round. Kinds: plain (getppid), again (recv of an empty
   socket: fails with EAGAIN), works (socket, bind, close), fails (socket, bind to a held port, close). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void check(int is_so, const char *what)
{
    if (!is_so) {
        perror(what);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    check(argc == 3, "load KIND COUNT");
    const char *kind = argv[1];
    long count = atol(argv[2]);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(7777), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int held = -1, pair[2];
    char byte;
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0, "socketpair");
    if (!strcmp(kind, "fails")) {
        held = socket(AF_INET, SOCK_STREAM, 0);
        check(bind(held, (struct sockaddr *)&address, sizeof address) == 0 && listen(held, 1) == 0, "hold");
    }
    double began = now();
    for (long i = 0; i < count; i++) {
        if (!strcmp(kind, "plain")) {
            syscall(SYS_getppid);
        } else if (!strcmp(kind, "again")) {
            check(recv(pair[0], &byte, 1, 0) == -1 && errno == EAGAIN, "recv");
        } else {
            int one = socket(AF_INET, SOCK_STREAM, 0);
            if (held < 0)
                address.sin_port = htons(7000 + i % 512);
            int result = bind(one, (struct sockaddr *)&address, sizeof address);
            check(held < 0 ? result == 0 : result == -1 && errno == EADDRINUSE, "bind");
            close(one);
        }
    }
    printf("%.1f\n", (now() - began) / count);
    return 0;
}
