/* Makes one call of each kind fail, and waits to be ended: TCP's and UDP's bind(), listen(), connect() for want of a port, a UNIX bind(), a
   bind() by io_uring where the kernel has it, one of MPTCP and one of SCTP, a listen() of UDP, and a bind() that Landlock refuses. After each it reads
   a byte from standard input, and so goes on when the one before is recorded, however slow the machine is. Needs no library
   and no header, so that any compiler makes it for 64 and for 32 bits; BASE is where its ports begin, and its first
   user of two: of one user only so many are looked at. ip_local_port_range must be one port. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#ifdef __x86_64__
enum { READ = 0, SOCKET = 41, CONNECT = 42, BIND = 49, LISTEN = 50, SETSOCKOPT = 54, PAUSE = 34, SETUID = 105, MMAP = 9, PRCTL = 157, FORK = 57 };

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
}
#elif defined __aarch64__
/* In place of pause() a ppoll() of nothing, in place of fork() a clone() of nothing. */
enum { READ = 63, SOCKET = 198, CONNECT = 203, BIND = 200, LISTEN = 201, SETSOCKOPT = 208, PAUSE = 73, SETUID = 146, MMAP = 222, PRCTL = 167, FORK = 220 };

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
        x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
#elif defined __arm__
enum { READ = 3, SOCKET = 281, CONNECT = 283, BIND = 282, LISTEN = 284, SETSOCKOPT = 294, PAUSE = 29, SETUID = 213, PRCTL = 172, FORK = 2 };

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    register long r7 __asm__("r7") = number, r0 __asm__("r0") = a, r1 __asm__("r1") = b, r2 __asm__("r2") = c, r3 __asm__("r3") = d, r4 __asm__("r4") = e;
    (void)f;
    __asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4) : "memory");
    return r0;
}
#else
enum { READ = 3, SOCKET = 359, CONNECT = 362, BIND = 361, LISTEN = 363, SETSOCKOPT = 366, PAUSE = 29, SETUID = 213, PRCTL = 172, FORK = 2 };

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    (void)f;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
    return result;
}
#endif

enum { TCP = 1, UDP = 2, REUSE = 1, BAD_DESCRIPTOR = -9 };

struct address { u16 family, port; u8 rest[24]; };

static struct address at(int family, int port)
{
    struct address one = { family, (u16)(port << 8 | port >> 8), { 0 } };
    if (family == 2)
        one.rest[0] = 127, one.rest[3] = 1;
    else
        one.rest[19] = 1;
    return one;
}

static int new_socket(int family, int type, int options)
{
    int one = 1, made = call(SOCKET, family, type, 0, 0, 0, 0);
    if (options)
        call(SETSOCKOPT, made, 1, 2, (long)&one, sizeof one, 0);
    return made;
}

/* After a call that failed, until that is recorded. A socket that the kernel does not have cannot fail. */
static void await(long result)
{
    char byte;
    if (result < 0 && result != BAD_DESCRIPTOR)
        call(READ, 0, (long)&byte, 1, 0, 0, 0);
}

static void with(long number, int socket, int family, int port)
{
    struct address one = at(family, port);
    await(call(number, socket, (long)&one, family == 2 ? 16 : 28, 0, 0, 0));
}

#ifdef __LP64__
/* io_uring(7), as far as one request needs it. */
struct parameters { u32 sq_entries, cq_entries, other[8]; struct { u32 head, tail, mask, entries, flags, dropped, array, none; u64 user; } sq, cq; };
struct request { u8 opcode, flags; u16 priority; int fd; u64 address2, address; u32 length, more; u64 data[4]; };

