/* What the programs of this folder share. Each says its result as one word, the first line of its standard output. */
#ifndef HOSTILE_H
#define HOSTILE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 65534
#define CAP_NET_BIND_SERVICE_BIT (1u << 10)
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* For what has to work before there is anything to try: the test fails with these words. */
__attribute__((noreturn, unused)) static void broken(const char *what) {
    printf("broken: %s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(3);
}

/* Not by stdio's lock: a thread that is lost may have it. */
__attribute__((noreturn, format(printf, 1, 2), unused)) static void say(const char *format, ...) {
    char line[256];
    va_list words;
    va_start(words, format);
    int length = vsnprintf(line, sizeof line - 1, format, words);
    va_end(words);
    line[length++] = '\n';
    _exit(write(STDOUT_FILENO, line, length) == length ? 0 : 4);
}

__attribute__((unused)) static const char *errno_word(int number) {
    return number == 0 ? "OK" : strerrorname_np(number);
}

__attribute__((unused)) static struct sockaddr_in at4(const char *address, int port) {
    struct sockaddr_in result = { .sin_family = AF_INET, .sin_port = htons(port) };
    if (inet_pton(AF_INET, address, &result.sin_addr) != 1)
        broken(address);
    return result;
}

__attribute__((unused)) static struct sockaddr_in6 at6(const char *address, int port) {
    struct sockaddr_in6 result = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    if (inet_pton(AF_INET6, address, &result.sin6_addr) != 1)
        broken(address);
    return result;
}

/* Where a socket is bound: ADDRESS:PORT, or "unbound". */
__attribute__((unused)) static const char *place(int socket, char *room, size_t length) {
    union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } name = { 0 };
    socklen_t size = sizeof name;
    char text[INET6_ADDRSTRLEN];
    if (getsockname(socket, &name.any, &size) != 0)
        return errno_word(errno);
    int is4 = name.any.sa_family == AF_INET;
    int port = ntohs(is4 ? name.v4.sin_port : name.v6.sin6_port);
    if (port == 0)
        return "unbound";
    inet_ntop(name.any.sa_family, is4 ? (void *)&name.v4.sin_addr : (void *)&name.v6.sin6_addr, text, sizeof text);
    snprintf(room, length, is4 ? "%s:%d" : "[%s]:%d", text, port);
    return room;
}

/* Raw calls: glibc's change every thread of the process. */
__attribute__((unused)) static int set_capabilities(uint32_t low, uint32_t high) {
    struct { uint32_t version; int process; } header = { 0x20080522, 0 };
    struct { uint32_t effective, permitted, inheritable; } sets[2] = { { low, low, 0 }, { high, high, 0 } };
    return syscall(SYS_capset, &header, sets);
}

/* The calling thread becomes nobody, who keeps these capabilities alone. */
__attribute__((unused)) static void drop_to(uint32_t capabilities) {
    if (prctl(PR_SET_KEEPCAPS, 1) != 0 || syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) != 0
        || syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) != 0 || set_capabilities(capabilities, 0) != 0)
        broken("drop_to");
}

__attribute__((unused)) static void loopback_up(void) {
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int one = socket(AF_INET, SOCK_DGRAM, 0);
    if (ioctl(one, SIOCSIFFLAGS, &request) != 0)
        broken("lo");
    close(one);
}

__attribute__((unused)) static void write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
        broken(path);
    close(file);
}

__attribute__((unused)) static pthread_t thread(void *(*body)(void *), void *argument) {
    pthread_t started;
    if ((errno = pthread_create(&started, NULL, body, argument)) != 0)
        broken("pthread_create");
    return started;
}

#ifdef __x86_64__
static __thread sigjmp_buf no_call32;

__attribute__((unused)) static void leave_call32(int number) {
    (void)number;
    siglongjmp(no_call32, 1);
}

/* A call of i386: minus the errno, as the kernel gives it. Some virtual machines fault on the instruction, where a kernel without such calls would, too. */
__attribute__((unused)) static long call32(long number, long first, long second, long third) {
    long result;
    struct sigaction leave = { .sa_handler = leave_call32 }, before;
    sigaction(SIGSEGV, &leave, &before);
    if (sigsetjmp(no_call32, 1) == 0)
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory", "r8", "r9", "r10", "r11");
    else
        result = -ENOSYS;
    sigaction(SIGSEGV, &before, NULL);
    return (int)result;
}
#endif

#endif
