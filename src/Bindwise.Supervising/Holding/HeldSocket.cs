using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising.Holding;

/// <summary>A program's socket of which the supervisor has a copy, so that it outlives the program.</summary>
/// <param name="copy">The copy, which is disposed with this one.</param>
/// <param name="key">What has to match.</param>
/// <param name="protocol">TCP or UDP.</param>
/// <param name="name">What it is called where it is passed on.</param>
[SupportedOSPlatform("linux")]
internal sealed class HeldSocket(SafeFileDescriptor copy, SocketKey key, Protocol protocol, string name) : IDisposable
{
    private readonly List<Taker> _takers = [];

    // A process of a start, and the number under which it got the socket.
    private sealed record Taker(ProgramStart Start, SafeFileDescriptor Process, int Descriptor);

    internal SafeFileDescriptor Copy { get; } = copy;

    internal SocketKey Key { get; } = key;

    internal Protocol Protocol { get; } = protocol;

    /// <summary>Printable ASCII without a colon (LISTEN_FDNAMES, FDNAME).</summary>
    internal string Name { get; } = name;

    /// <summary>A number that no other socket has.</summary>
    internal ulong Cookie { get; } = SocketKey.CookieOf(copy);

    /// <summary>What the program's last listen() set; null until it listens.</summary>
    internal int? Backlog { get; set; }

    /// <summary>It was taken out of listening, and this was told.</summary>
    internal bool WasRevived { get; set; }

    /// <summary>It is one of workers that each have a socket of one port.</summary>
    internal bool SharesPort => SocketKey.SharesPort(Copy);

    /// <summary>It listens (SO_ACCEPTCONN).</summary>
    internal bool IsListening => SocketOptionCall.Get(Copy, SocketOptionCall.LevelSocket, SocketOptionCall.AcceptsConnections, out int accepts) == Errno.None && accepts != 0;

    /// <summary>A start has had it.</summary>
    internal bool IsTakenBy(ProgramStart start) => _takers.Any(one => one.Start == start);

    /// <summary>A start that has not ended has had it.</summary>
    internal bool IsTaken => _takers.Count > 0;

    /// <summary>A start has it from now on.</summary>
    internal void Take(ProgramStart start, int process, int descriptor)
    {
        // One that cannot be opened, as it was killed meanwhile, has taken it all the same.
        _ = PidFdGetFd.OpenProcess(process, 0, out var handle);
        _takers.Add(new Taker(start, handle, descriptor));
    }

    /// <summary>A start has ended.</summary>
    internal void Forget(ProgramStart start)
    {
        foreach (var one in _takers.Where(one => one.Start == start))
            one.Process.Dispose();
        _takers.RemoveAll(one => one.Start == start);
    }

    /// <summary>Some process of a start has it open: where it was taken, or under another number that it was copied to, or that a child inherited.</summary>
    internal bool IsOpenIn(ProgramStart start)
    {
        foreach (var one in _takers.Where(one => one.Start == start))
        {
            if (one.Process.IsInvalid)
                continue;
            var errno = PidFdGetFd.Copy(one.Process, one.Descriptor, out var there);
            using (there)
            {
                if (errno == Errno.None && SocketKey.CookieOf(there) == Cookie)
                    return true;
            }
        }
        return FileStatusCall.Look(Copy, out var status) == Errno.None && Descendants.Of(start.ProcessId).Append(start.ProcessId).Any(process => Descendants.HasSocket(process, status.Inode));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _takers.ForEach(static one => one.Process.Dispose());
        Copy.Dispose();
    }
}
