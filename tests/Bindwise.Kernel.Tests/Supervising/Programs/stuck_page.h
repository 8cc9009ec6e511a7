/* A page that a program serves itself by FUSE (fuse(4)), and that comes when the program lets it come. Whoever reads it meanwhile waits. */
#ifndef STUCK_PAGE_H
#define STUCK_PAGE_H

#include "hostile.h"
#include <linux/fuse.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#define PAGE 4096

struct stuck_page {
    void *address;  /* Maps the page; nothing was read yet. */
    int heard;      /* A byte comes when somebody waits for the page. */
    int release;    /* A byte written here lets it come. */
    pid_t server;
};

static void answer(int device, uint64_t unique, int error, const void *body, size_t length) {
    char room[sizeof(struct fuse_out_header) + PAGE];
    struct fuse_out_header header = { .len = sizeof header + length, .error = -error, .unique = unique };
    memcpy(room, &header, sizeof header);
    if (length != 0)
        memcpy(room + sizeof header, body, length);
    if (write(device, room, header.len) < 0 && errno != ENOENT)
        _exit(1);
}

static void serve(int device, const void *content, size_t length, int heard, int release) {
    static char request[FUSE_MIN_READ_BUFFER + PAGE];
    char page[PAGE] = { 0 };
    memcpy(page, content, length);
    struct fuse_attr file = { .ino = 2, .size = PAGE, .mode = S_IFREG | 0644, .nlink = 1, .uid = NOBODY, .blksize = PAGE };
    struct fuse_attr folder = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 1, .uid = NOBODY, .blksize = PAGE };
    for (;;) {
        ssize_t size = read(device, request, sizeof request);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            _exit(0);
        struct fuse_in_header *in = (void *)request;
        switch (in->opcode) {
            case FUSE_INIT: {
                /* FUSE_ASYNC_READ: who waits for a page can be killed. */
                struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_readahead = PAGE, .flags = FUSE_ASYNC_READ, .max_write = PAGE };
                answer(device, in->unique, 0, &out, sizeof out);
                break;
            }
            case FUSE_LOOKUP: {
                struct fuse_entry_out out = { .nodeid = 2, .entry_valid = 1000, .attr_valid = 1000, .attr = file };
                answer(device, in->unique, 0, &out, sizeof out);
                break;
            }
            case FUSE_GETATTR: {
                struct fuse_attr_out out = { .attr_valid = 1000, .attr = in->nodeid == 1 ? folder : file };
                answer(device, in->unique, 0, &out, sizeof out);
                break;
            }
            case FUSE_OPEN: {
                struct fuse_open_out out = { .fh = 1 };
                answer(device, in->unique, 0, &out, sizeof out);
                break;
            }
            case FUSE_READ: {
                char byte = 0;
                if (write(heard, ".", 1) != 1 || read(release, &byte, 1) != 1)
                    pause();
                answer(device, in->unique, 0, page, PAGE);
                break;
            }
            case FUSE_FORGET: case FUSE_INTERRUPT: case FUSE_BATCH_FORGET:
                break;
            case FUSE_RELEASE:
                answer(device, in->unique, 0, NULL, 0);
                break;
            default:
                answer(device, in->unique, ENOSYS, NULL, 0);
        }
    }
}

/* Mounts on a folder, as fusermount3 does for an ordinary user, and serves as nobody. Call it as root. */
__attribute__((unused)) static struct stuck_page stuck_page(const char *folder, const void *content, size_t length, int ignores_term) {
    struct stuck_page result;
    int heard[2], release[2];
    char text[256];
    if (mknod("/dev/fuse", S_IFCHR | 0600, makedev(10, 229)) != 0 && errno != EEXIST)
        broken("/dev/fuse");
    int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    snprintf(text, sizeof text, "fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other", device, NOBODY, NOBODY);
    if (device < 0 || mount("page", folder, "fuse", MS_NOSUID | MS_NODEV, text) != 0 || pipe2(heard, O_CLOEXEC) != 0 || pipe2(release, O_CLOEXEC) != 0)
        broken("mount");
    result.server = fork();
    if (result.server == 0) {
        close(heard[0]);
        close(release[1]);
        if (ignores_term)
            signal(SIGTERM, SIG_IGN);
        drop_to(0);
        serve(device, content, length, heard[1], release[0]);
    }
    close(device);
    close(heard[1]);
    close(release[0]);
    snprintf(text, sizeof text, "%s/page", folder);
    int file = open(text, O_RDONLY | O_CLOEXEC);
    result.address = file < 0 ? MAP_FAILED : mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);
    if (result.address == MAP_FAILED)
        broken(text);
    close(file);
    result.heard = heard[0];
    result.release = release[1];
    return result;
}

/* Waits until somebody waits for the page; false after a time. */
__attribute__((unused)) static int is_waited_for(const struct stuck_page *page, int milliseconds) {
    struct pollfd entry = { .fd = page->heard, .events = POLLIN };
    return poll(&entry, 1, milliseconds) == 1;
}

__attribute__((unused)) static void let_come(const struct stuck_page *page) {
    if (write(page->release, ".", 1) != 1)
        broken("release");
}

#endif
