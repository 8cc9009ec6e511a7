/* Each line "@@THOUGHT" is replaced by the code that remedies give for it; what it must achieve stands behind it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

static volatile sig_atomic_t ended;

static void on_term(int signal) { ended = signal; }

static void told(const char *thought, int condition) { printf("%s%s\n", condition ? "" : "FAILED ", thought); }

static int on(int fd, int level, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(fd, level, option, &value, &size) == 0 && value == 1;
}

int main(void)
{
    char buffer[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    @@ReuseAddress
    told("ReuseAddress", on(fd, SOL_SOCKET, SO_REUSEADDR));
    @@ReusePort
    told("ReusePort", on(fd, SOL_SOCKET, SO_REUSEPORT));
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    @@ReuseAddressOfDatagrams
    told("ReuseAddressOfDatagrams", on(fd, SOL_SOCKET, SO_REUSEADDR));
    @@ReusePortOfDatagrams
    told("ReusePortOfDatagrams", on(fd, SOL_SOCKET, SO_REUSEPORT));
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    @@SetV6Only
    told("SetV6Only", on(fd, IPPROTO_IPV6, IPV6_V6ONLY));
    @@ClearV6Only
    told("ClearV6Only", !on(fd, IPPROTO_IPV6, IPV6_V6ONLY));
    fd = socket(AF_INET, SOCK_STREAM, 0);
    @@BindAddressNoPort
    struct sockaddr_in source = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof source;
    bind(fd, (struct sockaddr *)&source, size);
    getsockname(fd, (struct sockaddr *)&source, &size);
    told("BindAddressNoPort", on(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT) && source.sin_port == 0);
    fd =
    @@CloseOnExec
    told("CloseOnExec", fcntl(fd, F_GETFD) & FD_CLOEXEC);

    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    fd = ends[0];
    write(ends[1], "rest", 4);
    shutdown(ends[1], SHUT_WR);
    @@CloseLast
    told("CloseLast", fcntl(fd, F_GETFD) == -1 && read(ends[1], buffer, 1) == 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    fd = ends[0];
    close(ends[1]);
    ssize_t n = read(fd, buffer, sizeof buffer);
    @@CloseAfterEnd
    told("CloseAfterEnd", fcntl(fd, F_GETFD) == -1);

    struct sockaddr_un name = { .sun_family = AF_UNIX };
    char *path = name.sun_path;
    snprintf(path, sizeof name.sun_path, "%s/snippets.sock", getenv("TMPDIR"));
    bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name);
    @@UnlinkBeforeBind
    told("UnlinkBeforeBind", bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, sizeof name) == 0);

    @@EndOnSigterm
    raise(SIGTERM);
    told("EndOnSigterm", ended == SIGTERM);
    return 0;
}
