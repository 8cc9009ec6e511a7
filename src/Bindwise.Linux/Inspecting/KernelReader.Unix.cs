using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Linux.Processes;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Subjects;
using Bindwise.Linux.UnixPaths;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Linux.Inspecting;

/// <summary>What is read of a UNIX path.</summary>
internal sealed partial class KernelReader
{
    /// <summary>A socket's file is made after its server was started; the two clocks may differ by so much.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromSeconds(2);

    private UnixFileId _file;

    public Snapshot ReadUnix(Snapshot known) => Timed("UNIX sockets", () =>
    {
        known = SubjectPath.Read(known, _program, _target.Path!, out _file);
        var sockets = new List<HeldSocket>();
        var outcome = Table().ReadUnix(UnixName(), _file, sockets);
        return With(known, outcome, sockets, c => c with { ListenersRead = true, AllStatesRead = true });
    });

    /// <summary>
    /// A socket file to which nobody in this network namespace is bound: whether it is a dead server's, and where the living one is. Only
    /// the kernel's ECONNREFUSED shows a dead one.
    /// </summary>
    public Snapshot ReadUnixServer(Snapshot known, RequestPlan plan)
    {
        if (known.UnixPath is { Kind: UnixPathReader.Link } link)
            return Timed("the link's end", () => known with { UnixPath = ReadLink(link) });
        if (known.UnixPath is not { IsSocket: true } file || IsHeld(known, plan))
            return known;
        return Timed("the path's server", () =>
        {
            var errno = Inspect(() => UnixServer.Ask(file.Path));
            file = file with { ConnectErrno = (int)errno, IsServed = UnixServer.FactOf(errno) };
            known = known with { UnixPath = file };
            if (file.IsServed == Fact.No)
                return known;
            known = WithForeignServers(known, file.IsServed == Fact.Yes);
            if (file.IsServed == Fact.Yes && !IsHeld(known, plan))
                known = WithServerByInode(known);
            if (file.IsServed == Fact.Yes && !IsHeld(known, plan))
                known = known with { UnixPath = file with { Server = Inspect(() => FindServer(file.Path)) } };
            return known;
        });
    }

    /// <summary>bind() stops at the link; who serves behind it is what clients meet there.</summary>
    private UnixPathRecord ReadLink(UnixPathRecord link)
    {
        var (file, name, target) = (default(UnixFileId), Array.Empty<byte>(), (string?)null);
        var (reached, errno) = Inspect(() =>
        {
            target = UnixPathReader.TargetOf(link.Path);
            return (UnixPathReader.ReadReached(link.Path, out file, out name), UnixServer.Ask(link.Path));
        });
        link = link with
        {
            LinkTarget = target,
            ConnectErrno = (int)errno,
            IsServed = UnixServer.FactOf(errno),
        };
        var sockets = new List<HeldSocket>();
        if (!reached.IsSocket || !Table().ReadUnix(name, file, sockets).IsComplete
            || sockets.Find(static s => s.HoldsItsName) is not { Inode: > 0 and var inode })
            return link;
        var found = OwnerSearch.Find([inode]);
        return found.Holders is not [var holder, ..] ? link
            : link with { Server = OwnersAhead.ReadProcesses(found, _userNames.Find).FirstOrDefault(p => p.Id == holder.ProcessId) };
    }

    /// <summary>
    /// Whoever is bound to the name and not to the file there: whether it is the file of that name in mounts or a folder of its own.
    /// </summary>
    private Snapshot WithOtherFiles(Snapshot known)
    {
        var holders = known.Holders.ToLookup(static holder => holder.Inode);
        return known with
        {
            Sockets = [.. known.Sockets.Select(s => s is { FileInode: not 0, HoldsItsName: true } && s.FileInode != _file.Inode
                && s.Path == _target.Path && holders[s.Inode].FirstOrDefault() is { ProcessId: > 0 } holder
                    ? s with { IsReachedByHolder = ProgramFolders.Leads(holder.ProcessId, s.Path!, s.FileInode) } : s)],
        };
    }

    /// <summary>Looks as the program sees paths, which was possible before.</summary>
    private T Inspect<T>(Func<T> inspection)
    {
        if (_program is not { } program)
            return inspection();
        var seen = default(T)!;
        _ = program.Inspect(_target.Path!, () => seen = inspection());
        return seen;
    }

    private static bool IsHeld(Snapshot known, RequestPlan plan) => plan.Asked.Any(r => !BindRules.Decide(r, known).Blockers.IsEmpty);

    private byte[] UnixName() => _target.Path is ['@', ..] path ? [0, .. AbstractName.Read(path)] : Encoding.UTF8.GetBytes(_target.Path!);

    /// <summary>
    /// Those of other network namespaces. One that only has the name is taken where it is certain
    /// that one is alive, and it is the only one.
    /// </summary>
    private Snapshot WithForeignServers(Snapshot known, bool isServed)
    {
        var own = known.Caller.As is { IsOtherNetwork: true } ? _program!.CallersNetwork : 0;
        var survey = ElsewhereReader.Read(new ForeignUnixSockets(UnixName(), _file).TryRead, own, _userNames.Find);
        var bound = survey.Sockets.Where(static r => r.Socket.FileInode != 0).ToList();
        if (bound.Count == 0 && isServed && survey.Sockets is [var only])
            bound.Add(only);
        return known with
        {
            Elsewhere = survey with { Sockets = [.. bound] },
            Sockets = [.. known.Sockets, .. bound.Select(static r => r.Socket)]
        };
    }

    /// <summary>
    /// Some file systems (btrfs, overlayfs) tell stat(2) another device than the kernel's own: then the
    /// inode alone is left, where it is the only one.
    /// </summary>
    private Snapshot WithServerByInode(Snapshot known)
    {
        var sockets = new List<HeldSocket>();
        return Table().ReadUnix(UnixName(), _file, sockets, isAnyDevice: true).IsComplete
            && sockets.Where(s => s.FileInode == _file.Inode && s.HoldsItsName).ToList() is [var only]
            ? known with { Sockets = [.. known.Sockets, only] } : known;
    }

    /// <summary>
    /// The process that called listen(), by the number that the kernel noted then: one that was started after
    /// the file was made has only inherited the number.
    /// </summary>
    private ProcessRecord? FindServer(string path)
    {
        if (UnixServer.FindListener(path) is not { ProcessId: > 0 } peer
            || FileStatusCall.Lstat(Encoding.UTF8.GetBytes(path + "\0"), out var status) != Errno.None)
            return null;
        var made = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(status.Modified.Seconds, 0, int.MaxValue));
        return new ProcessReader(_userNames.Find).Read(peer.ProcessId) is { StartedAt: { } started } process && started <= made + ClockSlack
            ? process : null;
    }
}
