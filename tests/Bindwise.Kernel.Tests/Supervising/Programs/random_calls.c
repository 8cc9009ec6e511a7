/*
 * random_calls SEED CALLS [kept]: calls bind(), listen(), setsockopt(), shutdown(), connect() with AF_UNSPEC, dup2() and close() at random, from 64 threads
 * in eight processes with different rights, which meanwhile change the addresses and descriptors that others use, change their credentials, execute
 * themselves anew, become root by a setuid file, and exit. What each call got is compared with what the kernel gives for these rights, whatever the
 * others do: says "violations N of CALLS", and on standard error what they were.
 * kept: bind() may give an earlier socket in place of the one that was made (run --hold). Starts as root, with a setuid copy of itself beside it, NAME.root.
 */
#include "hostile.h"

enum { PROCESSES = 8, THREADS = 8, SHARED_FIRST = 20, SHARED = 48, OWN_FIRST = 200, ADDRESSES = 16, WITNESSES = 8, LOW = 1024, MOST_TOLD = 20 };

/* What all processes have together. */
struct board {
    _Atomic long calls, violations, left;
    union name { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } addresses[ADDRESSES];
};

static struct board *board;
static int board_file;
static long seed, wanted;
static int is_kept;
static const char *self;
static char root_file[256];
static uint64_t network;
static int is_powerless; /* Nothing here ever has CAP_NET_BIND_SERVICE. */
static int witnesses[WITNESSES];

struct actor {
    uint64_t state;
    int has_capability;
    int own; /* A number that only this thread uses. */
};

static uint32_t chance(struct actor *actor, uint32_t below) {
    actor->state ^= actor->state << 13;
    actor->state ^= actor->state >> 7;
    actor->state ^= actor->state << 17;
    return (uint32_t)(actor->state >> 33) % below;
}

__attribute__((format(printf, 1, 2))) static void violation(const char *format, ...) {
    if (++board->violations > MOST_TOLD)
        return;
    char line[256] = "violation: ";
    va_list words;
    va_start(words, format);
    int length = 11 + vsnprintf(line + 11, sizeof line - 12, format, words);
    va_end(words);
    line[length++] = '\n';
    if (write(STDERR_FILENO, line, length) < 0)
        _exit(4);
}

static void read_capabilities(uint32_t *effective, uint32_t *permitted) {
    struct { uint32_t version; int process; } header = { 0x20080522, 0 };
    struct { uint32_t effective, permitted, inheritable; } sets[2];
    if (syscall(SYS_capget, &header, sets) != 0)
        broken("capget");
    *effective = sets[0].effective;
    *permitted = sets[0].permitted;
}

/* Another user or another set of capabilities, for this thread alone. */
static void change_rights(struct actor *actor) {
    struct { uint32_t version; int process; } header = { 0x20080522, 0 };
    struct { uint32_t effective, permitted, inheritable; } sets[2];
    static const uid_t users[] = { 0, NOBODY, 1 };
    uid_t user = users[chance(actor, 3)];
    syscall(SYS_setresuid, -1, user, -1);
    if (syscall(SYS_capget, &header, sets) == 0) {
        sets[0].effective = sets[0].permitted;
        sets[1].effective = sets[1].permitted;
        if (chance(actor, 2))
            sets[0].effective &= ~CAP_NET_BIND_SERVICE_BIT;
        syscall(SYS_capset, &header, sets);
    }
    uint32_t effective, permitted;
    read_capabilities(&effective, &permitted);
    actor->has_capability = (effective & CAP_NET_BIND_SERVICE_BIT) != 0;
}

