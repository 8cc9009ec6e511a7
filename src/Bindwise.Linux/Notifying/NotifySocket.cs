using System.Diagnostics;
using System.Runtime.Versioning;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Notifying;

/// <summary>
/// A NOTIFY_SOCKET for programs that this process starts (sd_notify(3)): a UNIX datagram socket with an abstract name, to which anybody on
/// the host can send. What a stranger sends costs next to nothing: a turn takes so many messages, a user who is known to be a stranger is
/// not looked at again for a second, and after strangers the socket rests. For one thread.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NotifySocket(SafeFileDescriptor socket, string address) : IDisposable
{
    internal const int MostATurn = 32;

    // Each of them may be a message of the program that came between: a few do not end the turn.
    private const int StrangersBeforeRest = 4;
    private const int MessageBytes = 8192;
    private const int MostUsers = 256;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Forget = TimeSpan.FromSeconds(1);

    private readonly uint _user = EffectiveIds.User();
    private readonly byte[] _buffer = new byte[MessageBytes];

    // Users of whom a process was no descendant, and when (Stopwatch.GetTimestamp()); and those of whom one was.
    private readonly Dictionary<uint, long> _strangers = [];
    private readonly HashSet<uint> _known = [];
    private long? _restsUntil;

    /// <summary>What the variable NOTIFY_SOCKET is to be.</summary>
    internal string Address { get; } = address;

    /// <summary>Can be read when somebody said something; -1, which poll(2) leaves out, while it rests.</summary>
    internal int Number => Due is { } due && due > TimeSpan.Zero ? -1 : socket.Number;

    /// <summary>How long it still rests; null when it does not.</summary>
    internal TimeSpan? Due => _restsUntil is { } until ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until) : null;

    /// <summary>How many senders' processes were looked at.</summary>
    internal long Reads { get; private set; }

    internal static Errno Open(out NotifySocket? notifications)
    {
        notifications = null;
        var name = "bindwise-" + Guid.NewGuid().ToString("n");
        var errno = CredentialMessage.Open(Encoding.ASCII.GetBytes(name), out var socket);
        if (errno == Errno.None)
            notifications = new NotifySocket(socket, "@" + name);
        else
            socket.Dispose();
        return errno;
    }

    /// <summary>Takes what waits, as far as it is a turn's, and gives what counts.</summary>
    /// <param name="ancestor">Whose word counts, and that of its descendants, whatever their user; and that of a process of this user which
    /// has ended since.</param>
    /// <param name="isOwnUserEnough">So does that of any process of this user, and of root.</param>
    internal List<string> Take(int ancestor, bool isOwnUserEnough)
    {
        var taken = new List<string>();
        if (Number < 0)
            return taken;
        _restsUntil = null;
        var strangers = 0;
        for (var count = 0; count < MostATurn && strangers < StrangersBeforeRest; count++)
        {
            var errno = CredentialMessage.Receive(socket, _buffer, out var length, out var sender);
            if (errno == Errno.EINTR)
                continue;
            if (errno != Errno.None)
                break;
            if ((isOwnUserEnough && (sender.UserId == _user || sender.UserId == 0)) || Counts(sender, ancestor))
                taken.Add(Encoding.UTF8.GetString(_buffer, 0, length));
            else
                strangers++;
        }
        if (strangers == StrangersBeforeRest)
            _restsUntil = Stopwatch.GetTimestamp() + (long)(Rest.TotalSeconds * Stopwatch.Frequency);
        return taken;
    }

    public void Dispose() => socket.Dispose();

    private bool Counts(in PeerCredentials sender, int ancestor)
    {
        if (_strangers.TryGetValue(sender.UserId, out var at) && Stopwatch.GetElapsedTime(at) < Forget)
            return false;
        Reads++;
        if (sender.ProcessId == ancestor || Descendants.IsBelow(sender.ProcessId, ancestor))
        {
            _ = _known.Count < MostUsers && _known.Add(sender.UserId);
            return true;
        }
        // systemd-notify and its like may end before anybody looks, and who is gone has no parents. Who is
        // of this user could as well trace the program.
        if (sender.UserId == _user && ThreadFile.Read(sender.ProcessId, "status"u8).IsEmpty)
            return true;
        // The program runs as that user: its own words are not to be lost for another's.
        if (!_known.Contains(sender.UserId) && sender.UserId != _user && sender.UserId != 0)
        {
            if (_strangers.Count >= MostUsers)
                _strangers.Clear();
            _strangers[sender.UserId] = Stopwatch.GetTimestamp();
        }
        return false;
    }
}
