namespace Bindwise.Model.Rules;

/// <summary>bind() to a UNIX address (unix_bind_bsd, unix_bind_abstract): never probed, since a bind leaves a file.</summary>
internal static class UnixBindRules
{
    private const byte Stream = 1;

    public static Decision Decide(BindRequest request, Snapshot snapshot)
    {
        var path = request.Path ?? "";
        var isAbstract = path.StartsWith('@');
        if (isAbstract)
        {
            var held = snapshot.Sockets.Where(s => s.Path == path && HoldsTheName(s, isAbstract)).ToList();
            return held.Count == 0
                ? Decision.Allow(RuleBook.NothingInTheWay)
                : new Decision(Outcome.Blocked, "EADDRINUSE", RuleBook.UnixAbstractTaken,
                    [.. held.Select(s => new BlockingSocket(s, RuleBook.UnixAbstractTaken, true))]);
        }
        if (snapshot.UnixPath is not { } file)
            return Decision.Unsettled(RuleBook.UnixPathFree);
        if (file.Exists)
            return new Decision(Outcome.Blocked, "EADDRINUSE", RuleBook.UnixPathExists,
                [.. HoldersOf(file, snapshot).Select(static s => new BlockingSocket(s, RuleBook.UnixPathExists, true))]);
        return file.ParentErrno == 0
            ? Decision.Allow(RuleBook.UnixPathFree)
            : Decision.Block(ErrnoNames.Of(file.ParentErrno), RuleBook.UnixPathUnreachable);
    }

    /// <summary>Who bound the file that stands there. The file tells, not the name: a server may have bound it by another spelling (a
    /// relative path, before a rename), and a server of that name may be bound to a file that was since replaced.</summary>
    private static IEnumerable<HeldSocket> HoldersOf(UnixPathRecord file, Snapshot snapshot) => !file.IsSocket ? [] : snapshot.Sockets
        .Where(s => HoldsTheName(s, isAbstract: false)
            && (s.FileInode != 0 ? s.FileInode == unchecked((uint)file.FileInode) : s.Path == file.Path));

    /// <summary>An accepted connection bears its listener's name without holding it. Abstract names of stream and datagram sockets do not
    /// meet; a server is taken to be a stream.</summary>
    private static bool HoldsTheName(HeldSocket socket, bool isAbstract) =>
        socket.State != TcpSocketState.Established && (!isAbstract || socket.SocketType is 0 or Stream);
}
