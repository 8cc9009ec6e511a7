/*
 * closed_address WAY [ADDRESS PORT]: binds 0.0.0.0:80, or that address and port, in a way that its supervisor may not see, or may not do in its place, and
 * says where it ended: ADDRESS:PORT, or the errno. Of many attempts, the first that got the very address and port.
 */
#include "hostile.h"
#include <linux/io_uring.h>
#include <linux/perf_event.h>

static const char *wanted_address = "0.0.0.0";
static int wanted_port = 80;
static char room[80];
static int attempts = 2000;

static struct sockaddr_in wanted(void) {
    return at4(wanted_address, wanted_port);
}

static int stream(void) {
    int one = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (one < 0 || setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
        broken("socket");
    return one;
}

__attribute__((noreturn)) static void say_place(int one, int result, int error) {
    say("%s", result == 0 ? place(one, room, sizeof room) : errno_word(error));
}

static int is_wanted(int one) {
    struct sockaddr_in name = { 0 }, goal = wanted();
    socklen_t length = sizeof name;
    return getsockname(one, (struct sockaddr *)&name, &length) == 0 && name.sin_addr.s_addr == goal.sin_addr.s_addr && name.sin_port == goal.sin_port;
}

__attribute__((noreturn)) static void bind_plainly(void) {
    int one = stream();
    struct sockaddr_in name = wanted();
    int result = bind(one, (struct sockaddr *)&name, sizeof name);
    say_place(one, result, errno);
}

static void way_whole(void) {
    bind_plainly();
}

static void way_capability(void) {
    drop_to(CAP_NET_BIND_SERVICE_BIT);
    bind_plainly();
}

/* Root of a user namespace of its own, and of a network that belongs to it. */
static void way_namespace(void) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        broken("unshare");
    loopback_up();
    bind_plainly();
}

/* A rule that allows this very port: the kernel lets it bind, its supervisor cannot know that. */
static void way_landlock(void) {
    struct { uint64_t files, network; } handled = { 0, 1 };
    struct { uint64_t allowed, port; } __attribute__((packed)) rule = { 1, wanted_port };
    int rules = syscall(444, &handled, sizeof handled, 0);
    if (rules < 0 || syscall(445, rules, 2, &rule, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(446, rules, 0) != 0)
        broken("landlock");
    bind_plainly();
}

/* bind() takes AF_UNSPEC for AF_INET where the address is 0.0.0.0 (inet_bind()). */
static void way_unspecified(void) {
    int one = stream();
    struct sockaddr_in name = wanted();
    name.sin_family = AF_UNSPEC;
    int result = bind(one, (struct sockaddr *)&name, sizeof name);
    say_place(one, result, errno);
}

/* ::ffff:0.0.0.0 is 0.0.0.0. */
static void way_mapped(void) {
    int one = socket(AF_INET6, SOCK_STREAM, 0), no = 0;
    char text[64];
    snprintf(text, sizeof text, "::ffff:%s", wanted_address);
    struct sockaddr_in6 name = at6(text, wanted_port);
    if (setsockopt(one, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) != 0)
        broken("IPV6_V6ONLY");
    int result = bind(one, (struct sockaddr *)&name, sizeof name);
    say_place(one, result, errno);
}

static int takes_ipv4(int one) {
    int v6_only = 1;
    socklen_t length = sizeof v6_only;
    return getsockopt(one, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &length) == 0 && v6_only == 0;
}

/* [::] without IPV6_V6ONLY is 0.0.0.0 as well. */
static void way_both(void) {
    int one = socket(AF_INET6, SOCK_STREAM, 0), no = 0;
    struct sockaddr_in6 name = at6("::", wanted_port);
    if (setsockopt(one, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) != 0)
        broken("IPV6_V6ONLY");
    int result = bind(one, (struct sockaddr *)&name, sizeof name);
    say_place(one, result, errno);
}

/* The 24 bytes of RFC 2133 are an address, too. */
static void way_short(void) {
    int one = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 name = at6("::", wanted_port);
    int result = bind(one, (struct sockaddr *)&name, 24);
    say_place(one, result, errno);
}

/* Memory that only its own process can read. */
static void way_secret(void) {
    int memory = syscall(447, 0);
    struct sockaddr_in *name = memory < 0 || ftruncate(memory, 4096) != 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (name == MAP_FAILED)
        say("%s", errno_word(errno));
    *name = wanted();
    int one = stream(), result = bind(one, (struct sockaddr *)name, sizeof *name);
    say_place(one, result, errno);
}

/* A page of the kernel's, as a device's: process_vm_readv() refuses it. */
static void way_device(void) {
    struct perf_event_attr what = { .type = PERF_TYPE_SOFTWARE, .size = sizeof what, .config = PERF_COUNT_SW_DUMMY, .exclude_kernel = 1 };
    int counter = syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
    char *page = counter < 0 ? MAP_FAILED : mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, counter, 0);
    if (page == MAP_FAILED)
        say("%s", errno_word(errno));
    struct sockaddr_in name = wanted();
    memcpy(page + 2048, &name, sizeof name);
    int one = stream(), result = bind(one, (struct sockaddr *)(page + 2048), sizeof name);
    say_place(one, result, errno);
}