static socklen_t any_address(struct actor *actor, int is6, union name *name) {
    static const char *const addresses4[] = { "127.0.0.1", "127.0.0.2", "127.1.2.3", "0.0.0.0" };
    static const char *const addresses6[] = { "::1", "::", "::ffff:127.0.0.1", "::1" };
    static const int ports[] = { 0, 1, 22, 80, 443, 1023, 1024, 8080 };
    int port = chance(actor, 3) == 0 ? (int)(2000 + chance(actor, 400)) : ports[chance(actor, 8)];
    memset(name, 0, sizeof *name);
    if (is6)
        name->v6 = at6(addresses6[chance(actor, 4)], port);
    else
        name->v4 = at4(addresses4[chance(actor, 4)], port);
    return is6 ? sizeof name->v6 : sizeof name->v4;
}

static int port_of(int one) {
    union name name = { 0 };
    socklen_t length = sizeof name;
    return getsockname(one, &name.any, &length) == 0 && (name.any.sa_family == AF_INET || name.any.sa_family == AF_INET6) ? ntohs(name.v4.sin_port) : -1;
}

static uint64_t long_option(int one, int option) {
    uint64_t value = 0;
    socklen_t length = sizeof value;
    return getsockopt(one, SOL_SOCKET, option, &value, &length) == 0 ? value : 0;
}

