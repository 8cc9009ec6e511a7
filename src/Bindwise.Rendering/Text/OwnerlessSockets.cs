using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>Sockets that no process holds, called what they are, and those whose process could not be seen.</summary>
internal static class OwnerlessSockets
{
    /// <summary>
    /// What the headline does not name: the kernel's part, or who opened a socket whose holder cannot be seen. Null for nothing.
    /// </summary>
    public static Paragraph? Short(Diagnosis diagnosis)
    {
        var kernel = diagnosis.Blockers.Select(static blocker => blocker.Kernel?.Label).OfType<string>().Distinct(StringComparer.Ordinal)
            .Where(label => !diagnosis.Summary.Contains(label, StringComparison.Ordinal)).ToList();
        if (kernel.Count > 0)
            return new Paragraph().Add(TextRole.Name, string.Join(", ", kernel));
        return diagnosis.Blockers.FirstOrDefault(IsUnseen) is { } unseen && Opener(unseen) is { } opener
            ? new Paragraph().Add("not visible to you; the socket was opened ").Add(opener)
            : null;
    }

    public static IEnumerable<Paragraph> Full(Diagnosis diagnosis)
    {
        var moments = new Moments(diagnosis.TakenAt);
        foreach (var group in diagnosis.Blockers.GroupBy(blocker => blocker.Kernel?.Label))
        {
            if (group.First().Kernel is { } kernel)
                yield return OfKernel(kernel);
        }
        var ownerless = diagnosis.Blockers.Where(static blocker => blocker is { Owners.IsEmpty: true, Kernel: null }).ToList();
        foreach (var group in ownerless.Select(static blocker => blocker.Socket).Where(static socket => socket.IsWithoutProcess)
            .GroupBy(SocketText.State))
            yield return new Paragraph().Add(Kept(diagnosis, [.. group], moments));
        foreach (var group in ownerless.Where(static blocker => !blocker.Socket.IsWithoutProcess)
            .GroupBy(static blocker => (SocketText.State(blocker.Socket), blocker.Socket.UserId)))
            yield return Unseen([.. group]);
    }

    private static bool IsUnseen(Blocker blocker) => blocker is { Owners.IsEmpty: true, Kernel: null, Socket.IsWithoutProcess: false };

    private static Paragraph OfKernel(KernelOwner kernel)
    {
        var text = new Paragraph();
        if (kernel.Kind != KernelServiceKind.Other)
            text.Add("the kernel, for ");
        text.Add(TextRole.Name, kernel.Label).Add("; no process holds the socket");
        if (kernel.Source.Length > 0)
            text.AddFact("according to ").Add(TextRole.Dim, kernel.Source);
        if (kernel.Handler is { } handler)
            text.AddFact("handled by ").Add(TextRole.Dim, handler);
        return text;
    }

    private static string Kept(Diagnosis diagnosis, List<HeldSocket> sockets, Moments moments)
    {
        if (sockets[0].State is TcpSocketState.Listen or TcpSocketState.Bound or TcpSocketState.Close)
            return $"no process; the kernel itself has {Counted(sockets.Count, sockets[0])} open";
        var text = $"no process; the kernel keeps {Counted(HeldRows.Count(diagnosis, sockets), sockets[0])}";
        if (!sockets.TrueForAll(socket => socket.MillisecondsLeft is not null))
            return text;
        var end = moments.After(sockets.Max(socket => socket.MillisecondsLeft.GetValueOrDefault()));
        return sockets[0].MayTurnIntoTimeWait ? $"{text} until {moments.Until(end)}, or for 60 s from when the peer closes"
            : $"{text} until {moments.Until(diagnosis.FreeAt ?? end)}";
    }

    private static Paragraph Unseen(List<Blocker> blockers)
    {
        var text = new Paragraph().Add($"not visible to you: the process that holds {Counted(blockers.Count, blockers[0].Socket)}");
        if (Opener(blockers[0]) is { } opener)
            text.Add(", opened ").Add(opener);
        if (blockers is [{ Socket.Inode: > 0 and var inode }])
            text.Add(Invariant($" (inode {inode})"));
        return text;
    }

    // The kernel remembers who opened a socket; it may have been passed on since.
    private static Paragraph? Opener(Blocker blocker)
    {
        var text = new Paragraph();
        if (blocker.Hint is { IsOutsideUser: true })
            text.Add("by a user outside this user namespace");
        else if (blocker.Hint?.UserName is { } name)
            text.Add("by user ").Add(TextRole.Name, name);
        else if (blocker.Socket.UserId is { } id)
            text.Add(Invariant($"by uid {id}"));
        var place = blocker.Hint switch
        {
            { Container: { } container } => "container " + ContainerRecord.ShortId(container),
            { Unit: { } unit } => unit,
            _ => null,
        };
        if (place is not null)
            text.Add(text.IsEmpty ? "in " : " in ").Add(TextRole.Name, place);
        return text.IsEmpty ? null : text;
    }

    private static string Counted(int count, HeldSocket socket)
    {
        var noun = (socket.State, socket.Protocol) switch
        {
            (TcpSocketState.Listen, _) => "listening socket",
            (_, Protocol.Udp) => "UDP socket",
            (_, Protocol.Unix) => "UNIX socket",
            (TcpSocketState.Bound or TcpSocketState.Close, _) => "bound socket",
            _ => "connection",
        };
        var state = noun == "connection" ? " in " + SocketText.State(socket) : "";
        return Invariant($"{count} {noun}{(count == 1 ? "" : "s")}{state}");
    }
}