/* Nobody but root may look into it. */
static void way_undumpable(void) {
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        broken("PR_SET_DUMPABLE");
    bind_plainly();
}

static union { struct sockaddr_in v4; uint64_t halves[2]; } changing;
static _Atomic int is_over;

static void *change_address(void *other) {
    struct sockaddr_in one = wanted();
    while (!is_over) {
        memcpy(&changing.v4, &one, sizeof one);
        atomic_thread_fence(memory_order_seq_cst);
        memcpy(&changing.v4, other, sizeof one);
        atomic_thread_fence(memory_order_seq_cst);
    }
    return NULL;
}

__attribute__((noreturn)) static void rewrite(struct sockaddr_in other) {
    changing.v4 = other;
    pthread_t writer = thread(change_address, &other);
    int last = 0;
    for (int left = attempts; left > 0; left--) {
        int one = stream();
        last = bind(one, (struct sockaddr *)&changing.v4, sizeof changing.v4) == 0 ? 0 : errno;
        if (is_wanted(one))
            say_place(one, 0, 0);
        close(one);
    }
    is_over = 1;
    pthread_join(writer, NULL);
    say("%s", last == 0 ? "elsewhere" : errno_word(last));
}

static void way_rewrite(void) {
    drop_to(CAP_NET_BIND_SERVICE_BIT);
    rewrite(at4("127.0.0.1", 8081));
}

/* With all rights: the supervisor may do the call itself. */
static void way_rewrite_whole(void) {
    rewrite(at4("127.0.0.1", 8081));
}

/* No address of IP at one moment, and one at the next. */
static void way_rewrite_family(void) {
    struct sockaddr_in other = wanted();
    other.sin_family = AF_UNIX;
    rewrite(other);
}

static _Atomic int changing_socket = -1;

static void *change_option(void *unused) {
    (void)unused;
    for (int value = 0; !is_over; value = !value)
        setsockopt(changing_socket, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof value);
    return NULL;
}

/* A socket of IPv6 alone at one moment, of both at the next: what counts is what it is once it listens. Fewer attempts: a failure of each is explained. */
static void way_rewrite_option(void) {
    struct sockaddr_in6 name = at6("::", wanted_port);
    pthread_t changer = thread(change_option, NULL);
    int last = 0;
    for (int left = attempts / 10; left > 0; left--) {
        int one = changing_socket = socket(AF_INET6, SOCK_STREAM, 0), yes = 1;
        setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        last = bind(one, (struct sockaddr *)&name, sizeof name) == 0 && listen(one, 5) == 0 ? 0 : errno;
        struct sockaddr_in6 there = { 0 };
        socklen_t length = sizeof there;
        if (last == 0 && takes_ipv4(one) && getsockname(one, (struct sockaddr *)&there, &length) == 0
            && IN6_IS_ADDR_UNSPECIFIED(&there.sin6_addr) && there.sin6_port == name.sin6_port)
            say_place(one, 0, 0);
        close(one);
    }
    is_over = 1;
    pthread_join(changer, NULL);
    say("%s", last == 0 ? "elsewhere" : errno_word(last));
}

static int changing_number, unix_socket;
static int tcp_socket;
static _Atomic unsigned rounds;

static void *change_descriptor(void *unused) {
    (void)unused;
    while (!is_over) {
        dup2(tcp_socket, changing_number);
        dup2(unix_socket, changing_number);
        rounds++;
    }
    return NULL;
}

/*
 * Another thread changes what the number of the descriptor names. As many attempts, and until that thread has got on between 200 of them: on a busy machine
 * it may wait for its turn while all attempts are made.
 */
