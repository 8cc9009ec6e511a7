/*
 * page_end KIND: bind() of a new socket each, with an address that ends with its page, or reaches beyond it; says every result: O (bound), F (EFAULT), I
 * (EINVAL) or the errno. KIND is that of the sockets: tcp4, tcp6, udp4, unix.
 */
#include "hostile.h"
#include <sys/un.h>

static const int lengths[] = { -1, 0, 1, 2, 8, 15, 16, 17, 23, 24, 27, 28, 29, 110, 111, 128, 129 };
static const int mapped[] = { 0, 8, 16, 24, 28, 128 };

int main(int count, char **words) {
    if (count != 2)
        return 2;
    int family = strcmp(words[1], "unix") == 0 ? AF_UNIX : strcmp(words[1], "tcp6") == 0 ? AF_INET6 : AF_INET;
    int type = strcmp(words[1], "udp4") == 0 ? SOCK_DGRAM : SOCK_STREAM;
    long page = sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || munmap(pages + page, page) != 0)
        broken("mmap");
    union { struct sockaddr_in v4; struct sockaddr_in6 v6; struct sockaddr_un name; char bytes[128]; } address = { 0 };
    if (family == AF_INET)
        address.v4 = at4("127.0.0.1", 8080);
    else if (family == AF_INET6)
        address.v6 = at6("::1", 8080);
    else
        address.name.sun_family = AF_UNIX;
    char results[240] = "";
    for (size_t end = 0; end < sizeof mapped / sizeof *mapped; end++) {
        memcpy(pages + page - mapped[end], &address, mapped[end]);
        for (size_t at = 0; at < sizeof lengths / sizeof *lengths; at++) {
            int one = socket(family, type, 0);
            int result = bind(one, (struct sockaddr *)(pages + page - mapped[end]), lengths[at]);
            const char *word = result == 0 ? "O" : errno == EFAULT ? "F" : errno == EINVAL ? "I" : errno_word(errno);
            strncat(results, word, sizeof results - strlen(results) - 1);
            close(one);
        }
        strncat(results, ",", sizeof results - strlen(results) - 1);
    }
    say("%s", results);
}
