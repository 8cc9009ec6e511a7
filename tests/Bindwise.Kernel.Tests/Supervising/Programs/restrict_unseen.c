/*
 * restrict_unseen BY WHO: restricts itself so that it may not bind TCP sockets, then binds one: BOUND, or the errno.
 * BY: landlock64 and landlock32 (the call of i386), filter64 and filter32 (a seccomp filter of its own). WHO: the leader ("itself"), a thread and nobody
 * else ("one-thread"), or what the restricted one starts: a "thread", a "child", or what it becomes ("executed").
 */
#include "hostile.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#ifndef __x86_64__
/* Without such calls it is as with its own. */
static long call32(long number, long first, long second, long third) {
    long result = syscall(number == 446 ? 446 : SYS_seccomp, first, second, third);
    return result < 0 ? -errno : result;
}
#endif

static void restrict_by_landlock(int is32) {
    struct { uint64_t files, network; } handled = { 0, 1 };
    int rules = syscall(444, &handled, sizeof handled, 0);
    if (rules < 0)
        say("%s", errno_word(errno));
    long result = is32 ? call32(446, rules, 0, 0) : syscall(446, rules, 0);
    if (result != 0)
        say("%s", errno_word(is32 ? -result : errno));
}

/* Refuses bind() of this architecture. */
static void restrict_by_filter(int is32) {
    struct sock_filter *steps = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS
#ifdef __x86_64__
        | MAP_32BIT
#endif
        , -1, 0);
    if (steps == MAP_FAILED)
        broken("mmap");
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    memcpy(steps, program, sizeof program);
    long result;
    if (is32) {
        /* struct sock_fprog of i386: 2 bytes of length, 2 of padding, 4 of address. */
        uint32_t *list = (void *)(steps + 8);
        list[0] = 4;
        list[1] = (uint32_t)(uintptr_t)steps;
        result = call32(354, SECCOMP_SET_MODE_FILTER, 0, (long)list);
    } else {
        struct sock_fprog list = { .len = 4, .filter = steps };
        result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &list) == 0 ? 0 : -errno;
    }
    if (result != 0)
        say("%s", errno_word(-result));
}

static void *bind_one(void *unused) {
    (void)unused;
    struct sockaddr_in name = at4("127.0.0.1", 8080);
    int one = socket(AF_INET, SOCK_STREAM, 0);
    say("%s", bind(one, (struct sockaddr *)&name, sizeof name) == 0 ? "BOUND" : errno_word(errno));
}

static const char *how, *who, *file;

static void *restrict_and_bind(void *unused) {
    int is32 = strstr(how, "32") != NULL;
    if (strncmp(how, "landlock", 8) == 0)
        restrict_by_landlock(is32);
    else
        restrict_by_filter(is32);
    if (strcmp(who, "thread") == 0) {
        pthread_join(thread(bind_one, NULL), NULL);
    } else if (strcmp(who, "child") == 0) {
        if (fork() == 0)
            bind_one(NULL);
        wait(NULL);
        exit(0);
    } else if (strcmp(who, "executed") == 0) {
        execl(file, file, NULL);
        broken(file);
    }
    return bind_one(unused);
}

int main(int count, char **words) {
    if (count == 1)
        bind_one(NULL);
    if (count != 3)
        return 2;
    how = words[1];
    who = words[2];
    file = words[0];
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        broken("no_new_privs");
    /* Not the leader: only this thread and what comes of it is restricted. */
    if (strcmp(who, "one-thread") == 0)
        pthread_join(thread(restrict_and_bind, NULL), NULL);
    restrict_and_bind(NULL);
}