static void way_descriptor(void) {
    unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
    tcp_socket = stream();
    changing_number = dup(unix_socket);
    struct sockaddr_in name = wanted();
    pthread_t changer = thread(change_descriptor, NULL);
    unsigned seen = 0, turns = 0;
    for (int made = 0; made < 5 * attempts || turns < 200; made++) {
        bind(changing_number, (struct sockaddr *)&name, sizeof name);
        if (is_wanted(tcp_socket))
            say_place(tcp_socket, 0, 0);
        turns += rounds != seen;
        seen = rounds;
        if (made % 64 == 0)
            sched_yield();
    }
    is_over = 1;
    pthread_join(changer, NULL);
    say_place(tcp_socket, 0, 0);
}

#ifdef __x86_64__
static void *low_page(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (page == MAP_FAILED)
        broken("MAP_32BIT");
    return page;
}

/* bind() of i386. */
static void way_bind32(void) {
    struct sockaddr_in *name = low_page();
    *name = wanted();
    int one = stream();
    long result = call32(361, one, (long)name, sizeof *name);
    say_place(one, result, -result);
}

/* socketcall(SYS_BIND) of i386. */
static void way_socketcall(void) {
    struct sockaddr_in *name = low_page();
    uint32_t *arguments = (void *)((char *)name + 128);
    *name = wanted();
    int one = stream();
    arguments[0] = one;
    arguments[1] = (uint32_t)(uintptr_t)name;
    arguments[2] = sizeof *name;
    long result = call32(102, 2, (long)arguments, 0);
    say_place(one, result, -result);
}

/* bind() of x32: the same architecture, another number. */
static void way_bind_x32(void) {
    struct sockaddr_in name = wanted();
    int one = stream(), result = syscall(0x40000000 + SYS_bind, one, &name, sizeof name);
    say_place(one, result, errno);
}
#endif

/* One operation by io_uring, in its own words: the headers of Debian 12 know neither bind nor listen. */
static int by_ring(int operation, int descriptor, uint64_t address, uint64_t length, uint32_t backlog) {
    struct io_uring_params parameters = { 0 };
    int ring = syscall(SYS_io_uring_setup, 4, &parameters);
    if (ring < 0)
        return -errno;
    size_t size = parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe);
    char *queues = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
    size = parameters.sq_entries * sizeof(struct io_uring_sqe);
    struct io_uring_sqe *entries = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
    if (queues == MAP_FAILED || entries == MAP_FAILED)
        return -errno;
    entries[0] = (struct io_uring_sqe){ .opcode = operation, .fd = descriptor, .addr = address, .off = length, .len = backlog };
    ((uint32_t *)(queues + parameters.sq_off.array))[0] = 0;
    atomic_store((_Atomic uint32_t *)(queues + parameters.sq_off.tail), 1);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
        return -errno;
    return ((struct io_uring_cqe *)(queues + parameters.cq_off.cqes))[0].res;
}

static void way_ring(void) {
    struct sockaddr_in name = wanted();
    int one = stream(), result = by_ring(56, one, (uintptr_t)&name, sizeof name, 0);
    say_place(one, result, -result);
}

/* Who listens without a bind() gets 0.0.0.0 and a port of the kernel's choice. */
static void way_listen(void) {
    int one = stream(), result = listen(one, 5);
    say_place(one, result, errno);
}

static void way_ring_listen(void) {
    int one = stream(), result = by_ring(57, one, 0, 0, 5);
    say_place(one, result, -result);
}

static const struct { const char *name; void (*go)(void); } ways[] = {
    { "whole", way_whole }, { "capability", way_capability }, { "namespace", way_namespace }, { "landlock", way_landlock },
    { "unspecified", way_unspecified }, { "mapped", way_mapped }, { "both", way_both },
    { "short", way_short }, { "secret", way_secret }, { "device", way_device },
    { "undumpable", way_undumpable }, { "rewrite", way_rewrite }, { "rewrite-whole", way_rewrite_whole }, { "rewrite-family", way_rewrite_family },
    { "rewrite-option", way_rewrite_option },
    { "descriptor", way_descriptor }, { "ring", way_ring }, { "listen", way_listen }, { "ring-listen", way_ring_listen },
#ifdef __x86_64__
    { "bind32", way_bind32 }, { "socketcall", way_socketcall }, { "bind-x32", way_bind_x32 },
#endif
};

int main(int count, char **words) {
    if (count == 4) {
        wanted_address = words[2];
        wanted_port = atoi(words[3]);
    }
    for (size_t index = 0; count > 1 && index < sizeof ways / sizeof *ways; index++)
        if (strcmp(words[1], ways[index].name) == 0)
            ways[index].go();
    say("no such way");
}
