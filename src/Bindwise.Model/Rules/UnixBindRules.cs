using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>bind() to a UNIX address (unix_bind_bsd, unix_bind_abstract): never probed, since a bind leaves a file.</summary>
internal static class UnixBindRules
{
    public static Decision Decide(BindRequest request, Snapshot snapshot)
    {
        var path = request.Path ?? "";
        var held = snapshot.Sockets.Where(s => s.Path == path && (s.State == TcpState.Listen || s.Remote == default)).ToList();
        if (path.StartsWith('@'))
        {
            return held.Count == 0
                ? Decision.Allow(RuleBook.NothingInTheWay)
                : new Decision(Outcome.Blocked, "EADDRINUSE", RuleBook.UnixAbstractTaken, [.. held.Select(s => new BlockingSocket(s, RuleBook.UnixAbstractTaken, true))]);
        }
        if (snapshot.UnixPath is not { } file)
            return Decision.Unsettled(RuleBook.UnixPathFree);
        if (file.Exists)
            return new Decision(Outcome.Blocked, "EADDRINUSE", RuleBook.UnixPathExists, [.. held.Select(s => new BlockingSocket(s, RuleBook.UnixPathExists, true))]);
        return file.ParentErrno == 0
            ? Decision.Allow(RuleBook.UnixPathFree)
            : Decision.Block(ErrnoNames.Of(file.ParentErrno), RuleBook.UnixPathUnreachable);
    }
}
