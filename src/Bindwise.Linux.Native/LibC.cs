namespace Bindwise.Linux.Native;

/// <summary>
/// Every function of the C library that Bindwise calls, each declared once, named as its page of section 2 or 3 is. A bare number
/// stands beside a handle only where there is no handle that could own it. Nothing else in the repository declares a native function.
/// </summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    // Sockets.

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    internal static partial int Accept4(SafeFileDescriptor socket, byte* address, int* lengthBytes, int flags);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(SafeFileDescriptor socket, byte* address, int lengthBytes);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(SafeFileDescriptor socket, byte* address, int lengthBytes);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int Getsockname(SafeFileDescriptor socket, byte* address, int* lengthBytes);

    [LibraryImport(Library, EntryPoint = "getpeername", SetLastError = true)]
    internal static partial int Getpeername(SafeFileDescriptor socket, byte* address, int* lengthBytes);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int Getsockopt(SafeFileDescriptor socket, int level, int name, void* value, int* sizeBytes);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int Getsockopt(int socket, int level, int name, void* value, int* sizeBytes);

    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    internal static partial int Listen(SafeFileDescriptor socket, int backlog);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Recv(SafeFileDescriptor socket, byte* buffer, nuint sizeBytes, int flags);

    [LibraryImport(Library, EntryPoint = "recvfrom", SetLastError = true)]
    internal static partial nint Recvfrom(SafeFileDescriptor socket, byte* buffer, nuint sizeBytes, int flags, void* from, int* fromBytes);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    internal static partial nint Recvmsg(SafeFileDescriptor socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    internal static partial nint Recvmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    internal static partial nint Send(SafeFileDescriptor socket, byte* data, nuint sizeBytes, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    internal static partial nint Sendmsg(SafeFileDescriptor socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "sendto", SetLastError = true)]
    internal static partial nint Sendto(SafeFileDescriptor socket, byte* data, nuint sizeBytes, int flags, void* to, int toBytes);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int Setsockopt(SafeFileDescriptor socket, int level, int name, void* value, int sizeBytes);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int Shutdown(SafeFileDescriptor socket, int how);

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    internal static partial int Socketpair(int family, int type, int protocol, int* pair);

    [LibraryImport(Library, EntryPoint = "getaddrinfo", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Getaddrinfo(string name, byte* service, void* hints, void** result);

    [LibraryImport(Library, EntryPoint = "freeaddrinfo")]
    internal static partial void Freeaddrinfo(void* first);

    // Between these nothing may stand, neither a handle's bookkeeping nor the runtime's chance to stop the thread: on a socket of one's
    // own, IP or without a path, none of them waits.

    [LibraryImport(Library, EntryPoint = "bind")]
    [SuppressGCTransition]
    internal static partial int RawBind(int socket, byte* address, int lengthBytes);

    [LibraryImport(Library, EntryPoint = "close")]
    [SuppressGCTransition]
    internal static partial int RawClose(int descriptor);

    [LibraryImport(Library, EntryPoint = "getsockname")]
    [SuppressGCTransition]
    internal static partial int RawGetsockname(int socket, byte* address, int* lengthBytes);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    [SuppressGCTransition]
    internal static partial int RawSetsockopt(int socket, int level, int name, void* value, int sizeBytes);

    // Descriptors.

    // It leaves the last error as it is: handles are closed between a call that failed and the look at why.
    [LibraryImport(Library, EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "dup2", SetLastError = true)]
    internal static partial int Dup2(SafeFileDescriptor descriptor, int number);

    [LibraryImport(Library, EntryPoint = "dup3", SetLastError = true)]
    internal static partial int Dup3(SafeFileDescriptor from, SafeHandle to, int flags);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EpollCreate1(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollCtl(SafeFileDescriptor epoll, int operation, int descriptor, byte* change);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(SafeHandle descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(SafeFileDescriptor descriptor, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    internal static partial int Pipe2(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(void* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "ppoll", SetLastError = true)]
    internal static partial int Ppoll(void* entries, nuint count, long* timeout, void* signals);

    [LibraryImport(Library, EntryPoint = "signalfd", SetLastError = true)]
    internal static partial int Signalfd(int descriptor, ulong* set, int flags);

    // Files.

    [LibraryImport(Library, EntryPoint = "fchdir", SetLastError = true)]
    internal static partial int Fchdir(SafeFileDescriptor folder);

    [LibraryImport(Library, EntryPoint = "chroot", SetLastError = true)]
    internal static partial int Chroot(byte* path);

    [LibraryImport(Library, EntryPoint = "statfs", SetLastError = true)]
    internal static partial int Statfs(byte* path, long* status);

    [LibraryImport(Library, EntryPoint = "faccessat", SetLastError = true)]
    internal static partial int Faccessat(int directory, byte* path, int mode, int flags);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int Fchmod(SafeFileDescriptor file, uint mode);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int Fdatasync(SafeFileDescriptor file);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(SafeFileDescriptor file, int operation);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(SafeFileDescriptor file);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Ftruncate(SafeFileDescriptor file, long lengthBytes);

    [LibraryImport(Library, EntryPoint = "getxattr", SetLastError = true)]
    internal static partial nint Getxattr(byte* path, byte* name, void* value, nuint sizeBytes);

    [LibraryImport(Library, EntryPoint = "inotify_add_watch", SetLastError = true)]
    internal static partial int InotifyAddWatch(SafeFileDescriptor descriptor, byte* path, uint mask);

    [LibraryImport(Library, EntryPoint = "inotify_init1", SetLastError = true)]
    internal static partial int InotifyInit1(int flags);

    [LibraryImport(Library, EntryPoint = "inotify_rm_watch", SetLastError = true)]
    internal static partial int InotifyRmWatch(SafeFileDescriptor descriptor, int watch);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int Linkat(int fromDirectory, byte* from, int toDirectory, byte* to, int flags);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int Mkdirat(int directory, byte* path, uint mode);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Mmap(nint address, nuint sizeBytes, int protection, int flags, int descriptor, nint offsetBytes);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Munmap(nint address, nuint sizeBytes);

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    internal static partial int Openat(int directory, byte* path, int flags, uint mode = 0);

    [LibraryImport(Library, EntryPoint = "open_by_handle_at", SetLastError = true)]
    internal static partial int OpenByHandleAt(int mount, byte* handle, int flags);

    [LibraryImport(Library, EntryPoint = "pread64", SetLastError = true)]
    internal static partial nint Pread64(int descriptor, byte* buffer, nuint sizeBytes, long offsetBytes);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* buffer, nuint sizeBytes);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint Readlinkat(int directory, byte* path, byte* buffer, nuint sizeBytes);

    [LibraryImport(Library, EntryPoint = "renameat", SetLastError = true)]
    internal static partial int Renameat(int fromDirectory, byte* from, int toDirectory, byte* to);

    [LibraryImport(Library, EntryPoint = "umask")]
    internal static partial uint Umask(uint mask);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int Unlinkat(int directory, byte* path, int flags);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* bytes, nuint lengthBytes);

    // Processes and threads.

    [LibraryImport(Library, EntryPoint = "_exit")]
    internal static partial void Exit(int status);

    [LibraryImport(Library, EntryPoint = "capget", SetLastError = true)]
    internal static partial int Capget(void* header, void* data);

    [LibraryImport(Library, EntryPoint = "capset", SetLastError = true)]
    internal static partial int Capset(void* header, void* data);

    [LibraryImport(Library, EntryPoint = "execve", SetLastError = true)]
    internal static partial int Execve(byte* path, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "getegid")]
    internal static partial uint Getegid();

    [LibraryImport(Library, EntryPoint = "geteuid")]
    internal static partial uint Geteuid();

    [LibraryImport(Library, EntryPoint = "getppid")]
    internal static partial int Getppid();

    [LibraryImport(Library, EntryPoint = "clone", SetLastError = true)]
    internal static partial int Clone(nint function, void* stackTop, int flags, nint argument);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int process, int signal);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int Prctl(int option, nint second, nint third = 0, nint fourth = 0, nint fifth = 0);

    [LibraryImport(Library, EntryPoint = "prlimit", SetLastError = true)]
    internal static partial int Prlimit(int process, int resource, void* limit, void* old);

    [LibraryImport(Library, EntryPoint = "process_vm_readv", SetLastError = true)]
    internal static partial nint ProcessVmReadv(int process, IoVector* here, nuint hereCount, IoVector* there, nuint thereCount,
        nuint flags);

    [LibraryImport(Library, EntryPoint = "pthread_sigmask")]
    internal static partial int PthreadSigmask(int how, ulong* set, ulong* old);

    [LibraryImport(Library, EntryPoint = "sched_getscheduler")]
    internal static partial int SchedGetscheduler(int thread);

    [LibraryImport(Library, EntryPoint = "sched_setscheduler")]
    internal static partial int SchedSetscheduler(int thread, int policy, in int priority);

    [LibraryImport(Library, EntryPoint = "sched_yield")]
    internal static partial int SchedYield();

    [LibraryImport(Library, EntryPoint = "setns", SetLastError = true)]
    internal static partial int Setns(SafeFileDescriptor descriptor, int kind);

    [LibraryImport(Library, EntryPoint = "bsd_signal", SetLastError = true)]
    internal static partial nint BsdSignal(int signal, nint handler);

    [LibraryImport(Library, EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    internal static partial int Waitid(int kind, int id, int* info, int options);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    internal static partial int Waitpid(int process, int* status, int options);

    [LibraryImport(Library, EntryPoint = "posix_spawn")]
    internal static partial int PosixSpawn(out int process, byte* path, byte* actions, byte* attributes, byte** arguments,
        byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int PosixSpawnFileActionsAdddup2(byte* actions, int from, int to);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addopen")]
    internal static partial int PosixSpawnFileActionsAddopen(byte* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int PosixSpawnFileActionsDestroy(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int PosixSpawnFileActionsInit(byte* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int PosixSpawnattrDestroy(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    internal static partial int PosixSpawnattrInit(byte* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int PosixSpawnattrSetflags(byte* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setpgroup")]
    internal static partial int PosixSpawnattrSetpgroup(byte* attributes, int group);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int PosixSpawnattrSetsigdefault(byte* attributes, byte* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int PosixSpawnattrSetsigmask(byte* attributes, byte* signals);

    // Time and the system.

    [LibraryImport(Library, EntryPoint = "clock_getres")]
    internal static partial int ClockGetres(int clock, long* time);

    [LibraryImport(Library, EntryPoint = "clock_gettime")]
    internal static partial int ClockGettime(int clock, long* time);

    [LibraryImport(Library, EntryPoint = "nanosleep")]
    internal static partial int Nanosleep(void* time, void* left);

    [LibraryImport(Library, EntryPoint = "sysconf")]
    internal static partial nint Sysconf(int name);

    // What the C library has no function for, at least not that of Debian 11. What is left over is not looked at by the kernel.
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Syscall(nint number, nint first = 0, nint second = 0, nint third = 0, nint fourth = 0, nint fifth = 0);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Syscall(nint number, SafeFileDescriptor first, nint second = 0, nint third = 0, nint fourth = 0);
}
