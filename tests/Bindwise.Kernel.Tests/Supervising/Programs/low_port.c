/*
 * low_port START PORT: in a network namespace of its own, whose ports from START on are anybody's (net.ipv4.ip_unprivileged_port_start), nobody binds PORT:
 * BOUND, or the errno.
 */
#include "hostile.h"

int main(int count, char **words) {
    if (count != 3)
        return 2;
    if (unshare(CLONE_NEWNET) != 0)
        broken("unshare");
    write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", words[1]);
    drop_to(0);
    struct sockaddr_in name = at4("0.0.0.0", atoi(words[2]));
    int one = socket(AF_INET, SOCK_STREAM, 0);
    say("%s", bind(one, (struct sockaddr *)&name, sizeof name) == 0 ? "BOUND" : errno_word(errno));
}
