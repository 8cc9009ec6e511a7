using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Live;

/// <summary>
/// The way to network namespaces without root: this process starts itself anew in a user namespace in which the caller is root, with a
/// network namespace to come home to. unshare(1) does it, since the kernel lets no process with several threads make one
/// (user_namespaces(7)), and every .NET process has several.
/// </summary>
internal static class OwnUserNamespace
{
    /// <summary>Set in the environment of a process that went this way: it does not go it twice.</summary>
    private const string Marker = "BINDWISE_USER_NAMESPACE";

    private const string Environ = "/proc/self/environ";
    private const int MostSaid = 200;
    private const int LongestPollMicroseconds = 100_000;
    private static readonly TimeSpan TrialTime = TimeSpan.FromSeconds(5);
    private static readonly string[] TrialEnvironment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"];
    private static readonly string[] Places = ["/usr/bin/unshare", "/bin/unshare"];

    /// <summary>
    /// All user ids of the caller's in /etc/subuid as well, so that scenarios may act as others; then the caller's alone.
    /// </summary>
    private static readonly string[][] Maps = [["--map-root-user", "--map-auto"], ["--map-root-user"]];

    /// <summary>Starts this process anew with the same arguments; where that works, it does not return.</summary>
    /// <param name="arguments">What the program was given, without its name.</param>
    /// <returns>Why it does not work, half a sentence.</returns>
    public static string Enter(IReadOnlyList<string> arguments)
    {
        if (Environment.GetEnvironmentVariable(Marker) is not null)
            return "its own user namespace did not help";
        if (Array.Find(Places, File.Exists) is not { } unshare)
            return "without root this needs unshare(1) from util-linux, which is not installed";
        if (Environment.ProcessPath is not { } program)
            return "this program's own file is not known";
        var complaint = "";
        foreach (var map in Maps)
        {
            string[] way = ["--user", "--net", .. map, "--"];
            complaint = Try(unshare, way);
            if (complaint.Length > 0)
                continue;
            var errno = ExecuteCall.Execute(unshare, ["unshare", .. way, program, .. OwnAssembly(program), .. arguments],
                EnvironmentWithMarker());
            return $"{unshare} cannot be started: {errno}";
        }
        return $"user namespaces are not allowed here ({complaint})";
    }

    /// <summary>The program as <c>dotnet bindwise.dll</c>: the host needs to be told the assembly again.</summary>
    private static string[] OwnAssembly(string program) =>
        Path.GetFileNameWithoutExtension(program) == "dotnet" && Environment.GetCommandLineArgs() is [{ } assembly, ..] ? [assembly] : [];

    // Once exec'd there is no way back, so it is tried on a program that does nothing. System.Diagnostics.Process would leave thread pool
    // threads behind that are still starting others, and during execve() clone() fails with EAGAIN (copy_fs(): in_exec), which no .NET
    // process outlives.
    private static string Try(string unshare, string[] way)
    {
        var errno = SocketPairCall.Open(out var ours, out var theirs);
        using (ours)
        {
            var trial = 0;
            using (theirs)
            {
                var plan = new SpawnPlan(unshare, ["unshare", .. way, "true"],
                    TrialEnvironment)
                { Descriptors = [(theirs, 0), (theirs, 1), (theirs, 2)] };
                if (errno == Errno.None)
                    errno = SpawnCall.Start(plan, out trial);
            }
            if (errno != Errno.None)
                return $"{unshare} cannot be started: {errno}";
            if (!TryReadToEnd(ours, out var said))
            {
                _ = SignalCall.SendToChild(trial, SignalCall.Kill);
                said = "unshare does not end";
            }
            errno = ChildWaitCall.AwaitEnd(trial, out var exitCode);
            _ = ChildWaitCall.TryReap(trial);
            if (errno == Errno.None && exitCode == 0)
                return "";
            return said.Length is > 0 and < MostSaid && !said.Contains('\n', StringComparison.Ordinal) ? said
                : $"unshare ends with {exitCode}";
        }
    }

    /// <summary>What a program says until nobody holds the other end.</summary>
    /// <returns>False when that takes too long.</returns>
    private static bool TryReadToEnd(SafeFileDescriptor channel, out string said)
    {
        var deadline = Environment.TickCount64 + (long)TrialTime.TotalMilliseconds;
        var packet = new byte[MostSaid];
        var text = new StringBuilder();
        said = "";
        while (Environment.TickCount64 < deadline)
        {
            if (!PollCall.WaitUntilReadable(channel, LongestPollMicroseconds))
                continue;
            if (ReadWriteCall.Read(channel.Number, packet, out var length) != Errno.None || length == 0)
            {
                said = text.ToString().Trim();
                return true;
            }
            if (text.Length < MostSaid)
                text.Append(Encoding.UTF8.GetString(packet, 0, length));
        }
        return false;
    }

    private static List<byte[]> EnvironmentWithMarker()
    {
        var entries = new List<byte[]> { Encoding.ASCII.GetBytes(Marker + "=1") };
        try
        {
            return [.. entries, .. ProcessReplacement.Split(File.ReadAllBytes(Environ))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without /proc the program is played without its environment, which it hardly reads.
            return entries;
        }
    }
}

/// <summary>A span in which the calling thread, and it alone, acts as another user without any capability.</summary>
internal readonly ref struct UserCredentialScope
{
    private readonly uint _home;
    private readonly bool _isOther;

    private UserCredentialScope(uint home, bool isOther) => (_home, _isOther) = (home, isOther);

    /// <param name="user">As whom; null for the one that plays.</param>
    /// <exception cref="LiveUnavailableException">The kernel does not let this process act as that user.</exception>
    internal static UserCredentialScope Begin(uint? user, uint home)
    {
        if (user is not { } other || other == home)
            return new UserCredentialScope(home, isOther: false);
        var errno = EffectiveIds.SetUser(other);
        return errno switch
        {
            Errno.None => new UserCredentialScope(home, isOther: true),
            Errno.EINVAL => throw new LiveUnavailableException($"the user {other} does not exist in this user namespace: run it as root"),
            Errno.EPERM => throw new LiveUnavailableException($"acting as user {other} needs root (CAP_SETUID)"),
            _ => throw new LiveUnavailableException(errno, $"acting as user {other} is not possible: {errno}"),
        };
    }

    public void Dispose()
    {
        // The saved user is still the one that plays, so the kernel cannot refuse; a thread that
        // stayed another would falsify all that follows.
        if (_isOther && EffectiveIds.SetUser(_home) is var errno && errno != Errno.None)
            throw new LiveUnavailableException(errno, $"cannot switch back to the user {_home}: {errno}");
    }
}
