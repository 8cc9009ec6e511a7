namespace Bindwise.Supervising.Calls;

/// <summary>
/// Node.js's cluster: a worker asks the program's first process for a port, compares the port of the socket that it gets with the one that
/// it asked for, and reports EADDRINUSE where they differ (checkBindError() of lib/net.js). No system call of the worker's shows that.
/// </summary>
internal static class NodeCluster
{
    private const int MostWorkers = 64;
    private const int EnvironmentBytes = 256 * 1024;

    private static ReadOnlySpan<byte> Mark => "\0NODE_UNIQUE_ID="u8;

    /// <summary>A process has started workers, as their environment tells whoever may read it.</summary>
    internal static bool HasWorkers(int process)
    {
        var room = new byte[EnvironmentBytes];
        foreach (var child in Descendants.Of(process).Take(MostWorkers))
        {
            var path = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{child}/environ\0"));
            if (SmallFile.Read(OpenAt.WorkingDirectory, path, room, out var length) == Errno.None
                && room.AsSpan(0, length).IndexOf(Mark) >= 0)
                return true;
        }
        return false;
    }
}