/* What only this thread uses: its outcome does not depend on the others. */
static void own_socket(struct actor *actor) {
    int is6 = chance(actor, 3) == 0, is_stream = chance(actor, 4) != 0;
    int fresh = socket(is6 ? AF_INET6 : AF_INET, is_stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    if (fresh < 0 || dup2(fresh, actor->own) < 0)
        broken("own socket");
    close(fresh);
    int one = actor->own, yes = 1, no = 0;
    struct stat before, after;
    uint64_t cookie = long_option(one, SO_COOKIE);
    fstat(one, &before);
    if (chance(actor, 2))
        setsockopt(one, SOL_SOCKET, SO_REUSEADDR, chance(actor, 4) ? &yes : &no, sizeof yes);
    if (chance(actor, 4) == 0)
        setsockopt(one, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
    if (is6)
        setsockopt(one, IPPROTO_IPV6, IPV6_V6ONLY, chance(actor, 2) ? &yes : &no, sizeof yes);

    union name asked, got = { 0 };
    socklen_t length = any_address(actor, is6, &asked), size = sizeof got;
    uint32_t kind = chance(actor, 16);
    const void *address = kind == 0 ? (void *)1 : kind == 1 ? (void *)-4096 : (void *)&asked;
    if (kind == 2)
        length = chance(actor, 16);
    int result = bind(one, address, length), port = ntohs(asked.v4.sin_port);
    if (result == 0 && kind <= 2)
        violation("bound by an address that is none, of %u bytes", length);
    else if (result == 0) {
        getsockname(one, &got.any, &size);
        int is_same = is6 ? memcmp(&asked.v6.sin6_addr, &got.v6.sin6_addr, 16) == 0 : asked.v4.sin_addr.s_addr == got.v4.sin_addr.s_addr;
        if (!is_same || (port != 0 && port != ntohs(got.v4.sin_port)))
            violation("bound elsewhere than asked: port %d, not %d", ntohs(got.v4.sin_port), port);
        if (port_of(one) < LOW && !actor->has_capability)
            violation("port %d without the capability, as user %d", port_of(one), geteuid());
    } else if (port_of(one) > 0)
        violation("bind() failed with %s, and port %d is bound", errno_word(errno), port_of(one));
    if (chance(actor, 2) && is_stream && listen(one, 1 + chance(actor, 100)) == 0) {
        int accepts = 0;
        socklen_t room = sizeof accepts;
        getsockopt(one, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &room);
        if (accepts == 0)
            violation("listen() succeeded, and it does not listen");
        if (result != 0 && port_of(one) < LOW)
            violation("listen() alone bound port %d", port_of(one));
        if (chance(actor, 3) == 0 && shutdown(one, SHUT_RDWR) == 0) {
            getsockopt(one, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &room);
            if (accepts != 0)
                violation("shutdown() succeeded, and it listens");
        }
    }
    struct sockaddr nothing = { .sa_family = AF_UNSPEC };
    if (chance(actor, 8) == 0)
        connect(one, &nothing, sizeof nothing);
    board->calls += 2;

    if (fstat(one, &after) != 0 || !S_ISSOCK(after.st_mode))
        violation("the descriptor is no socket any more");
    if (long_option(one, SO_NETNS_COOKIE) != network)
        violation("the socket is in another network namespace");
    if (!is_kept && after.st_uid != before.st_uid)
        violation("the socket's owner was %d and is %d", before.st_uid, after.st_uid);
    if (!is_kept && long_option(one, SO_COOKIE) != cookie)
        violation("the descriptor is another socket");
}

static int shared(struct actor *actor) {
    return is_powerless && chance(actor, 4) == 0 ? witnesses[chance(actor, WITNESSES)] : SHARED_FIRST + (int)chance(actor, SHARED);
}

/* What all threads use. */
static void shared_socket(struct actor *actor) {
    int one = shared(actor), yes = 1, result = -1;
    union name *address = &board->addresses[chance(actor, ADDRESSES)], fresh;
    struct sockaddr nothing = { .sa_family = AF_UNSPEC };
    board->calls++;
    switch (chance(actor, 12)) {
        case 0: case 1: case 2: case 3:
            result = bind(one, &address->any, chance(actor, 4) ? sizeof address->v6 : sizeof address->v4);
            break;
        case 4: case 5:
            result = listen(one, 5);
            break;
        case 6:
            setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
            break;
        case 7:
            shutdown(one, SHUT_RDWR);
            break;
        case 8:
            connect(one, &nothing, sizeof nothing);
            break;
        case 9: {
            int number = SHARED_FIRST + (int)chance(actor, SHARED);
            if (chance(actor, 3) == 0)
                dup2(shared(actor), number);
            else
                close(number);
            break;
        }
        case 10: {
            int made = socket(chance(actor, 2) ? AF_INET : AF_INET6, chance(actor, 3) ? SOCK_STREAM : SOCK_DGRAM, 0);
            dup2(made, SHARED_FIRST + (int)chance(actor, SHARED));
            close(made);
            break;
        }
        default:
            any_address(actor, chance(actor, 2), &fresh);
            memcpy(address, &fresh, sizeof fresh);
    }
    int port = port_of(one);
    if (result == 0 && is_powerless && port > 0 && port < LOW)
        violation("port %d where nobody has the capability", port);
    struct stat file;
    if (result == 0 && fstat(one, &file) == 0 && !S_ISSOCK(file.st_mode))
        violation("a descriptor is of another kind");
    uint64_t where = result == 0 ? long_option(one, SO_NETNS_COOKIE) : 0;
    if (where != 0 && where != network)
        violation("a socket is in another network namespace");
}

static void execute_anew(struct actor *actor) {
    char words[4][32];
    snprintf(words[0], sizeof words[0], "%ld", seed * 31 + chance(actor, 1u << 20));
    snprintf(words[1], sizeof words[1], "%ld", wanted);
    snprintf(words[2], sizeof words[2], "%d", is_kept);
    snprintf(words[3], sizeof words[3], "%d", board_file);
    execl(self, self, "live", words[0], words[1], words[2], words[3], NULL);
    _exit(0);
}

static void *act(void *number) {
    struct actor actor = { .state = 0x9e3779b97f4a7c15u * (uint64_t)(seed * 64 + (intptr_t)number + 1), .own = OWN_FIRST + (int)(intptr_t)number };
    uint32_t effective, permitted;
    read_capabilities(&effective, &permitted);
    actor.has_capability = (effective & CAP_NET_BIND_SERVICE_BIT) != 0;
    while (board->calls < wanted) {
        uint32_t kind = chance(&actor, 1000);
        if (kind < 40)
            change_rights(&actor);
        else if (kind == 40)
            execute_anew(&actor);
        else if (kind == 41)
            execl(root_file, root_file, "rest", NULL);
        else if (kind == 42 && chance(&actor, 2))
            _exit(0);
        else if (kind < 500)
            own_socket(&actor);
        else
            shared_socket(&actor);
    }
    return NULL;
}

/* Looks at the witnesses when all threads of the process are gone, whatever they became. */
static void watch(void) {
    int end[2];
    if (pipe(end) != 0)
        broken("pipe");
    if (fork() != 0) {
        close(end[0]);
        fcntl(end[1], F_SETFD, FD_CLOEXEC);
        return;
    }
    close(end[1]);
    char byte;
    if (read(end[0], &byte, 1) != 0)
        _exit(1);
    for (int index = 0; index < WITNESSES; index++) {
        int port = port_of(witnesses[index]);
        if (port > 0 && port < LOW)
            violation("port %d of a process that has ended, where nobody had the capability", port);
    }
    _exit(0);
}

static void live(void) {
    uint32_t effective, permitted;
    read_capabilities(&effective, &permitted);
    is_powerless = (permitted & CAP_NET_BIND_SERVICE_BIT) == 0;
    for (int number = 3; number < OWN_FIRST; number++)
        if (number != board_file)
            close(number);
    for (int index = 0; index < WITNESSES; index++)
        witnesses[index] = socket(AF_INET, SOCK_STREAM, 0);
    network = long_option(witnesses[0], SO_NETNS_COOKIE);
    if (is_powerless)
        watch();
    for (int index = 1; index < THREADS; index++) {
        pthread_t started;
        /* EAGAIN, as soon as another thread executes. */
        if (pthread_create(&started, NULL, act, (void *)(intptr_t)index) != 0)
            break;
    }
    act(NULL);
    _exit(0);
}

/* Eight kinds of rights. */
static void begin(int kind) {
    if (kind == 6 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        broken("unshare");
    if (kind == 7 && unshare(CLONE_NEWNET) != 0)
        broken("unshare");
    if (kind >= 6)
        loopback_up();
    if (kind == 2 || kind == 3 || kind == 7) {
        /* Any user, and every right but the one. */
        if (prctl(PR_CAPBSET_DROP, 10) != 0 || set_capabilities(~CAP_NET_BIND_SERVICE_BIT & 0xfeffffff, 0x1ff) != 0)
            broken("capabilities");
    } else if (kind == 4)
        drop_to(0);
    else if (kind == 5)
        drop_to(CAP_NET_BIND_SERVICE_BIT);
    live();
}

int main(int count, char **words) {
    if (count == 2 && strcmp(words[1], "rest") == 0) {
        usleep(3000);
        return 0;
    }
    if (count < 3)
        return 2;
    self = words[0];
    snprintf(root_file, sizeof root_file, "%s.root", self);
    int is_life = strcmp(words[1], "live") == 0;
    seed = atol(words[is_life ? 2 : 1]);
    wanted = atol(words[is_life ? 3 : 2]);
    is_kept = is_life ? atoi(words[4]) : count > 3;
    board_file = is_life ? atoi(words[5]) : memfd_create("board", 0);
    if (!is_life) {
        dup2(board_file, OWN_FIRST - 1);
        board_file = OWN_FIRST - 1;
        if (ftruncate(board_file, sizeof *board) != 0)
            broken("board");
    }
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, board_file, 0);
    if (board == MAP_FAILED)
        broken("board");
    if (is_life)
        live();
    pid_t processes[PROCESSES] = { 0 };
    for (long lives = 0; board->calls < wanted; lives++) {
        for (int kind = 0; kind < PROCESSES; kind++) {
            if (processes[kind] != 0)
                continue;
            seed += lives * PROCESSES + kind;
            if ((processes[kind] = fork()) == 0)
                begin(kind);
        }
        int status;
        pid_t ended = wait(&status);
        for (int kind = 0; kind < PROCESSES; kind++)
            if (processes[kind] == ended) {
                processes[kind] = 0;
                if (status != 0)
                    violation("process %d ended with %x", kind, status);
            }
    }
    while (wait(NULL) > 0)
        continue;
    say("violations %ld of %ld", board->violations, wanted);
}
