/* What bind() answers on a host with two VRFs, red and blue: d1 belongs to red, d2 to blue, d3 to none. First the addresses that a socket may have by
   the interface that it is bound to, then whether one meets another on the same port. eng/kernels holds it against scenarios/vrf/binds.txt.
   With an interface it only listens there, until it is ended. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *devices[] = {"none", "red", "blue", "d1", "d2", "d3"};
static const char *addresses[] = {"0.0.0.0", "127.0.0.1", "10.1.0.1", "10.2.0.1", "10.3.0.1", "10.9.0.1", "::", "::1", "fd01::1", "fd02::1", "fd03::1", "fd09::1"};
enum { DEVICES = sizeof devices / sizeof *devices, ADDRESSES = sizeof addresses / sizeof *addresses };

/* A socket that is bound to an interface and then to an address, and that listens if it is one of TCP; what failed is printed. */
static int bound(int type, int device, const char *address)
{
    int family = strchr(address, ':') ? AF_INET6 : AF_INET;
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(8080)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(8080)};
    int one = socket(family, type, 0), failed;

    if (device && setsockopt(one, SOL_SOCKET, SO_BINDTODEVICE, devices[device], strlen(devices[device]) + 1))
        perror(devices[device]);
    inet_pton(family, address, family == AF_INET ? (void *)&ipv4.sin_addr : (void *)&ipv6.sin6_addr);
    failed = bind(one, family == AF_INET ? (void *)&ipv4 : (void *)&ipv6, family == AF_INET ? sizeof ipv4 : sizeof ipv6)
        || (type == SOCK_STREAM && listen(one, 1));
    printf(" %s", !failed ? "ok" : errno == EADDRINUSE ? "EADDRINUSE" : errno == EADDRNOTAVAIL ? "EADDRNOTAVAIL" : strerror(errno));
    return one;
}

static void share_ports(const char *yes)
{
    int file = open("/proc/sys/net/ipv4/tcp_l3mdev_accept", O_WRONLY);

    if (file < 0 || write(file, yes, 1) != 1)
        perror("tcp_l3mdev_accept");
    close(file);
}

int main(int count, char **arguments)
{
    for (int device = 0; device < DEVICES; device++)
        if (count > 1 && !strcmp(arguments[1], devices[device])) {
            bound(SOCK_STREAM, device, "0.0.0.0");
            pause();
        }
    for (int at = 0; at < ADDRESSES; at++) {
        printf("address %s:", addresses[at]);
        for (int device = 0; device < DEVICES; device++)
            close(bound(SOCK_STREAM, device, addresses[at]));
        puts("");
    }
    for (int shared = 0; shared < 2; shared++) {
        share_ports(shared ? "1" : "0");
        for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++)
            for (int held = 0; held < DEVICES; held++) {
                printf("%s%s, held by %s:", type == SOCK_STREAM ? "tcp" : "udp", shared ? " with tcp_l3mdev_accept" : "", devices[held]);
                int holder = bound(type, held, "0.0.0.0");
                for (int device = 0; device < DEVICES; device++)
                    close(bound(type, device, "0.0.0.0"));
                puts("");
                close(holder);
            }
    }
    share_ports("0");
    return 0;
}
