using Bindwise.Linux.Proc;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// A program may have registered its socket with epoll before bind(). The registration belongs to that very file, and lasts until nobody
/// has it open, which may be later than when a kept socket takes its number. It is found beforehand in the epoll descriptors' fdinfo
/// (proc_pid_fdinfo(5)), and made anew for the kept one.
/// </summary>
internal readonly record struct EpollRegistration(int Descriptor, uint Events, ulong Data)
{
    private const int MostDescriptors = 4096;
    private static readonly byte[] Kind = "anon_inode:[eventpoll]"u8.ToArray();

    internal static List<EpollRegistration> Of(int thread, int descriptor)
    {
        var found = new List<EpollRegistration>();
        if (!ProcMountReader.IsOwn)
            return found;
        Span<byte> target = stackalloc byte[64];
        foreach (var one in NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/fd"), MostDescriptors))
        {
            var link = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/fd/{one}\0"));
            if (ReadLinkAt.Read(OpenAt.WorkingDirectory, link, target, out var length) != Errno.None
                || !target[..length].SequenceEqual(Kind))
                continue;
            var text = Read(thread, one);
            foreach (var line in text.Split('\n'))
            {
                if (TryParse(line, one, descriptor, out var registration))
                    found.Add(registration);
            }
        }
        return found;
    }

    /// <summary>Reads one line, as <c>tfd:        5 events:       19 data:                5  pos:0 ino:61ef sdev:1</c>.</summary>
    internal static bool TryParse(string line, int epoll, int descriptor, out EpollRegistration registration)
    {
        registration = default;
        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["tfd:", var number, "events:", var events, "data:", var data, ..]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at != descriptor
            || !uint.TryParse(events, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask)
            || !ulong.TryParse(data, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var own))
            return false;
        registration = new EpollRegistration(epoll, mask, own);
        return true;
    }

    /// <summary>Registers the socket that has the number now, in place of the one that had it.</summary>
    /// <param name="descriptor">The number of both there, which is half of the registration's key.</param>
    internal Errno Renew(int thread, int descriptor, SafeFileDescriptor replaced, SafeFileDescriptor socket)
    {
        var errno = TrappedSocket.OpenThread(thread, out var process);
        using (process)
        {
            if (errno != Errno.None)
                return errno;
            errno = PidFdGetFd.Copy(process, Descriptor, out var epoll);
            using (epoll)
                return errno == Errno.None ? Register(epoll, descriptor, replaced, socket) : errno;
        }
    }

    // On a thread with a table of its own, where any number is free to be taken; the registration outlives it.
    private Errno Register(SafeFileDescriptor epoll, int descriptor, SafeFileDescriptor replaced, SafeFileDescriptor socket)
    {
        var (events, data) = (Events, Data);
        var errno = Errno.EAGAIN;
        SafeFileDescriptor? own = null, next = null;
        _ = IsolatedThread.TryRun("bindwise epoll", () =>
        {
            errno = CloseRange.CloseFromOnExec(int.MaxValue);
            if (errno == Errno.None)
                errno = DuplicateDescriptor.Copy(epoll, descriptor + 1, out own);
            if (errno == Errno.None)
                errno = DuplicateDescriptor.Copy(socket, descriptor + 1, out next);
            // We have the replaced socket open ourselves, and so has this thread until it is gone: not bound, it would wake the program
            // (EPOLLHUP).
            if (errno == Errno.None && DuplicateDescriptor.CopyTo(replaced, descriptor) == Errno.None)
                _ = EpollCall.Remove(own!, descriptor);
            if (errno == Errno.None)
                errno = DuplicateDescriptor.CopyTo(next!, descriptor);
            if (errno == Errno.None)
                errno = EpollCall.Add(own!, descriptor, events, data);
        });
        // Their numbers were that thread's, and went with it.
        own?.SetHandleAsInvalid();
        next?.SetHandleAsInvalid();
        return errno;
    }

    private static string Read(int thread, int descriptor)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/fdinfo/{descriptor}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>
/// Which programs may end the listening of a socket that others have too: those of .NET, whose Dispose() calls connect() with AF_UNSPEC
/// when accept() is under way. To hand over connect() costs every connection to an IPv4 address some time, so it is done for them alone.
/// </summary>
internal static class DisconnectingProgram
{
    private const string Host = "dotnet";
    private const int MostThreads = 256;

    // What the build puts beside an executable of .NET that is not one whole file.
    private static readonly string[] Companions = [".runtimeconfig.json", ".dll"];

    /// <param name="command">A path, or a name to look for in PATH.</param>
    internal static bool Is(byte[] command)
    {
        var name = Encoding.UTF8.GetString(command);
        if (Path.GetFileName(name) == Host)
            return true;
        try
        {
            string[] folders =
                name.Contains('/', StringComparison.Ordinal) ? [""] : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
            if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } found)
                return false;
            var file = File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found;
            return Path.GetFileName(file) == Host || Companions.Any(companion => File.Exists(file + companion));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>It is one by its threads, which the runtime names: of one whole file, or started by a script.</summary>
    internal static bool HasThreadsOf(int process) =>
        NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"), MostThreads)
            .Any(static thread => ThreadFile.Read(thread, "comm"u8).StartsWith(".NET "u8));
}