static void bind_by_ring(int port)
{
    struct parameters made = { 0 };
    struct address address = at(2, port);
    int ring = call(425, 2, (long)&made, 0, 0, 0, 0);
    if (ring < 0)
        return;
    u8 *queue = (u8 *)call(MMAP, 0, 4096, 3, 1, ring, 0);
    struct request *requests = (struct request *)call(MMAP, 0, 4096, 3, 1, ring, 0x10000000);
    struct request wanted = { .opcode = 56, .fd = new_socket(2, TCP, 0), .address2 = 16, .address = (u64)&address };
    requests[0] = wanted;
    *(u32 *)(queue + made.sq.array) = 0;
    *(volatile u32 *)(queue + made.sq.tail) = 1;
    call(426, ring, 1, 1, 1, 0, 0);
}
#endif

/* By Landlock, where the kernel has it for ports. */
static void refuse_binds(void)
{
    u64 handled[2] = { 0, 1 };
    long rules = call(444, (long)handled, sizeof handled, 0, 0, 0, 0);
    call(PRCTL, 38, 1, 0, 0, 0, 0);
    call(446, rules, 0, 0, 0, 0, 0);
}

/* The calls that few programs make: MPTCP's, a listen() of UDP, SCTP's, and what Landlock refuses. */
static void fail_seldom(void)
{
    int server = new_socket(2, TCP, REUSE);
    with(BIND, server, 2, BASE + 5);
    call(LISTEN, server, 1, 0, 0, 0, 0);
    with(BIND, call(SOCKET, 2, TCP, 262, 0, 0, 0), 2, BASE + 5);
    server = new_socket(2, UDP, 0);
    with(BIND, server, 2, BASE + 7);
    await(call(LISTEN, server, 1, 0, 0, 0, 0));
    for (int time = 0; time < 2; time++)
        with(BIND, call(SOCKET, 2, TCP, 132, 0, 0, 0), 2, BASE + 9);
    refuse_binds();
    with(BIND, new_socket(2, TCP, 0), 2, BASE + 8);
}

#if defined __x86_64__ || defined __i386__
__attribute__((force_align_arg_pointer))
#endif
void _start(void)
{
    /* With SIGCHLD at the end, as fork() has it by itself. */
    if (call(FORK, 17, 0, 0, 0, 0, 0) == 0) {
        call(SETUID, BASE + 1, 0, 0, 0, 0, 0);
        /* It ends with its parent. */
        call(PRCTL, 1, 9, 0, 0, 0, 0);
        fail_seldom();
        for (;;)
            call(PAUSE, 0, 0, 0, 0, 0, 0);
    }
    call(SETUID, BASE, 0, 0, 0, 0, 0);
    for (int family = 2; family <= 10; family += 8) {
        int port = BASE + (family == 2 ? 1 : 6), server = new_socket(family, TCP, REUSE);
        with(BIND, server, family, port);
        call(LISTEN, server, 1, 0, 0, 0, 0);
        with(BIND, new_socket(family, TCP, 0), family, port);
    }
    int first = new_socket(2, TCP, REUSE), second = new_socket(2, TCP, REUSE);
    with(BIND, first, 2, BASE + 2);
    with(BIND, second, 2, BASE + 2);
    call(LISTEN, first, 1, 0, 0, 0, 0);
    await(call(LISTEN, second, 1, 0, 0, 0, 0));
    with(BIND, new_socket(2, UDP, 0), 2, BASE + 3);
    with(BIND, new_socket(2, UDP, 0), 2, BASE + 3);
    int server = new_socket(2, TCP, REUSE);
    with(BIND, server, 2, BASE + 4);
    call(LISTEN, server, 8, 0, 0, 0, 0);
    with(CONNECT, new_socket(2, TCP, 0), 2, BASE + 4);
    with(CONNECT, new_socket(2, TCP, 0), 2, BASE + 4);
    struct { u16 family; char path[16]; } nowhere = { 1, "/nowhere/at/all" };
    await(call(BIND, new_socket(1, TCP, 0), (long)&nowhere, sizeof nowhere, 0, 0, 0));
#ifdef __LP64__
    bind_by_ring(BASE + 4);
#endif
    for (;;)
        call(PAUSE, 0, 0, 0, 0, 0, 0);
}
