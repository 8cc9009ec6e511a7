using System.Security.Cryptography;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Linux.Threads;

/// <summary>
/// What a process needs and may not get: descriptors, memory, threads. Without them answers would be wrong, or
/// the runtime fails with a word that helps nobody.
/// </summary>
internal static class ResourceShortage
{
    /// <summary>Descriptors that a search may have open at once beside those that the process began with.</summary>
    private const int NeededDescriptors = 12;

    private const ulong EnoughDescriptors = 64;
    private const int EnoughThreads = 8;
    private const int TrialStackBytes = 64 * 1024;
    private const string RandomSource = "/dev/urandom";

    /// <summary>Below this much address space the runtime has no room for its threads' stacks.</summary>
    private const ulong EnoughMemoryBytes = 512UL << 20;

    /// <summary>Raises a low limit of open files, as far as that is allowed, and checks whether enough are left.</summary>
    /// <returns>Why not, one line; null when there are enough.</returns>
    public static string? OfDescriptors()
    {
        if (ResourceLimitCall.Read(ResourceLimitCall.OpenFiles, out var most) == Errno.None && most < EnoughDescriptors)
            _ = ResourceLimitCall.RaiseOpenFiles();
        Span<int> opened = stackalloc int[NeededDescriptors];
        var count = 0;
        var errno = Errno.None;
        while (count < opened.Length && (errno = OpenAt.Open(OpenAt.WorkingDirectory, "/dev/null\0"u8, out opened[count])) == Errno.None)
            count++;
        foreach (var descriptor in opened[..count])
            CloseDescriptor.Close(descriptor);
        return errno == Errno.EMFILE
            ? $"this process may open only {Wording.Count(count, "more file", "more files")}, and "
                + $"{NeededDescriptors} are needed: {MoreFiles}" : Behind(errno);
    }

    /// <summary>
    /// Whether this process gets some threads more, all at the same time: where the runtime's pool is refused one, it ends the process.
    /// </summary>
    /// <returns>Why not, one line; null when it does.</returns>
    public static string? OfThreads(int count)
    {
        using var isOver = new ManualResetEventSlim();
        var threads = new List<Thread>();
        try
        {
            while (threads.Count < count)
            {
                var thread = new Thread(isOver.Wait, TrialStackBytes) { IsBackground = true, Name = "check" };
                thread.UnsafeStart();
                threads.Add(thread);
            }
            return null;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return ThreadsEnded;
        }
        finally
        {
            isOver.Set();
            threads.ForEach(static one => one.Join());
        }
    }

    /// <summary>The shortage that a system call ended with, one line; null for another errno.</summary>
    public static string? Behind(Errno errno) => errno switch
    {
        Errno.EMFILE => $"this process may open no more files: {MoreFiles}",
        Errno.ENFILE => "the whole system has no open file left (sysctl fs.file-max)",
        Errno.ENOMEM => MemoryEnded,
        _ => null,
    };

    /// <summary>After a fault of the runtime: the shortage behind it, one line; null when none is seen.</summary>
    public static string? Behind(Exception fault)
    {
        if (OfDescriptors() is { } descriptors)
            return descriptors;
        if (fault is CryptographicException && !File.Exists(RandomSource))
            return $"there is no {RandomSource} here, from which the runtime takes random numbers";
        var isMemoryLimited =
            ResourceLimitCall.Read(ResourceLimitCall.AddressSpace, out var bytes) == Errno.None && bytes < EnoughMemoryBytes;
        // The native program's runtime does not tell the one from the other.
        if (!isMemoryLimited && (NoThread(fault) ?? OfThreads(EnoughThreads)) is { } threads)
            return threads;
        if (isMemoryLimited || fault is OutOfMemoryException)
            return MemoryEnded;
        // Where a call is refused that the runtime makes for itself, such as pipe2() for signals, a type of its own cannot be made.
        return fault is TypeInitializationException && fault.GetBaseException() is IOException or System.ComponentModel.Win32Exception
            ? $"the system refuses a call that the .NET runtime needs ({fault.GetBaseException().Message}): look for a system call filter "
                + "(seccomp) or a sandbox" : null;
    }

    private static string MoreFiles => $"raise the limit of open files (ulimit -n{LimitOf(ResourceLimitCall.OpenFiles)})";

    private static string MemoryEnded =>
        $"there is not enough memory for this program: raise the limit of address space (ulimit -v"
            + $"{LimitOf(ResourceLimitCall.AddressSpace, 1024)}) or of the control group (memory.max)";

    // A thread needs address space too, where that is limited.
    private static string ThreadsEnded =>
        $"no further thread can be started: raise the limit of this user's processes (ulimit -u{LimitOf(ResourceLimitCall.Processes)})"
            + (LimitOf(ResourceLimitCall.AddressSpace, 1024) is { Length: > 0 } space ? $", of address space (ulimit -v{space})" : "")
            + " or of the control group (pids.max), or allow clone3() in the system call filter";

    /// <summary>The thread that was refused may be had by now; the runtime's own words for it are these.</summary>
    private static string? NoThread(Exception fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            // The runtime says of a thread that it has no memory for it.
            if (cause is ThreadStartException
                || (cause is OutOfMemoryException
                    && cause.StackTrace?.Contains(" System.Threading.Thread.", StringComparison.Ordinal) == true))
                return ThreadsEnded;
        }
        return null;
    }

    private static string LimitOf(int resource, ulong unit = 1) =>
        ResourceLimitCall.Read(resource, out var most) == Errno.None && most != ulong.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $" is {most / unit}")
            : "";
}
