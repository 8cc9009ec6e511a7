/*
 * end_listening HOW NAMESPACES LO: what is the descriptor of a listening socket after shutdown(2), or connect(2) with AF_UNSPEC, in a network
 * namespace of the program's own? It may never be a socket of another namespace or of another user than the one that socket() made.
 * Something listens on 127.0.0.1:7777 of the namespace in which the program starts, and shares that port with its own user (SO_REUSEPORT).
 * HOW: shutdown, disconnect. NAMESPACES: user (and network), net, none (but drops to nobody). LO: up, down.
 */
#include "hostile.h"

struct identity {
    uint64_t network;
    uid_t owner;
};

static struct identity identity_of(int socket) {
    struct identity result = { 0 };
    socklen_t length = sizeof result.network;
    struct stat file;
    if (getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &result.network, &length) != 0 || fstat(socket, &file) != 0)
        broken("identity");
    result.owner = file.st_uid;
    return result;
}

int main(int count, char **words) {
    if (count != 4)
        return 2;
    int is_shared = strcmp(words[2], "none") == 0;
    if (is_shared)
        drop_to(0);
    else if (unshare(CLONE_NEWNET | (strcmp(words[2], "user") == 0 ? CLONE_NEWUSER : 0)) != 0)
        broken("unshare");
    if (strcmp(words[3], "up") == 0)
        loopback_up();

    int one = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = at4("0.0.0.0", 8080), there = at4("127.0.0.1", 7777);
    struct identity before = identity_of(one);
    if (bind(one, (struct sockaddr *)&here, sizeof here) != 0 || listen(one, 5) != 0)
        broken("listen");
    struct sockaddr nothing = { .sa_family = AF_UNSPEC };
    if ((strcmp(words[1], "shutdown") == 0 ? shutdown(one, SHUT_RDWR) : connect(one, &nothing, sizeof nothing)) != 0)
        broken(words[1]);

    struct identity after = identity_of(one);
    if (after.network != before.network)
        fprintf(stderr, "its network namespace is another one\n");
    if (after.owner != before.owner)
        fprintf(stderr, "its owner was %d and is %d\n", before.owner, after.owner);
    int yes = 1;
    int shares = is_shared && setsockopt(one, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0 && bind(one, (struct sockaddr *)&there, sizeof there) == 0;
    int connects = !is_shared && connect(one, (struct sockaddr *)&there, sizeof there) == 0;
    say(shares ? "SHARED" : connects ? "CONNECTED" : after.network != before.network ? "ELSEWHERE" : after.owner != before.owner ? "OWNED" : "held-off");
}
